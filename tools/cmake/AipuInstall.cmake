# SPDX-License-Identifier: Apache-2.0
# `cmake --install BUILD --prefix P`: the program, and the firmware SDK under share/hc1000 with the paths that
# includes are written with. Nothing in it names this tree.
include(GNUInstallDirs)
set(sdk ${CMAKE_INSTALL_DATADIR}/hc1000)
install(TARGETS hc1000 RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(folder boot hal rt kernels host sdk)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/firmware/${folder} DESTINATION ${sdk}/firmware
          PATTERN hc1000-config.cmake EXCLUDE)
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/hw/program DESTINATION ${sdk}/hw
        FILES_MATCHING PATTERN "launch.h" PATTERN "sram_map.h")
install(DIRECTORY ${PROJECT_BINARY_DIR}/generated/c/regs DESTINATION ${sdk}/generated)
install(FILES ${PROJECT_SOURCE_DIR}/firmware/sdk/hc1000-config.cmake DESTINATION lib/cmake/hc1000)
# Documents: what a user of the SDK reads, and the reference made from hw/regs.
set(doc ${CMAKE_INSTALL_DATADIR}/doc/hc1000)
install(FILES ${PROJECT_SOURCE_DIR}/firmware/README.md ${PROJECT_SOURCE_DIR}/firmware/TUTORIAL.md
        DESTINATION ${doc}/firmware)
install(FILES ${PROJECT_SOURCE_DIR}/hw/docs/programming_model.md DESTINATION ${doc}/hw/docs)
install(DIRECTORY ${PROJECT_BINARY_DIR}/generated/md/ DESTINATION ${doc}/reference)

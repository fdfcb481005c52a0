# SPDX-License-Identifier: Apache-2.0
# Programs of the control harts, cross-compiled for RV32IMAC with the SDK's own fragment, and what an
# installed SDK consists of.
set(HC1000_SDK ${PROJECT_SOURCE_DIR})
set(HC1000_REGS ${PROJECT_BINARY_DIR}/generated/c)
include(${PROJECT_SOURCE_DIR}/firmware/sdk/hc1000-firmware.cmake)

# firmware_elf(core SOURCES a.c firmware/b.S [LIBRARIES semihost] [LINK flags]) makes core.elf in the current build folder,
# by the target firmware_core. Sources are relative to the current folder, or else to the root. LINK: more flags of the
# link, as -Wl,--defsym=__stack_bytes=16384.
function(firmware_elf name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES;LINK" ${ARGN})
  set(sources)
  foreach(source ${ARG_SOURCES})
    set(path ${CMAKE_CURRENT_SOURCE_DIR}/${source})
    if(NOT EXISTS ${path})
      set(path ${PROJECT_SOURCE_DIR}/${source})
    endif()
    list(APPEND sources ${path})
  endforeach()
  hc1000_program(firmware_${name} ${CMAKE_CURRENT_BINARY_DIR}/${name}.elf ${CMAKE_CURRENT_BINARY_DIR}/${name}
                 SOURCES ${sources} LIBRARIES ${ARG_LIBRARIES} LINK ${ARG_LINK} DEPENDS aipu_regs FLAGS -Werror)
endfunction()

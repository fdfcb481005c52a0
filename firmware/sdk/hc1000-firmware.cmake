# SPDX-License-Identifier: Apache-2.0
# Firmware for the harts of an AIPU, in the tree and against an installed SDK.
#
#   hc1000_firmware(NAME SOURCES a.c b.c [LIBRARIES semihost])   makes NAME.elf by the target NAME
#   hc1000_host_test(NAME SOURCES a.c test.c)                    the same code over the recorder, for the host
#
# Sources are relative to the current folder. Boot code and run time come with every program; kernels of
# the library are named as ${HC1000_SDK}/firmware/kernels/gemm.c. The toolchain's flags are the *.flags files
# beside this one, which a Makefile reads as well (hc1000-firmware.mk).
find_program(HC1000_GCC riscv64-unknown-elf-gcc REQUIRED)
set(HC1000_FLAGS_DIR ${CMAKE_CURRENT_LIST_DIR})
if(NOT HC1000_SDK) # the tree sets it
  cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH HC1000_SDK)
  cmake_path(GET HC1000_SDK PARENT_PATH HC1000_SDK)
  set(HC1000_REGS ${HC1000_SDK}/generated)
endif()
set(HC1000_FIRMWARE_FLAGS @${HC1000_FLAGS_DIR}/gcc.flags @${HC1000_FLAGS_DIR}/common.flags
    -I${HC1000_SDK} -I${HC1000_REGS} -ffile-prefix-map=${HC1000_SDK}=. -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.
    -ffile-prefix-map=${CMAKE_BINARY_DIR}=build)
# The assembler has a map of its own.
set(HC1000_ASSEMBLER_FLAGS -Wa,--debug-prefix-map=${HC1000_SDK}=. -Wa,--debug-prefix-map=${CMAKE_BINARY_DIR}=build)
set(HC1000_RUN_TIME boot/crt0.S boot/start.c boot/memory.c rt/rt.c rt/collective.c)
list(TRANSFORM HC1000_RUN_TIME PREPEND ${HC1000_SDK}/firmware/)

# hc1000_program(TARGET ELF OBJECT_DIR SOURCES whole paths [LIBRARIES l] [DEPENDS targets] [FLAGS f] [LINK f])
function(hc1000_program target elf objects)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES;DEPENDS;FLAGS;LINK" ${ARGN})
  set(inputs)
  foreach(source ${ARG_SOURCES})
    file(RELATIVE_PATH name ${HC1000_SDK} ${source})
    string(REPLACE "../" "_/" name ${name})
    set(object ${objects}/${name}.o)
    cmake_path(GET object PARENT_PATH folder)
    file(MAKE_DIRECTORY ${folder})
    set(more ${ARG_FLAGS})
    if(source MATCHES "[.]S$")
      list(APPEND more ${HC1000_ASSEMBLER_FLAGS})
    endif()
    add_custom_command(
      OUTPUT ${object}
      COMMAND ${HC1000_GCC} ${HC1000_FIRMWARE_FLAGS} ${more} -MD -MF ${object}.d -MT ${object} -c ${source}
              -o ${object}
      DEPENDS ${source} ${ARG_DEPENDS} ${HC1000_FLAGS_DIR}/gcc.flags ${HC1000_FLAGS_DIR}/common.flags
      DEPFILE ${object}.d
      COMMENT "firmware ${target}: ${name}" VERBATIM)
    list(APPEND inputs ${object})
  endforeach()
  list(TRANSFORM ARG_LIBRARIES PREPEND --oslib=)
  set(script ${HC1000_SDK}/firmware/boot/core.ld)
  add_custom_command(
    OUTPUT ${elf}
    COMMAND ${HC1000_GCC} ${HC1000_FIRMWARE_FLAGS} @${HC1000_FLAGS_DIR}/link.flags ${ARG_LIBRARIES} ${ARG_LINK}
            -T${script} ${inputs} -o ${elf}
    DEPENDS ${inputs} ${script} ${HC1000_FLAGS_DIR}/link.flags
    COMMENT "firmware ${elf}" VERBATIM)
  add_custom_target(${target} ALL DEPENDS ${elf})
endfunction()

function(hc1000_firmware name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(sources ${HC1000_RUN_TIME})
  foreach(source ${ARG_SOURCES})
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    list(APPEND sources ${source})
  endforeach()
  hc1000_program(${name} ${CMAKE_CURRENT_BINARY_DIR}/${name}.elf ${CMAKE_CURRENT_BINARY_DIR}/${name}.dir
                 SOURCES ${sources} LIBRARIES ${ARG_LIBRARIES})
endfunction()

function(hc1000_host_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
  set(library ${HC1000_SDK}/firmware/host/recorder.c ${HC1000_SDK}/firmware/rt/rt.c
              ${HC1000_SDK}/firmware/rt/collective.c)
  add_executable(${name} ${ARG_SOURCES} ${library})
  target_include_directories(${name} PRIVATE ${HC1000_SDK} ${HC1000_REGS})
  target_compile_definitions(${name} PRIVATE HC_HOST_HAL RECORDER_NO_KERNELS)
  set_target_properties(${name} PROPERTIES C_STANDARD 11)
  add_test(NAME ${name} COMMAND ${name})
endfunction()

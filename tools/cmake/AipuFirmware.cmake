# SPDX-License-Identifier: Apache-2.0
# Programs of the control harts, cross-compiled for RV32IMAC. `-march=rv32imac -misa-spec=2.2` is the
# spelling that both knows the CSR instructions and links the right picolibc variant.
find_program(RISCV_GCC riscv64-unknown-elf-gcc REQUIRED)
set(FIRMWARE_FLAGS -march=rv32imac -mabi=ilp32 -misa-spec=2.2 -std=c11 -O2 -g -ffreestanding
    -fno-common -ffunction-sections -fdata-sections -mcmodel=medany -msmall-data-limit=8
    -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wno-main
    -I${PROJECT_SOURCE_DIR} -I${PROJECT_BINARY_DIR}/generated/c --specs=picolibc.specs)
# Debug paths relative to the root: the same bytes wherever the tree lies.
list(APPEND FIRMWARE_FLAGS -ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -ffile-prefix-map=${PROJECT_BINARY_DIR}=build)

# firmware_elf(core SOURCES a.c firmware/b.S) makes core.elf in the current build folder, by the target
# firmware_core. Sources are relative to the current folder, or else to the root. LINK: more flags of the
# link, as -Wl,--defsym=__stack_bytes=16384.
function(firmware_elf name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  set(objects)
  foreach(source ${ARG_SOURCES})
    set(path ${CMAKE_CURRENT_SOURCE_DIR}/${source})
    if(NOT EXISTS ${path})
      set(path ${PROJECT_SOURCE_DIR}/${source})
    endif()
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}/${source}.o)
    get_filename_component(folder ${object} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(
      OUTPUT ${object}
      COMMAND ${RISCV_GCC} ${FIRMWARE_FLAGS} -MD -MF ${object}.d -MT ${object} -c ${path} -o ${object}
      DEPENDS ${path} aipu_regs
      DEPFILE ${object}.d
      COMMENT "firmware ${name}: ${source}" VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  set(script ${PROJECT_SOURCE_DIR}/firmware/boot/core.ld)
  set(elf ${CMAKE_CURRENT_BINARY_DIR}/${name}.elf)
  add_custom_command(
    OUTPUT ${elf}
    COMMAND ${RISCV_GCC} ${FIRMWARE_FLAGS} -nostartfiles -T${script} -Wl,--gc-sections
            -Wl,--build-id=none ${ARG_LINK} ${objects} -o ${elf}
    DEPENDS ${objects} ${script}
    COMMENT "firmware ${name}.elf" VERBATIM)
  add_custom_target(firmware_${name} ALL DEPENDS ${elf})
endfunction()

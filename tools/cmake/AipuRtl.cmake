# SPDX-License-Identifier: Apache-2.0
# Verilated switches: AIPU_RTL is on by default where Verilator is found.
find_package(verilator QUIET HINTS $ENV{VERILATOR_ROOT} /usr/share/verilator)
if(verilator_FOUND)
  set(AIPU_RTL_DEFAULT ON)
else()
  set(AIPU_RTL_DEFAULT OFF)
endif()
option(AIPU_RTL "build the RTL switch (needs Verilator)" ${AIPU_RTL_DEFAULT})
if(AIPU_RTL AND NOT verilator_FOUND)
  message(FATAL_ERROR "AIPU_RTL=ON needs Verilator (Debian package `verilator`), or set AIPU_RTL=OFF")
endif()

set(AIPU_RTL_PORTS 4 5 16 CACHE STRING "ports of the Verilated switches, ascending; each is built with speed-up 1 and 2")

# Parameters of every model; the adapter (tlm/cosim) is compiled with the same.
set(AIPU_RTL_NODES 1024)
set(AIPU_RTL_POOL_WIDTH 5)
set(AIPU_RTL_CREDIT_WIDTH 17)
set(AIPU_RTL_DEPTH_PER_PORT 2048)  # flits of an input: 4 classes x 512 for each output
set(AIPU_RTL_PIPELINE 4)
set(AIPU_RTL_OUT_FLITS 66)

# Another router of the same ports takes the place of the switch in the whole build (hw/docs/rtl.md).
set(AIPU_RTL_ROUTER rtl/files.txt CACHE STRING "list of the router's files, one a line, from the root of the sources")
set(AIPU_RTL_ROUTER_TOP directcom_switch CACHE STRING "its top module")
set(AIPU_RTL_TIMING exact CACHE STRING "exact: cycles of the C++ model, lockstep; any: the router has its own")
set_property(CACHE AIPU_RTL_TIMING PROPERTY STRINGS exact any)
file(STRINGS ${PROJECT_SOURCE_DIR}/${AIPU_RTL_ROUTER} AIPU_RTL_FILES)
list(TRANSFORM AIPU_RTL_FILES PREPEND ${PROJECT_SOURCE_DIR}/)
file(STRINGS ${PROJECT_SOURCE_DIR}/rtl/sva/files.txt AIPU_RTL_SVA_FILES)  # assertions, bound in
list(TRANSFORM AIPU_RTL_SVA_FILES PREPEND ${PROJECT_SOURCE_DIR}/)

# What a snapshot of a model depends on: the sources, how they are built (this file), the compiler.
set(AIPU_RTL_BUILD "${verilator_VERSION}")
foreach(source ${AIPU_RTL_FILES} ${CMAKE_CURRENT_LIST_FILE})
  file(SHA256 ${source} hash)
  string(APPEND AIPU_RTL_BUILD ${hash})
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
endforeach()
string(SHA256 AIPU_RTL_BUILD "${AIPU_RTL_BUILD}")
string(SUBSTRING ${AIPU_RTL_BUILD} 0 16 AIPU_RTL_BUILD)

# aipu_verilated_switch(16 2), of 16 ports with speed-up 2, makes the library aipu_rtl_switch16x2 with
# the class VDirectcomSwitch16x2. Of another router: NAME (in place of switch), TOP (its module), FILES, ARGS of
# Verilator.
# One build serves all: waves (FST), snapshots and assertions are compiled in, and off until asked for.
# Plain -O2 is as fast as -march=native here, and the warnings of the project are not for it.
function(aipu_verilated_switch ports speedup)
  cmake_parse_arguments(ARG "" "NAME;TOP" "FILES;ARGS" ${ARGN})
  if(NOT ARG_NAME)
    set(ARG_NAME switch)
    set(ARG_TOP ${AIPU_RTL_ROUTER_TOP})
    set(ARG_FILES ${AIPU_RTL_FILES})
    if(AIPU_RTL_ROUTER STREQUAL rtl/files.txt)
      list(APPEND ARG_FILES ${AIPU_RTL_SVA_FILES})
    else()
      list(APPEND ARG_ARGS -Wno-UNUSEDPARAM)  # of packet_pkg
    endif()
  endif()
  set(target aipu_rtl_${ARG_NAME}${ports}x${speedup})
  string(SUBSTRING ${ARG_NAME} 0 1 first)
  string(SUBSTRING ${ARG_NAME} 1 -1 others)
  string(TOUPPER ${first} first)
  math(EXPR depth "${AIPU_RTL_DEPTH_PER_PORT} * ${ports} + 1")
  set(hints "")
  if(ARG_TOP STREQUAL directcom_switch)
    set(hints ${PROJECT_SOURCE_DIR}/rtl/verilator.vlt)
  endif()
  add_library(${target} STATIC EXCLUDE_FROM_ALL)
  verilate(${target} PREFIX VDirectcom${first}${others}${ports}x${speedup} TOP_MODULE ${ARG_TOP}
    SOURCES ${hints} ${ARG_FILES}
    INCLUDE_DIRS ${PROJECT_SOURCE_DIR}/rtl/sva
    OPT_FAST -O2 OPT_SLOW -O1
    VERILATOR_ARGS -Wall --x-assign fast --x-initial fast --assert --trace-fst --savable --unroll-count 4 --output-split 20000
      -GPorts=${ports} -GSpeedup=${speedup} -GOutFlits=${AIPU_RTL_OUT_FLITS} -GDepth=${depth} -GNodes=${AIPU_RTL_NODES} -GPipeline=${AIPU_RTL_PIPELINE}
      -GPoolWidth=${AIPU_RTL_POOL_WIDTH} -GCreditWidth=${AIPU_RTL_CREDIT_WIDTH} ${ARG_ARGS})
  target_compile_options(${target} PRIVATE -w)
endfunction()

# aipu_switch_pins(test_x NAME mutant MODELS 4x1 4x2 TOP .. FILES .. ARGS ..): in that program SwitchPins::make() gives
# these models in place of the usual ones.
function(aipu_switch_pins program)
  cmake_parse_arguments(ARG "" "NAME;TOP" "MODELS;FILES;ARGS" ${ARGN})
  set(target aipu_rtl_pins_${ARG_NAME})
  set(sources ${PROJECT_SOURCE_DIR}/tlm/cosim/switch_pins.cpp)
  add_library(${target} OBJECT ${sources})
  string(SUBSTRING ${ARG_NAME} 0 1 first)
  string(SUBSTRING ${ARG_NAME} 1 -1 others)
  string(TOUPPER ${first} first)
  foreach(model ${ARG_MODELS})
    string(REPLACE "x" ";" size ${model})
    list(GET size 0 ports)
    list(GET size 1 speedup)
    aipu_verilated_switch(${ports} ${speedup} NAME ${ARG_NAME} TOP ${ARG_TOP} FILES ${ARG_FILES} ARGS ${ARG_ARGS})
    set(library aipu_rtl_${ARG_NAME}${model})
    get_target_property(folders ${library} INTERFACE_INCLUDE_DIRECTORIES)
    target_include_directories(${target} SYSTEM PRIVATE ${folders})
    target_link_libraries(${program} PRIVATE ${library})
    set(class VDirectcom${first}${others}${model})
    string(APPEND includes "#include <${class}.h>\n")
    string(APPEND models "AIPU_RTL_MODEL(${class}, ${ports}, ${speedup})\n")
  endforeach()
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/models_${ARG_NAME})
  file(CONFIGURE OUTPUT ${folder}/switch_models.h CONTENT "${includes}")
  file(CONFIGURE OUTPUT ${folder}/switch_models.inc CONTENT "${models}")
  target_include_directories(${target} SYSTEM PRIVATE ${folder})
  target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:aipu_rtl_pins,COMPILE_DEFINITIONS>)
  target_link_libraries(${target} PRIVATE aipu_options)
  target_link_libraries(${program} PRIVATE ${target})
endfunction()

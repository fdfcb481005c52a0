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

file(STRINGS ${PROJECT_SOURCE_DIR}/rtl/files.txt AIPU_RTL_FILES)
list(TRANSFORM AIPU_RTL_FILES PREPEND ${PROJECT_SOURCE_DIR}/)

# aipu_verilated_switch(16 2), of 16 ports with speed-up 2, makes the library aipu_rtl_switch16x2 with
# the class VDirectcomSwitch16x2.
# One build serves all: waves (FST), snapshots and assertions are compiled in, and off until asked for.
# Plain -O2 is as fast as -march=native here, and the warnings of the project are not for it.
function(aipu_verilated_switch ports speedup)
  set(target aipu_rtl_switch${ports}x${speedup})
  math(EXPR depth "${AIPU_RTL_DEPTH_PER_PORT} * ${ports} + 1")
  add_library(${target} STATIC EXCLUDE_FROM_ALL)
  verilate(${target} PREFIX VDirectcomSwitch${ports}x${speedup} TOP_MODULE directcom_switch
    SOURCES ${PROJECT_SOURCE_DIR}/rtl/verilator.vlt ${AIPU_RTL_FILES}
    OPT_FAST -O2 OPT_SLOW -O1
    VERILATOR_ARGS -Wall --x-assign fast --x-initial fast --assert --trace-fst --savable --unroll-count 4 --output-split 20000
      -GPorts=${ports} -GSpeedup=${speedup} -GOutFlits=${AIPU_RTL_OUT_FLITS} -GDepth=${depth} -GNodes=${AIPU_RTL_NODES} -GPipeline=${AIPU_RTL_PIPELINE}
      -GPoolWidth=${AIPU_RTL_POOL_WIDTH} -GCreditWidth=${AIPU_RTL_CREDIT_WIDTH})
  target_compile_options(${target} PRIVATE -w)
endfunction()

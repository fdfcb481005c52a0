# SPDX-License-Identifier: Apache-2.0
include(GoogleTest)

# One block of one room: aipu_block(hw dma SOURCES a.cpp DEPS aipu_hw_base) makes `aipu_hw_dma`.
# The link rules repeat what tools/lint/layers.py allows; the room's target collects its blocks.
function(aipu_block room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  set(target aipu_${room}_${name})
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    target_link_libraries(${target} PUBLIC aipu_options ${ARG_DEPS})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE aipu_options ${ARG_DEPS})
  endif()
  if(TARGET aipu_regs)
    add_dependencies(${target} aipu_regs)
  endif()
endfunction()

# aipu_test(hw_dma SOURCES plan_test.cpp LIBS aipu_hw_dma LABELS unit [TIMEOUT 60])
# Every test case runs as a process of its own: one SystemC simulation per process.
function(aipu_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(test_${name} ${ARG_SOURCES})
  target_link_libraries(test_${name} PRIVATE aipu_test_support ${ARG_LIBS} GTest::gmock)
  gtest_discover_tests(test_${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
                       WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                       PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()

# aipu_bench(cpu SOURCES hart_bench.cpp LIBS ...): Google Benchmark, run by `tools/dev bench`.
function(aipu_bench name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(bench_${name} ${ARG_SOURCES})
  target_link_libraries(bench_${name} PRIVATE aipu_options ${ARG_LIBS} benchmark::benchmark)
endfunction()

# SPDX-License-Identifier: Apache-2.0
# Third-party libraries, all of them Debian packages named in tools/packages.txt.
find_package(PkgConfig REQUIRED)
pkg_check_modules(SYSTEMC REQUIRED systemc)
add_library(systemc INTERFACE)
target_include_directories(systemc SYSTEM INTERFACE ${SYSTEMC_INCLUDE_DIRS})
# Dynamic process stacks are not used; the define keeps TLM convenience sockets free of warnings.
target_compile_definitions(systemc INTERFACE SC_INCLUDE_DYNAMIC_PROCESSES)
target_link_libraries(systemc INTERFACE ${SYSTEMC_LINK_LIBRARIES})

find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(Eigen3 REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(LIBELF REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
set(Python3_FIND_STRATEGY LOCATION)  # the distribution's own, which has python3-yaml
set(Python3_ROOT_DIR /usr)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
if(AIPU_TESTS)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
endif()

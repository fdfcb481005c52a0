# SPDX-License-Identifier: Apache-2.0
# Dialect, warnings and sanitizers, once for every target.
option(AIPU_TESTS "build the tests" ON)
option(AIPU_SANITIZE "address and undefined-behaviour sanitizers" OFF)

set(CMAKE_CXX_STANDARD 17)  # the packaged SystemC links with no other dialect
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2")  # assertions stay on in every build (hw/base/assert.h)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(aipu_options INTERFACE)
target_include_directories(aipu_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
target_compile_options(aipu_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Werror>)
if(AIPU_SANITIZE)
  target_compile_options(aipu_options INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer
                         -fno-sanitize-recover=undefined)
  target_link_options(aipu_options INTERFACE -fsanitize=address,undefined)
endif()

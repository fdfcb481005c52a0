# SPDX-License-Identifier: Apache-2.0
# Target `headers`: one translation unit per header, so that each proves that it compiles alone.
# Not part of `all`; `tools/dev headers` builds it.
set(units "")
foreach(room hw tlm sim)
  file(GLOB_RECURSE headers RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${room}/*.h)
  foreach(header ${headers})
    string(MAKE_C_IDENTIFIER ${header} unit)
    set(unit ${PROJECT_BINARY_DIR}/headers/${unit}.cpp)
    file(CONFIGURE OUTPUT ${unit} CONTENT "#include \"${header}\"  // IWYU pragma: keep\n" @ONLY)
    list(APPEND units ${unit})
  endforeach()
endforeach()
add_library(headers OBJECT EXCLUDE_FROM_ALL ${units})
target_link_libraries(headers PRIVATE
  aipu_options systemc fmt::fmt spdlog::spdlog Eigen3::Eigen nlohmann_json::nlohmann_json yaml-cpp
  Boost::program_options)
add_dependencies(headers aipu_regs)

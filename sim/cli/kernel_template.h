// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace aipu::cli {

/// A file of firmware/sdk/template, where `kernel_name` stands for the name of the kernel.
struct TemplateFile {
  const char* name;
  const char* text;
};

/// All of them: built into the program, so that it needs no installed files.
const std::vector<TemplateFile>& kernel_template();

}  // namespace aipu::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/cli/arguments.h"

namespace aipu::cli {

/// One verb of the program: how it is used, and what it does; or a group of them.
struct Verb {
  Usage usage;
  ExitCode (*run)(const Arguments& arguments);
  /// Of a group, which has nothing to run: its verbs, named `group verb`.
  const std::vector<Verb>& (*parts)() = nullptr;
};

Verb run_verb();
Verb generate_verb();
Verb explain_verb();
Verb report_verb();
Verb hart_verb();
Verb exec_verb();
Verb kernel_verb();
Verb new_kernel_verb();
Verb hbm_verb();
Verb fabric_verb();
Verb cosim_verb();
Verb doctor_verb();

/// All verbs, in the order of the help.
const std::vector<Verb>& verbs();

/// The whole program but for its exit code: `words` are the arguments without the program's name.
/// Throws UserError for every mistake of the user's.
ExitCode dispatch(const std::vector<std::string>& words);

}  // namespace aipu::cli

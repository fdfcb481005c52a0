// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <iostream>
#include <set>
#include <string>
#include <systemc>

#include "sim/cli/verbs.h"

// SystemC's library calls sc_main only from its own main(); the symbol only has to exist.
int sc_main(int, char**);
int sc_main(int, char**) {
  return 0;
}

namespace {

/// Standard output belongs to results: what the kernel has to say goes to standard error, each kind
/// of warning once.
void report_on_stderr(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
  static std::set<std::string> said;
  const bool fresh = said.insert(report.get_msg_type()).second;
  if ((actions & sc_core::SC_DISPLAY) != 0 && fresh) {
    std::cerr << "hc1000: " << sc_core::sc_report_compose_message(report) << std::endl;
  }
  sc_core::sc_report_handler::default_handler(
      report, actions & ~static_cast<sc_core::sc_actions>(sc_core::SC_DISPLAY));
}

constexpr int kInternalError = 70;  // EX_SOFTWARE: our mistake, not the user's

}  // namespace

int main(int argc, char** argv) {
  try {
    sc_core::sc_report_handler::set_handler(report_on_stderr);
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    const aipu::ExitCode code = aipu::cli::dispatch({argv + 1, argv + argc});
    std::cout.flush();
    if (!std::cout) throw aipu::IoError("standard output", "cannot be written");
    return static_cast<int>(code);
  } catch (const aipu::UserError& error) {
    std::cerr << "hc1000: " << error.what() << std::endl;
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    std::cerr << "hc1000: internal error: " << error.what() << std::endl;
    return kInternalError;
  }
}

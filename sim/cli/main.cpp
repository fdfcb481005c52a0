// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <iostream>
#include <systemc>

#include "sim/cli/verbs.h"

// SystemC's library calls sc_main only from its own main(); the symbol only has to exist.
int sc_main(int, char**);
int sc_main(int, char**) {
  return 0;
}

namespace {

constexpr int kInternalError = 70;  // EX_SOFTWARE: our mistake, not the user's

}  // namespace

int main(int argc, char** argv) {
  try {
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    return static_cast<int>(aipu::cli::dispatch({argv + 1, argv + argc}));
  } catch (const aipu::UserError& error) {
    std::cerr << "hc1000: " << error.what() << std::endl;
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    std::cerr << "hc1000: internal error: " << error.what() << std::endl;
    return kInternalError;
  }
}

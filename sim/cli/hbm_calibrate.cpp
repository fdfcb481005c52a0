// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/hbm_calibrate.h"

#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>

#include "sim/memory/new_file.h"
#include "tlm/hbm/calibration.h"

namespace aipu::cli {
namespace {

/// In percent; what rounds to nothing has no sign.
std::string percent(double error) {
  const double hundredths = std::round(error * 10'000);
  return fmt::format("{:+.2f} %", hundredths == 0 ? 0.0 : hundredths / 100);
}

/// What was measured and how well the servers do it, as YAML comments. Without anything that would
/// differ on another day or in another folder.
std::string header(const Arguments& arguments, const hbm::Calibration& c) {
  const std::string device = std::filesystem::path(arguments.text("device")).filename().string();
  std::string text = fmt::format(
      "# HBM of {}, policy {}, as the fast memory serves it: for simulation.calibration.\n", device,
      arguments.text("policy"));
  for (const std::string& key : arguments.all("set"))
    text += fmt::format("# {}\n", key);
  text += "# Time against that of the exact controller:\n";
  const std::pair<const char*, double> streams[] = {
      {"long reads", c.read_error},
      {"long writes", c.write_error},
      {"random reads and writes, 2:1", c.mixed_error},
      {"random single atoms", c.atom_error},
      {"random pieces of a quarter granule", c.piece_error}};
  for (const auto& [stream, error] : streams)
    text += fmt::format("#   {:<36}{:>9}\n", stream, percent(error));
  return text;
}

}  // namespace

ExitCode calibrate(const Arguments& arguments, const hbm::Config& device) {
  if (device.ecc == hbm::Ecc::kInline) {
    throw UsageError(arguments.verb(),
                     "--calibrate knows no check bits among the data; valid: ecc=sideband");
  }
  const hbm::Calibration calibration = hbm::calibrate(device);
  const std::string text = header(arguments, calibration) + hbm::to_yaml(calibration);
  if (arguments.given("output")) {
    memory::write_file(arguments.text("output"), text);
  } else {
    std::cout << text;
  }
  return ExitCode::kGood;
}

}  // namespace aipu::cli

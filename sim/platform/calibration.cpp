// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/calibration.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "hw/base/error.h"
#include "hw/config/yaml_source.h"

namespace aipu::platform {

std::optional<hbm::Calibration> given_calibration(const config::Simulation& simulation) {
  const std::string& path = simulation.calibration;
  if (simulation.memory != config::MemoryFidelity::kFast || path.empty()) return std::nullopt;
  std::ifstream in;
  if (!std::filesystem::is_directory(path)) in.open(path, std::ios::binary);
  if (!in.is_open()) throw IoError(path, "cannot be read");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const Schema<hbm::Calibration> schema = hbm::calibration_schema();
  hbm::Calibration calibration;
  Places places;
  schema.read(*config::parse_yaml(text, path), calibration, places);
  schema.check(calibration, places);
  return calibration;
}

}  // namespace aipu::platform

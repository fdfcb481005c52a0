// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/calibration.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <unistd.h>

#include "hw/base/error.h"

namespace aipu::platform {
namespace {

class CalibrationFileTest : public testing::Test {
 protected:
  ~CalibrationFileTest() override { std::filesystem::remove(simulation_.calibration); }
  void write(const std::string& text) const { std::ofstream(simulation_.calibration) << text; }
  std::string error() const {
    try {
      given_calibration(simulation_);
    } catch (const UserError& e) {
      return e.what();
    }
    return "none";
  }
  config::Simulation simulation_ = [] {
    config::Simulation simulation;
    simulation.memory = config::MemoryFidelity::kFast;
    const auto name = "hc1000-calibration-" + std::to_string(::getpid()) + ".yaml";
    simulation.calibration = (std::filesystem::temp_directory_path() / name).string();
    return simulation;
  }();
};

TEST_F(CalibrationFileTest, ReadsWhatIsPrinted) {
  const hbm::Calibration measured = hbm::calibrate(hbm::Config{});
  write(hbm::to_yaml(measured));
  const auto given = given_calibration(simulation_);
  ASSERT_TRUE(given);
  EXPECT_EQ(hbm::to_yaml(*given), hbm::to_yaml(measured));
  EXPECT_EQ(given->read_granule, measured.read_granule);
}

TEST_F(CalibrationFileTest, SaysWhatIsWrong) {
  EXPECT_THAT(error(), testing::HasSubstr("cannot be read"));
  write("read_granul: 40 ns\n");
  EXPECT_THAT(error(), testing::HasSubstr("did you mean 'read_granule'?"));
  write("read_granule: 40 ns\n");
  EXPECT_THAT(error(), testing::HasSubstr("read_granule and write_granule must be given"));
}

TEST_F(CalibrationFileTest, IsNotLookedForWhereNothingUsesIt) {
  simulation_.memory = config::MemoryFidelity::kExact;
  EXPECT_FALSE(given_calibration(simulation_));
  simulation_.memory = config::MemoryFidelity::kFast;
  simulation_.calibration = "";
  EXPECT_FALSE(given_calibration(simulation_));
}

}  // namespace
}  // namespace aipu::platform

// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/calibration.h"

#include <cmath>
#include <gtest/gtest.h>

#include "tlm/hbm/channel_server.h"

namespace aipu::hbm {
namespace {

/// Serves everything at fixed times, in order.
class Metronome : public Reference {
 public:
  std::vector<Picoseconds> run(const std::vector<Demand>& demands) override {
    std::vector<Picoseconds> done;
    Picoseconds free;
    Direction last = kRead;
    for (const Demand& demand : demands) {
      if (free < demand.at) {
        free = demand.at;
      } else if (demand.direction != last) {
        free += 6_ns;
      }
      last = demand.direction;
      free += demand.bytes <= 32 ? 9_ns : demand.direction == kRead ? 40_ns : 44_ns;
      done.push_back(free + 25_ns);
    }
    return done;
  }
};

TEST(CalibrationTest, FindsWhatAReferenceTakes) {
  Metronome reference;
  const Calibration c = calibrate(Config{}, reference);
  EXPECT_NEAR(static_cast<double>(c.read_granule.count), 40'000, 20);
  EXPECT_NEAR(static_cast<double>(c.write_granule.count), 44'000, 20);
  EXPECT_NEAR(static_cast<double>(c.turnaround.count), 6'000, 60);
  EXPECT_NEAR(static_cast<double>(c.bank.count), 9'000, 20);
  EXPECT_NEAR(static_cast<double>(c.read_latency.count), 25'000, 20);
}

TEST(CalibrationTest, TheExactControllerIsMatchedOnItsStreams) {
  for (const Refresh refresh : {Refresh::kNone, Refresh::kPerBank, Refresh::kAllBank}) {
    Config config;
    config.refresh = refresh;
    const Calibration c = calibrate(config);
    for (const double error : {c.read_error, c.write_error, c.mixed_error, c.atom_error})
      EXPECT_LT(std::abs(error), 0.02) << to_yaml(c);
    EXPECT_LT(std::abs(c.piece_error), 0.05) << to_yaml(c);
  }
}

TEST(CalibrationTest, PrintsEveryKeyOnce) {
  const std::string text = to_yaml(calibrate(Config{}));
  for (const char* key : {"read_granule: ", "write_granule: ", "turnaround: ", "bank: ",
                          "read_latency: ", "piece_error: "}) {
    const std::size_t at = text.find(key);
    ASSERT_NE(at, std::string::npos) << key;
    EXPECT_EQ(text.find(key, at + 1), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace aipu::hbm

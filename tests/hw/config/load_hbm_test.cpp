// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "hw/base/error.h"
#include "hw/config/load.h"
#include "hw/config/presets.h"
#include "hw/config/resolve.h"
#include "hw/hbm/constraints.h"

namespace aipu::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// A device file of its own.
class LoadHbmTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  std::string error_of(const std::string& text,
                       const std::vector<std::string>& overrides = {}) const {
    const std::string path = write("d.yaml", text);
    try {
      load_hbm(path, overrides);
    } catch (const ConfigError& error) {
      const std::string what = error.what();
      return what.rfind(path, 0) == 0 ? what.substr(path.size()) : what;
    }
    return "accepted";
  }

  const std::filesystem::path folder_ =
      testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name() +
      std::to_string(getpid());
};

TEST_F(LoadHbmTest, EveryPresetLoadsAndIsListedInOrder) {
  std::string last;
  for (const Preset& preset : hbm_presets()) {
    EXPECT_NO_THROW(load_hbm(preset.name)) << preset.name;
    EXPECT_LT(last, preset.name);
    last = preset.name;
  }
}

TEST_F(LoadHbmTest, TheReferenceChipHasItsDefaults) {
  EXPECT_EQ(to_yaml(load_hbm("HBM2E-3600")), to_yaml(hbm::Config{}));
}

TEST_F(LoadHbmTest, PrintsWhatLoadsAgain) {
  for (const Preset& preset : hbm_presets()) {
    const std::string text = to_yaml(load_hbm(preset.name));
    EXPECT_EQ(to_yaml(load_hbm(write("d.yaml", text))), text) << preset.name;
  }
}

TEST_F(LoadHbmTest, DevicesHaveTheirGeometryAndPeak) {
  struct Device {
    const char* name;
    std::uint32_t channels, banks;
    std::uint64_t rows, mbytes_per_s;  // of a pseudo-channel
  };
  for (const Device& d :
       {Device{"HBM2-2000", 64, 32, 16384, 16000}, Device{"HBM2E-3200", 64, 32, 32768, 25600},
        Device{"HBM3-6400", 128, 32, 16384, 25600}, Device{"HBM2-2000-PC", 1, 16, 32768, 16000},
        Device{"HBM3-6400-PC", 1, 16, 32768, 25600}}) {
    const hbm::Config c = load_hbm(d.name);
    EXPECT_EQ(channel_count(c), d.channels) << d.name;
    EXPECT_EQ(bank_count(c), d.banks) << d.name;
    EXPECT_EQ(rows(c), d.rows) << d.name;
    EXPECT_EQ(peak_bytes_per_second(c) / channel_count(c), d.mbytes_per_s * 1'000'000) << d.name;
    EXPECT_EQ(atom(c), 32_B) << d.name;
  }
}

TEST_F(LoadHbmTest, ArrayTimingsInNanosecondsAreTheSourcesCycles) {
  const hbm::Config e = load_hbm("HBM2E-3200");
  const auto ck = [](const hbm::Config& c, hbm::Delay delay) {
    return hbm::to_ticks(c, delay) / hbm::ticks_per_ck(c);
  };
  EXPECT_EQ(ck(e, e.timing.rl), 22);
  EXPECT_EQ(ck(e, e.timing.wl), 8);
  EXPECT_EQ(ck(e, e.timing.ras), 54);
  EXPECT_EQ(ck(e, e.timing.rc), 77);
  EXPECT_EQ(ck(e, e.timing.faw), 26);
  // The chip-sized HBM3 writes in time what the pseudo-channel has in cycles.
  const hbm::Config chip = load_hbm("HBM3-6400"), pc = load_hbm("HBM3-6400-PC-native");
  for (const auto member :
       {&hbm::Timings::rl, &hbm::Timings::wl, &hbm::Timings::rcd_rd, &hbm::Timings::rcd_wr,
        &hbm::Timings::rp, &hbm::Timings::ras, &hbm::Timings::rc, &hbm::Timings::rrd_s,
        &hbm::Timings::rrd_l, &hbm::Timings::faw, &hbm::Timings::wtr_s, &hbm::Timings::wtr_l,
        &hbm::Timings::wr, &hbm::Timings::rtp, &hbm::Timings::rtw, &hbm::Timings::rfc_ab,
        &hbm::Timings::rfc_pb, &hbm::Timings::refi, &hbm::Timings::act}) {
    EXPECT_EQ(hbm::to_ticks(chip, chip.timing.*member), hbm::to_ticks(pc, pc.timing.*member));
  }
}

TEST_F(LoadHbmTest, LayersApplyInOrder) {
  const std::string path = write("d.yaml", "extends: HBM3-6400-PC\npage: closed\nwrite_low: 4\n");
  const hbm::Config c = load_hbm(path, {"write_low=3", "timing.rl=21 CK"});
  EXPECT_EQ(c.beats_per_ck, 4U);
  EXPECT_EQ(c.page, hbm::Page::kClosed);
  EXPECT_EQ(c.write_low, 3U);
  EXPECT_EQ(c.timing.rl, hbm::ck(21));
}

TEST_F(LoadHbmTest, PointsAtMistakes) {
  EXPECT_EQ(error_of("stakcs: 1\n"), ":1:1: unknown key 'stakcs'; did you mean 'stacks'?");
  EXPECT_THAT(error_of("timing:\n  rl: 14\n"), StartsWith(":2:7: timing.rl: "));
  EXPECT_THAT(error_of("timing:\n  rcdrd: 14 CK\n"),
              StartsWith(":2:3: timing: unknown key 'rcdrd'; did you mean 'rcd_rd'?"));
  EXPECT_THAT(error_of("timing: {rc: 40 ns}\n"), StartsWith(":1:14: hbm: timing: rc "));
  EXPECT_THAT(error_of("extends: HBM4\n"), StartsWith(":1:10: no preset or file 'HBM4'"));
  EXPECT_THAT(error_of("extends: d.yaml\n"), HasSubstr("'d.yaml' extends itself"));
  EXPECT_EQ(error_of("# nothing\n"), ": no key of a memory in it, such as data_rate");
  EXPECT_THAT(error_of("- stacks\n"), HasSubstr("is a group"));
  EXPECT_EQ(error_of("banks: 4\n", {"aipu.hbm.stacks=2"}),
            "--set aipu.hbm.stacks=2: unknown key 'aipu.hbm.stacks'; did you mean 'stacks'?");
  EXPECT_THAT(error_of("banks: 4\n", {"stacks=0"}),
              StartsWith("--set stacks=0: stacks: 0 is out of range"));
  EXPECT_THAT(error_of("power_down: 1 us\ntiming: {pd: 5 us}\n"), HasSubstr("a power-down"));
  EXPECT_THROW(load_hbm("missing.yaml"), IoError);
  EXPECT_THROW(load_hbm(folder_.string() + "/"), IoError);
  EXPECT_THROW(load_hbm("hc1000_module"), ConfigError);
}

TEST_F(LoadHbmTest, ABoardTakesADeviceOver) {
  const Board board = load_text(
      "extends: aipu\naipu:\n  hbm:\n    extends: HBM3-6400\n    stacks: 2\n"
      "    capacity: 32 GiB\n",
      "t.yaml");
  EXPECT_EQ(board.aipu.hbm.data_bits, 32U);
  EXPECT_EQ(board.aipu.hbm.stacks, 2U);
  EXPECT_EQ(load("aipu", {"aipu.hbm.extends=HBM2-2000"}).aipu.hbm.capacity, 32_GiB);
}

TEST_F(LoadHbmTest, ABoardPointsAtMistakesOfTheDeviceItTakes) {
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      load_text(text, "t.yaml");
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal("aipu: {hbm: {extends: HBM3}}\n"), StartsWith("t.yaml:1:23: no preset"));
  EXPECT_THAT(refusal("aipu: {hbm: {extends: [HBM3]}}\n"), HasSubstr("takes one preset or file"));
  EXPECT_THAT(refusal("aipu: {extends: HBM3-6400}\n"), HasSubstr("unknown key 'extends'"));
  EXPECT_THAT(refusal("aipu: {hbm: 3}\n"), StartsWith("t.yaml:1:13: aipu.hbm: is a group"));
}

}  // namespace
}  // namespace aipu::config

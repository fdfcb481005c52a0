// SPDX-License-Identifier: Apache-2.0
// Waves show the ticks that were asked for, at their time, and the views fit them.
#include <bitset>
#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sstream>

#include "hw/base/error.h"
#include "sim/cosim/wave_view.h"
#include "tests/rtl/replay/failing_run.h"
#include "tests/rtl/replay/wave_reader.h"

namespace aipu::test {
namespace {

using cosim::WavePlace;

/// A small run with waves of some ticks.
void run_with_waves(std::uint32_t ports, std::uint32_t speedup, const cosim::WaveWindow& window) {
  cosim::RandomRun run = full_load(ports, speedup, 8);
  run.cycles = 300;
  run.waves = window;
  run.run();
}

std::vector<std::string> signals_of(const std::string& view) {
  std::vector<std::string> names;
  std::istringstream in(view);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("TOP.", 0) == 0 || line.rfind("shell.", 0) == 0) names.push_back(line);
  }
  return names;
}

TEST(WavesTest, EverySignalOfEveryViewIsInTheFile) {
  const TempDir folder;
  for (const std::uint32_t ports : {4U, 5U, 16U}) {
    for (const std::uint32_t speedup : {1U, 2U}) {
      const std::string path = folder.file("w.fst");
      run_with_waves(ports, speedup, {path, 100, 110, 1'000});
      const WaveReader waves(path);
      WavePlace place;
      place.ports = ports;
      place.speedup = speedup;
      place.shell = true;
      for (const std::string& name : cosim::wave_views()) {
        for (place.port = 0; place.port < ports; ++place.port) {
          const auto signals = signals_of(cosim::wave_view(name, place));
          EXPECT_GT(signals.size(), 20U);
          for (const std::string& signal : signals)
            EXPECT_TRUE(waves.has(signal)) << name << ", " << ports << " ports: " << signal;
        }
      }
    }
  }
}

TEST(WavesTest, AViewHasNoHoleLeftAndLeavesOutWhatThereIsNot) {
  WavePlace place;
  place.dump = "some.fst";
  place.tick = 1'234;
  place.tick_ps = 800;
  for (const std::string& name : cosim::wave_views()) {
    const std::string view = cosim::wave_view(name, place);
    EXPECT_THAT(view, testing::Not(testing::HasSubstr("{"))) << name;
    EXPECT_THAT(view, testing::Not(testing::HasSubstr("shell."))) << name;
    EXPECT_THAT(view, testing::HasSubstr("[dumpfile] \"some.fst\"\n"));
    EXPECT_THAT(view, testing::HasSubstr(" 987200 -1 ")) << "the marker";
  }
}

TEST(WavesTest, AWindowHasItsTicksAtTheirTimeAndNoOthers) {
  const TempDir folder;
  const std::string path = folder.file("w.fst");
  run_with_waves(4, 1, {path, 100, 149, 800});
  const WaveReader waves(path);
  EXPECT_EQ(waves.exponent(), -12);
  EXPECT_EQ(waves.start(), 100U * 800 - 400);
  EXPECT_EQ(waves.end(), 149U * 800 + 400);
  for (std::uint64_t tick = 100; tick < 150; ++tick) {
    EXPECT_EQ(waves.at("TOP.clk_i", tick * 800), "1") << tick;
    EXPECT_EQ(waves.at("TOP.clk_i", tick * 800 - 1), "0") << tick;
  }
}

TEST(WavesTest, NoClockInTheWindowNoFile) {
  const TempDir folder;
  run_with_waves(4, 1, {folder.file("w.fst"), 1'000'000, ~0ULL, 1'000});
  EXPECT_FALSE(std::filesystem::exists(folder.file("w.fst")));
}

/// The time at which one packet is seen on both sides.
TEST(WavesTest, TheSystemCSideIsInTheSameTime) {
  const TempDir folder;
  const std::string path = folder.file("w.fst");
  const directcom::Topology topology = directcom::single_switch(4);
  const directcom::Routes routes(topology);
  {
    cosim::RtlSwitch how;
    how.waves = cosim::WaveWindow{path, 0, ~0ULL, 1'000};
    directcom::SwitchConfig config;
    config.speedup = 1;
    const auto model = how.make_rtl(config, routes, 0);
    for (std::uint32_t o = 0; o < 4; ++o)
      model->offer(o, {{100}, nullptr});
    model->arrive(50, {nullptr, 1, 2, 1, 3, 2});
    model->arrive(60, {nullptr, 1, 2, 1, 3, 2});
    while (model->next() != directcom::SwitchModel::kNever)
      model->step(model->next());
    dynamic_cast<cosim::VerilatedSwitch&>(*model).settle();
  }
  const WaveReader waves(path);
  const auto value = [&](const char* signal, std::uint64_t tick) {
    return std::stoul(waves.at(signal, tick * 1'000), nullptr, 2);
  };
  // In the buffer from cycle 50 on, routed in 50, granted in 51, its head on the link from 54 on.
  EXPECT_EQ(value("shell.port1_coming[31:0]", 50), 1U);
  EXPECT_EQ(value("shell.port1_coming[31:0]", 60), 0U);
  EXPECT_EQ(value("TOP.routed_o[3:0]", 51), 2U);
  EXPECT_EQ(value("TOP.out_valid_o[3:0]", 53), 0U);
  EXPECT_EQ(value("TOP.out_valid_o[3:0]", 54), 4U);
  EXPECT_EQ(value("shell.port2_leaving[31:0]", 54), 1U);
  EXPECT_EQ(value("shell.port2_leaving[31:0]", 58), 0U);
}

TEST(WavesTest, AFailureShowsItsTickUnderTheMarker) {
  const TempDir folder;
  fail_in_lockstep(full_load(4, 1, 8), 3'000, folder.file("f"));
  const cosim::Replay replay = read_replay(folder.file("f.replay"));
  const WaveReader waves(folder.file("f.fst"));
  const std::uint64_t marker = replay.tick * replay.tick_ps;
  EXPECT_LT(waves.start(), marker);
  EXPECT_GE(waves.end(), marker);
  EXPECT_EQ(waves.at("TOP.clk_i", marker), "1");
  EXPECT_THAT(read_file(folder.file("f.gtkw")),
              testing::HasSubstr(" " + std::to_string(marker) + " -1 "));
  // The grants in the waves are those that the failing run saw behind that tick.
  const auto value = [&](const char* signal) {
    return static_cast<std::uint32_t>(std::stoul(waves.at(signal, marker), nullptr, 2));
  };
  std::vector<std::uint32_t> granted{value("TOP.grant_o[3:0]")};
  for (std::uint32_t o = 0; o < 4; ++o) {
    if ((granted.front() >> o & 1U) != 0) {
      granted.insert(granted.end(), {value("TOP.grant_in_o[7:0]") >> 2 * o & 3U,
                                     value("TOP.grant_class_o[7:0]") >> 2 * o & 3U,
                                     value("TOP.grant_mark_o[3:0]") >> o & 1U});
    }
  }
  const std::vector<std::uint32_t>& outputs = replay.window.outputs;
  const std::size_t first = 1 + std::bitset<4>(outputs.front()).count();  // behind what is routed
  ASSERT_LE(first + granted.size(), outputs.size());
  const auto begin = outputs.begin() + static_cast<std::ptrdiff_t>(first);
  EXPECT_NE(granted.front(), 0U);
  EXPECT_EQ(granted,
            std::vector<std::uint32_t>(begin, begin + static_cast<std::ptrdiff_t>(granted.size())));
}

TEST(WavesTest, AFileThatCannotBeWrittenIsAnIoError) {
  EXPECT_THROW(run_with_waves(4, 1, {"/nowhere/w.fst", 0, ~0ULL, 1'000}), IoError);
}

}  // namespace
}  // namespace aipu::test

// SPDX-License-Identifier: Apache-2.0
// A model that is restored goes on as the one that was saved.
#include <gtest/gtest.h>
#include <random>

#include "tests/rtl/replay/failing_run.h"
#include "tlm/cosim/payload.h"
#include "tlm/cosim/pin_recording.h"
#include "tlm/cosim/state_codec.h"

namespace aipu::test {
namespace {

using cosim::Bytes8;
using cosim::SwitchPins;
using Outputs = std::vector<std::vector<std::uint32_t>>;

cosim::Recording recorded(std::uint32_t ports, std::uint32_t speedup) {
  cosim::Recording recording;
  cosim::RandomRun run = full_load(ports, speedup, 8);
  run.cycles = 600;
  run.disturb = [&](std::unique_ptr<SwitchPins> pins) {
    return std::make_unique<cosim::RecordingPins>(std::move(pins), recording);
  };
  run.run();
  return recording;
}

/// Puts cycles on the pins, and keeps what is seen behind each.
Outputs run_cycles(SwitchPins& pins, const cosim::Recording& recording, std::size_t from,
                   std::size_t to) {
  Outputs seen;
  std::size_t f = from == 0 ? 0 : recording.cycles[from - 1].flits;
  std::size_t c = from == 0 ? 0 : recording.cycles[from - 1].credits;
  for (std::size_t k = from; k < to; ++k) {
    for (; f < recording.cycles[k].flits; ++f)
      pins.put_flit(recording.flits[f].input, recording.flits[f].bits);
    for (; c < recording.cycles[k].credits; ++c)
      pins.put_credit(recording.credits[c].output, recording.credits[c].credit);
    pins.clock(recording.cycles[k].second);
    seen.push_back(cosim::outputs_of(pins));
  }
  return seen;
}

TEST(SnapshotTest, ARestoredModelGoesOnAsTheOneThatWasSaved) {
  for (const std::uint32_t ports : {4U, 16U}) {
    for (const std::uint32_t speedup : {1U, 2U}) {
      const cosim::Recording recording = recorded(ports, speedup);
      const auto pins = SwitchPins::make(ports, speedup);
      recording.set_up(*pins);
      run_cycles(*pins, recording, 0, 300);
      const cosim::Snapshot snapshot = pins->save();
      const Outputs first = run_cycles(*pins, recording, 300, 600);
      ASSERT_TRUE(pins->restore(snapshot));
      EXPECT_EQ(run_cycles(*pins, recording, 300, 600), first);
      const auto fresh = SwitchPins::make(ports, speedup);
      ASSERT_TRUE(fresh->restore(snapshot));
      EXPECT_EQ(run_cycles(*fresh, recording, 300, 600), first);
      EXPECT_LT(snapshot.stored() * 10, snapshot.size());
    }
  }
}

TEST(SnapshotTest, AWindowBehindSeveralSnapshotsShowsWhatWasSeen) {
  const cosim::Recording recording = recorded(4, 1);
  cosim::LoggedPins::Limits limits;
  limits.clocks = 64;
  cosim::LoggedPins pins(SwitchPins::make(4, 1), limits);
  recording.set_up(pins);
  run_cycles(pins, recording, 0, 500);
  EXPECT_EQ(pins.snapshots(), 500U / 64);
  for (const std::uint64_t clocks : {1U, 50U, 64U, 100U, 100'000U}) {
    const auto window = pins.window(clocks);
    EXPECT_TRUE(window.same) << clocks;
    EXPECT_LE(window.clocks, std::min<std::uint64_t>(clocks, 64 + 500 % 64));
    EXPECT_GE(window.clocks, std::min<std::uint64_t>(clocks, 64));
  }
}

TEST(SnapshotTest, PackedStateIsTheSameAgain) {
  std::mt19937_64 random(7);
  for (int k = 0; k < 200; ++k) {
    Bytes8 state;
    while (state.size() < 3'000) {
      const std::uint64_t kind = random() % 4;
      const std::uint64_t length = 1 + random() % 40;
      if (kind == 0) state.resize(state.size() + length);
      for (std::uint64_t b = 0; kind == 1 && b < length; ++b)
        state.push_back(static_cast<std::uint8_t>(random()));
      const auto packet = static_cast<std::uint32_t>(random());
      for (std::uint32_t place = 1; kind >= 2 && place <= length; ++place) {
        const auto flit = cosim::payload_flit(
            {packet, kind == 2 ? place : static_cast<std::uint32_t>(length) + 1 - place});
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(flit.data());
        state.insert(state.end(), bytes, bytes + sizeof flit);
      }
    }
    const Bytes8 packed = cosim::pack_state(state);
    EXPECT_LT(packed.size(), state.size());
    EXPECT_EQ(cosim::unpack_state(packed, state.size()), state);
  }
}

}  // namespace
}  // namespace aipu::test

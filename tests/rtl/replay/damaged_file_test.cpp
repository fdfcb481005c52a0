// SPDX-License-Identifier: Apache-2.0
// A replay file that is cut off, damaged or of something else is refused in a line.
#include <gmock/gmock.h>

#include "tests/rtl/replay/failing_run.h"
#include "tlm/cosim/byte_stream.h"

namespace aipu::test {
namespace {

using cosim::BadReplay;
using cosim::Bytes8;
using cosim::Replay;

/// What a reader says; empty: accepted.
template <typename Read>
std::string refusal(Read&& read) {
  try {
    read();
  } catch (const BadReplay& e) {
    return e.what();
  }
  return "";
}

Replay small_replay() {
  const TempDir folder;
  fail_by_itself(40, folder.file("f"));
  return read_replay(folder.file("f.replay"));
}

TEST(DamagedReplayTest, EveryCutIsRefused) {
  const Bytes8 file = small_replay().encode();
  for (std::size_t length = 0; length < file.size(); ++length) {
    const Bytes8 cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length));
    const std::string said = refusal([&] { Replay::decode(cut); });
    ASSERT_NE(said, "") << length;
    ASSERT_EQ(said.find('\n'), std::string::npos);
  }
}

TEST(DamagedReplayTest, EveryFlippedByteIsRefused) {
  const Bytes8 file = small_replay().encode();
  for (std::size_t at = 0; at < file.size(); ++at) {
    Bytes8 flipped = file;
    flipped[at] ^= 0x41U;
    ASSERT_NE(refusal([&] { Replay::decode(flipped); }), "") << at;
  }
}

TEST(DamagedReplayTest, ForeignFilesAreNamedAsSuch) {
  for (const char* text : {"", "hc1000",
                           "\x7f"
                           "ELF and more",
                           "aipu: {}\n"}) {
    const std::string foreign = text;
    EXPECT_EQ(refusal([&] {
                Replay::decode({foreign.begin(), foreign.end()});
              }),
              "is no replay file of hc1000");
  }
}

TEST(DamagedReplayTest, AnotherBuildOrModelIsRefused) {
  const Replay good = small_replay();
  Replay other = good;
  other.build = "0123456789abcdef";
  EXPECT_THAT(
      refusal([&] { run_again(Replay::decode(other.encode()), {}); }),
      testing::StartsWith("was made with build 0123456789abcdef of the RTL, this is build"));
  other = good;
  other.ports = 7;
  EXPECT_THAT(refusal([&] { run_again(Replay::decode(other.encode()), {}); }),
              testing::StartsWith("needs a model of 7 ports"));
  other = good;
  other.window.snapshot = cosim::SwitchPins::make(5, 1)->save();
  EXPECT_EQ(refusal([&] { run_again(other, {}); }), "has a snapshot that is not of its model");
}

/// Contents whose sum is right are still read with care.
TEST(DamagedReplayTest, ALogThatEndsOrLiesIsRefusedNotRun) {
  const Replay good = small_replay();
  for (std::size_t length = 0; length < good.window.log.size(); ++length) {
    Replay cut = good;
    cut.window.log.resize(length);
    ASSERT_NE(refusal([&] { run_again(cut, {}); }), "") << length;
  }
  for (std::size_t at = 0; at < good.window.log.size(); ++at) {
    Replay flipped = good;
    flipped.window.log[at] ^= 0xE0U;  // another kind of record
    refusal([&] { run_again(flipped, {}); });
  }
}

TEST(DamagedReplayTest, NothingLargeIsMadeForASmallFile) {
  cosim::ByteWriter bomb;
  bomb.number(0);            // literal bytes
  bomb.number(1ULL << 50U);  // zeros
  bomb.number(0);
  bomb.number(0);
  EXPECT_EQ(refusal([&] { cosim::unpack_state(bomb.bytes, 1U << 20U); }),
            "its snapshot is larger than any model");
  cosim::ByteWriter flits;
  flits.number(0);
  flits.number(0);
  flits.number(1ULL << 61U);
  for (int k = 0; k < 4; ++k)
    flits.number(1);
  EXPECT_EQ(refusal([&] { cosim::unpack_state(flits.bytes, 1U << 20U); }),
            "its snapshot is larger than any model");
}

}  // namespace
}  // namespace aipu::test

// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/trace.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "tests/support/tiny_model.h"

namespace aipu::memory {
namespace {

class TraceTest : public testing::Test {
 protected:
  std::vector<Request> read(const std::string& text, std::size_t batch = 100) {
    test::write_file(path_, text);
    TraceSource source(path_, 512_MiB);
    std::vector<Request> all;
    std::vector<Request> some;
    for (source.next(some, batch); !some.empty(); source.next(some, batch))
      all.insert(all.end(), some.begin(), some.end());
    return all;
  }

  /// What is said of a text, without the path.
  std::string refusal(const std::string& text) {
    try {
      read(text);
    } catch (const ConfigError& error) {
      EXPECT_EQ(error.code(), ExitCode::kUsage);
      const std::string what = error.what();
      EXPECT_EQ(what.rfind(path_, 0), 0U) << what;
      return what.substr(path_.size());
    }
    return "accepted";
  }

  test::TempDir folder_;
  const std::string path_ = folder_.file("t.trc");
};

TEST_F(TraceTest, ReadsArrivalDirectionAndAddress) {
  const auto requests = read("0 R 0\n7 W 1fffFFFF\n7\tR  0x20 \n");
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[1].arrival, 7);
  EXPECT_EQ(requests[1].direction, hbm::kWrite);
  EXPECT_EQ(requests[1].address, 0x1FFFFFFFU);
  EXPECT_EQ(requests[2].direction, hbm::kRead);
  EXPECT_EQ(requests[2].address, 0x20U);
}

TEST_F(TraceTest, PassesCommentsBlankLinesAndCarriageReturnsBy) {
  const auto requests = read("# head\n\n  \n1 R 40 # why\r\n   # more\n2 W 60\r\n");
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1].address, 0x60U);
}

TEST_F(TraceTest, TheLastLineNeedsNoBreak) {
  EXPECT_EQ(read("1 R 40\n2 R 80").size(), 2U);
  EXPECT_EQ(read("1 R 40\n2 R 80#").size(), 2U);
}

TEST_F(TraceTest, LinesOverTheEdgeOfABufferAreWhole) {
  std::string text;
  constexpr std::uint64_t kLines = 200'000;  // more than two buffers
  for (std::uint64_t i = 0; i < kLines; ++i)
    text += fmt::format("{} {} {:x}\n", i, i % 3 == 0 ? 'W' : 'R', i * 32);
  const auto requests = read(text, 4096);
  ASSERT_EQ(requests.size(), kLines);
  for (std::uint64_t i = 0; i < kLines; ++i) {
    ASSERT_EQ(requests[i].arrival, static_cast<std::int64_t>(i));
    ASSERT_EQ(requests[i].address, i * 32);
    ASSERT_EQ(requests[i].direction, i % 3 == 0 ? hbm::kWrite : hbm::kRead);
  }
}

TEST_F(TraceTest, PointsAtALineThatIsNoRequest) {
  EXPECT_EQ(refusal("0 R 0\n1 X 20\n"), ":2: 'X' is no direction; valid: R, W");
  EXPECT_EQ(refusal("0 RW 20\n"), ":1: 'RW' is no direction; valid: R, W");
  EXPECT_EQ(refusal("\n# a\n1.5 R 20\n"), ":3: '1.5' is no arrival; valid: a whole number of CK");
  EXPECT_EQ(refusal("-1 R 20\n"), ":1: '-1' is no arrival; valid: a whole number of CK");
  EXPECT_EQ(refusal("99999999999999999999 R 20\n"),
            ":1: '99999999999999999999' is an arrival beyond 2^48 CK");
  EXPECT_EQ(refusal("0 R 2g\n"), ":1: '2g' is no address; valid: a hexadecimal number");
  EXPECT_EQ(refusal("0 R 0x\n"), ":1: '0x' is no address; valid: a hexadecimal number");
  EXPECT_EQ(refusal("0 R\n"), ":1: ends too early; a line reads `<arrival CK> <R|W> <hex>`");
  EXPECT_EQ(refusal("0 R 20 32\n"),
            ":1: '32' is a word too many; a line reads `<arrival CK> <R|W> <hex>`");
  EXPECT_EQ(refusal(std::string("0 R \x01\0\n", 7)),
            ":1: '\?\?' is no address; valid: a hexadecimal number");
}

TEST_F(TraceTest, TimeDoesNotGoBack) {
  EXPECT_EQ(refusal("5 R 0\n4 R 20\n"), ":2: arrival 4 lies before that of an earlier request, 5");
}

TEST_F(TraceTest, AddressesLieInTheDevice) {
  EXPECT_EQ(refusal("0 R 20000000\n"),
            ":1: '20000000' lies beyond the device, which ends at 20000000");
  EXPECT_EQ(refusal("0 R fffffffffffffffffffffffff\n"),
            ":1: 'fffffffffffffffffffffffff' lies beyond the device, which ends at 20000000");
}

TEST_F(TraceTest, AFileWithoutRequestsIsRefused) {
  const std::string said = ": no request in it; a line reads `<arrival CK> <R|W> <hex>`";
  EXPECT_EQ(refusal(""), said);
  EXPECT_EQ(refusal("\n# nothing\n"), said);
}

TEST_F(TraceTest, AFileWithoutLinesIsRefusedWithoutReadingAllOfIt) {
  EXPECT_EQ(refusal("0 R 0\n" + std::string(3'000'000, ' ')), ":2: the line is longer than 1 MiB");
}

TEST_F(TraceTest, FilesThatCannotBeReadAreInputErrors) {
  EXPECT_THROW(TraceSource(folder_.file("none"), 512_MiB), IoError);
  EXPECT_THROW(TraceSource(folder_.path(), 512_MiB), IoError);
}

}  // namespace
}  // namespace aipu::memory

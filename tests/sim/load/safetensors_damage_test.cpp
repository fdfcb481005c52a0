// SPDX-License-Identifier: Apache-2.0
// Files that are cut short, contradict themselves, or are random: always an error, never a crash.
#include <random>

#include "sim/load/safetensors.h"
#include "tests/sim/load/support.h"
#include "tests/support/tiny_model.h"

namespace aipu::load {
namespace {

using test::expect_user_error;

std::string with_header(const std::string& header, const std::string& data) {
  std::string out;
  for (unsigned i = 0; i < 8; ++i)
    out += static_cast<char>((header.size() >> (8 * i)) & 0xFFU);
  return out + header + data;
}

class SafetensorsDamageTest : public testing::Test {
 protected:
  void open(const std::string& bytes) {
    test::write_file(file_, bytes);
    Safetensors::open(file_);
  }
  // One tensor "x", described by `fields`, before 8 bytes of data.
  void expect_refused(const std::string& fields, const std::string& part,
                      ExitCode code = ExitCode::kUsage) {
    expect_user_error(code, part,
                      [&] { open(with_header("{\"x\": {" + fields + "}}", std::string(8, 'd'))); });
  }
  // Touches every byte that was accepted.
  void read_all(const std::string& bytes) {
    test::write_file(file_, bytes);
    test::accepts([&] {
      const Safetensors weights = Safetensors::open(file_);
      for (const std::string& name : weights.names()) {
        test::accepts([&] { weights.read_f32(name); });
      }
    });
  }

  test::TempDir dir_;
  const std::string file_ = dir_.file("x.safetensors");
  const std::string good_ = test::safetensors_bytes(test::tiny_tensors({}));
};

TEST_F(SafetensorsDamageTest, TruncationIsFoundWhereverItHappens) {
  EXPECT_TRUE(test::accepts([&] { open(good_); }));
  const std::size_t header_end = good_.find("}}") + 2;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{100},
        header_end - 1, header_end + 600, good_.size() / 2, good_.size() - 1}) {
    expect_user_error(ExitCode::kIo, "truncated", [&] { open(good_.substr(0, size)); });
  }
}

TEST_F(SafetensorsDamageTest, BytesAfterTheLastTensorAreRefused) {
  expect_user_error(ExitCode::kUsage, "1 bytes after the last tensor", [&] { open(good_ + "x"); });
}

TEST_F(SafetensorsDamageTest, AnAbsurdHeaderLengthIsRefused) {
  expect_user_error(ExitCode::kUsage, "not a safetensors file",
                    [&] { open(std::string(64, 'a')); });
  expect_user_error(ExitCode::kUsage, "not valid JSON", [&] { open(with_header("", "")); });
  expect_user_error(ExitCode::kUsage, "not valid JSON", [&] { open(with_header("{\"x\"", "")); });
  expect_user_error(ExitCode::kUsage, "must be a JSON object",
                    [&] { open(with_header("[]", "")); });
}

TEST_F(SafetensorsDamageTest, ATensorMustDescribeItself) {
  const std::string type = R"("dtype": "F32", )";
  EXPECT_TRUE(test::accepts([&] {
    open(with_header("{\"x\": {" + type + R"("shape": [2], "data_offsets": [0, 8]}})",
                     std::string(8, 'd')));
  }));
  expect_refused(R"("shape": [2], "data_offsets": [0, 8])", "x.dtype: missing");
  expect_refused(R"("dtype": "F33", "shape": [2], "data_offsets": [0, 8])",
                 "\"F33\" is not a known type");
  expect_refused(type + R"("data_offsets": [0, 8])", "x.shape: missing");
  expect_refused(type + R"("shape": [2])", "x.data_offsets: missing");
  expect_refused(type + R"("shape": 2, "data_offsets": [0, 8])", "x.shape: must be a list");
  expect_refused(type + R"("shape": [-2], "data_offsets": [0, 8])", "non-negative");
  expect_refused(type + R"("shape": [2.0], "data_offsets": [0, 8])", "non-negative");
  expect_refused(type + R"("shape": [3], "data_offsets": [0, 8])",
                 "span 8 bytes, but F32 of shape");
  expect_refused(type + R"("shape": [2], "data_offsets": [8, 0])", "begin <= end");
  expect_refused(type + R"("shape": [2], "data_offsets": [0])", "begin <= end");
  expect_refused(type + R"("shape": [4294967296, 4294967296], "data_offsets": [0, 8])",
                 "larger than 2^64");
  expect_refused(
      type + R"("shape": [1], "data_offsets": [18446744073709551611, 18446744073709551615])",
      "begin <= end");
  expect_refused(type + R"("shape": [2], "data_offsets": [8, 16])", "(a gap)");
  expect_refused(type + R"("shape": [4], "data_offsets": [0, 16])", "truncated", ExitCode::kIo);
}

TEST_F(SafetensorsDamageTest, OverlapsAndRepeatedNamesAreRefused) {
  const std::string x = R"("x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]})";
  const std::string y = R"("y": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]})";
  expect_user_error(ExitCode::kUsage, "they overlap",
                    [&] { open(with_header("{" + x + "," + y + "}", std::string(8, 'd'))); });
  expect_user_error(ExitCode::kUsage, "the key \"x\" appears twice",
                    [&] { open(with_header("{" + x + "," + x + "}", std::string(8, 'd'))); });
}

TEST_F(SafetensorsDamageTest, NamesFitOnOneLine) {
  expect_user_error(ExitCode::kUsage, "printable characters",
                    [&] { open(with_header(R"({"a\nb": {}})", "")); });
  expect_user_error(ExitCode::kUsage, "printable characters",
                    [&] { open(with_header(R"({"": {}})", "")); });
}

TEST_F(SafetensorsDamageTest, EmptyTensorsAndMetadataAreFine) {
  const std::string header =
      R"({"__metadata__": {"format": "pt"}, "x": {"dtype": "F16", "shape": [0, 7], "data_offsets": [0, 0]}})";
  open(with_header(header, ""));
  EXPECT_TRUE(Safetensors::open(file_).read_f32("x").empty());
}

TEST_F(SafetensorsDamageTest, RandomDamageNeverCrashes) {
  std::mt19937 random(3);
  const std::size_t header = good_.find("}}") + 2;
  for (int round = 0; round < 400; ++round) {
    std::string bad = good_;
    if (round % 4 == 0) bad.resize(random() % bad.size());
    for (unsigned flips = random() % 4; flips > 0 && !bad.empty(); --flips) {
      bad[random() % std::min(bad.size(), header)] = static_cast<char>(random());
    }
    read_all(bad);
  }
}

}  // namespace
}  // namespace aipu::load

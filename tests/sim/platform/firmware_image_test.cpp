// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/firmware_image.h"

#include <filesystem>
#include <gmock/gmock.h>

#include "hw/base/error.h"
#include "tests/support/tiny_model.h"

namespace aipu::test {
namespace {

using testing::HasSubstr;

/// A folder with two programs as core.elf and control.elf.
class FirmwareFolder {
 public:
  FirmwareFolder(const std::string& core, const std::string& control) {
    std::filesystem::copy_file(core, folder_.file("core.elf"));
    std::filesystem::copy_file(control, folder_.file("control.elf"));
  }
  /// What reading it ends with: exit code and message.
  std::pair<ExitCode, std::string> refusal(std::uint64_t sram = 1U << 20U) const {
    try {
      platform::read_firmware(folder_.path(), sram);
    } catch (const UserError& e) {
      return {e.code(), e.what()};
    }
    return {ExitCode::kGood, ""};
  }
  const std::string& path() const { return folder_.path(); }

 private:
  TempDir folder_;
};

const std::string kGood = FIRMWARE_FOLDER "/core.elf";
const std::string kRv64 = ISA_PROGRAMS "/bench64.elf";
const std::string kElsewhere = ISA_PROGRAMS "/bench32.elf";  // at 0x80000000

TEST(FirmwareImageTest, TheBuiltInImagesAreThoseOfTheBuild) {
  const platform::FirmwareImage image = platform::builtin_firmware();
  const platform::FirmwareImage read = platform::read_firmware(FIRMWARE_FOLDER, 1U << 20U);
  EXPECT_EQ(image.core.entry, read.core.entry);
  EXPECT_EQ(image.core.segments.at(0).bytes, read.core.segments.at(0).bytes);
  EXPECT_TRUE(image.control.symbol("main").has_value());
}

TEST(FirmwareImageTest, RefusesWhatAHartCannotRun) {
  const auto [code, message] = FirmwareFolder(kGood, kRv64).refusal();
  EXPECT_EQ(code, ExitCode::kUsage);
  EXPECT_THAT(message, HasSubstr("control.elf: is RV64; the control harts are RV32IMAC"));
}

TEST(FirmwareImageTest, RefusesWhatLiesOutsideTheSram) {
  const auto [code, message] = FirmwareFolder(kElsewhere, kGood).refusal();
  EXPECT_EQ(code, ExitCode::kUsage);
  EXPECT_THAT(message, HasSubstr("core.elf: segment 0x80000000.."));
  EXPECT_THAT(message, HasSubstr("outside the core SRAM 0x10000000..0x10100000"));
  EXPECT_EQ(FirmwareFolder(kGood, kGood).refusal(4096).first, ExitCode::kUsage) << "a small SRAM";
}

TEST(FirmwareImageTest, AFolderWithoutItsFilesIsAnIoError) {
  const TempDir empty;
  try {
    platform::read_firmware(empty.path(), 1U << 20U);
    FAIL();
  } catch (const UserError& e) {
    EXPECT_EQ(e.code(), ExitCode::kIo);
    EXPECT_THAT(e.what(), HasSubstr("core.elf"));
  }
}

}  // namespace
}  // namespace aipu::test

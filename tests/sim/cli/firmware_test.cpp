// SPDX-License-Identifier: Apache-2.0
// A user's own firmware behind --firmware: its console, its faults, and images that cannot run.
#include <cstring>
#include <elf.h>
#include <filesystem>
#include <functional>

#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

using test::Outcome;
using test::small_run;

class CliFirmwareTest : public test::ProgramTest {
 protected:
  /// A folder `fw` whose two programs are this file.
  void make_firmware(const std::string& bytes) const {
    std::filesystem::create_directory(file("fw"));
    test::write_file(file("fw/core.elf"), bytes);
    test::write_file(file("fw/control.elf"), bytes);
  }
  Outcome run_firmware(const std::string& elf, const std::vector<std::string>& more = {}) const {
    make_firmware(test::read_file(elf));
    std::vector<std::string> words{"--firmware", "fw", "-o", "out", "--force"};
    words.insert(words.end(), more.begin(), more.end());
    return run(small_run(words));
  }
};

TEST_F(CliFirmwareTest, ACrashEndsWithCodeOneAndItsReportOnStderr) {
  const Outcome result = run_firmware(OVERFLOW_ELF);

  EXPECT_EQ(result.code, 1);
  for (const char* part :
       {"hc1000: aipu0.core0: firmware exited with code 1\n", "  stack overflow: sp 0x0ffff",
        "below the stack of 8192 bytes", "last trap: store access fault at pc 0x1000",
        "(descend+0x", "last branches, latest first:\n"}) {
    EXPECT_NE(result.err.find(part), std::string::npos) << part << "\n" << result.err;
  }
  EXPECT_NE(read("out/console.log").find("stack overflow"), std::string::npos);
}

TEST_F(CliFirmwareTest, AHangEndsWithCodeThreeAndOneLineForAllThatWaitAlike) {
  const Outcome result = run_firmware(WAITS_ELF);

  EXPECT_EQ(result.code, 3);
  for (const char* part : {"hc1000: hang: ", "  aipu0.core0..31 hart: blocking read at pc 0x1000",
                           "  aipu0.control hart: ", "(landed 15) = 0, wants 1: nobody here"}) {
    EXPECT_NE(result.err.find(part), std::string::npos) << part << "\n" << result.err;
  }
}

TEST_F(CliFirmwareTest, ConsoleShowsTheLinesOfTheHartsItNamesAndOnlyThose) {
  const Outcome result =
      run_firmware(OVERFLOW_ELF, {"--console", "aipu0.core[12]", "--console", "*.control"});

  for (const char* hart : {"aipu0.core1: hello from core 1\n", "aipu0.core2: hello from core 2\n",
                           "aipu0.control: hello from core 32\n"}) {
    EXPECT_NE(result.err.find(hart), std::string::npos) << hart << result.err;
  }
  EXPECT_EQ(result.err.find("aipu0.core3: hello"), std::string::npos);
  EXPECT_NE(read("out/console.log").find("aipu0.core3: hello"), std::string::npos)
      << "the others still go to the log";
}

TEST_F(CliFirmwareTest, ConsoleRefusesWhatNamesNoHart) {
  expect_refused(small_run({"--console", "aipu1.*"}), 2,
                 "--console 'aipu1.*' names no hart of this machine: each of aipu0..0 has "
                 "core0..31 and control");
}

TEST_F(CliFirmwareTest, LookingForUnwrittenReadsChangesNoFigure) {
  const auto with = [&](const std::string& check) {
    const Outcome result = run(small_run({"--functional", "--json", "--force", "-o", "out", "--set",
                                          "simulation.check_uninitialised=" + check}));
    EXPECT_EQ(result.code, 0) << result.err;
    nlohmann::json json = result.json();
    std::function<void(nlohmann::json&)> forget = [&](nlohmann::json& node) {
      if (!node.is_object()) return;
      for (const char* key : {"command", "config_hash", "check_uninitialised"})
        node.erase(key);
      for (auto& child : node)
        forget(child);
    };
    forget(json);
    return json;
  };
  EXPECT_EQ(with("off"), with("fault"));
}

/// A mistake in an image, made from the bytes of a good one, and the one line that refuses it.
struct BadImage {
  const char* name;
  std::function<std::string(std::string)> spoil;
  int code;
  const char* complaint;
  friend void PrintTo(const BadImage& image, std::ostream* out) { *out << image.name; }
};

template <typename T>
std::function<std::string(std::string)> patch(std::size_t offset, T value) {
  return [=](std::string bytes) {
    std::memcpy(bytes.data() + offset, &value, sizeof value);
    return bytes;
  };
}

/// The same in a field of program header `index`, whose table follows the ELF header.
std::function<std::string(std::string)> patch_segment(std::size_t index, std::size_t field,
                                                      Elf32_Addr value) {
  return patch(sizeof(Elf32_Ehdr) + index * sizeof(Elf32_Phdr) + field, value);
}

class CliBadImageTest : public CliFirmwareTest, public testing::WithParamInterface<BadImage> {};

TEST_P(CliBadImageTest, IsRefusedInOneLineBeforeAnythingRuns) {
  make_firmware(GetParam().spoil(test::read_file(WAITS_ELF)));
  expect_refused(small_run({"--firmware", "fw", "-o", "out"}), GetParam().code,
                 GetParam().complaint, {"fw"});
}

INSTANTIATE_TEST_SUITE_P(
    Elf, CliBadImageTest,
    testing::Values(
        BadImage{"Empty", [](const std::string&) { return ""; }, 2, "core.elf: not an ELF file"},
        BadImage{"Text", [](const std::string&) { return "int main(void);"; }, 2,
                 "core.elf: not an ELF file"},
        BadImage{"TruncatedHeader", [](const std::string& s) { return s.substr(0, 60); }, 2,
                 "core.elf: truncated"},
        BadImage{"TruncatedSegment", [](const std::string& s) { return s.substr(0, 4200); }, 2,
                 "core.elf: truncated"},
        BadImage{"BigEndian", patch<std::uint8_t>(EI_DATA, ELFDATA2MSB), 2,
                 "core.elf: big-endian; the hart is little-endian"},
        BadImage{"ForeignMachine", patch<Elf32_Half>(offsetof(Elf32_Ehdr, e_machine), EM_ARM), 2,
                 "core.elf: ELF machine 40 is not RISC-V (243)"},
        BadImage{"NoEntry", patch<Elf32_Addr>(offsetof(Elf32_Ehdr, e_entry), 0), 2,
                 "core.elf: entry point 0x0 lies in no segment"},
        BadImage{"OverlappingSegments", patch_segment(1, offsetof(Elf32_Phdr, p_paddr), 0x10002000),
                 2, "core.elf: segments at 0x10002000 and 0x10002000 overlap"},
        BadImage{"SegmentOutside", patch_segment(1, offsetof(Elf32_Phdr, p_paddr), 0x20000000), 2,
                 "lies outside the core SRAM 0x10000000..0x10020000"}),
    [](const auto& i) { return std::string(i.param.name); });

TEST_F(CliFirmwareTest, AFolderInPlaceOfAFileIsAnIoError) {
  std::filesystem::create_directories(file("fw/core.elf"));
  std::filesystem::create_directories(file("fw/control.elf"));
  expect_refused(small_run({"--firmware", "fw", "-o", "out"}), 4, "core.elf: Is a directory",
                 {"fw"});
}

}  // namespace
}  // namespace aipu

// SPDX-License-Identifier: Apache-2.0
#include "sim/load/elf.h"

#include <cstring>
#include <elf.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>

#include "hw/base/error.h"

namespace aipu::load {
namespace {

using testing::HasSubstr;

std::string good_bytes() {
  std::ifstream file(std::string(ISA_PROGRAMS) + "/csr32.elf", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What read_elf says about a file with these bytes.
std::string complaint(const std::string& bytes, ExitCode code = ExitCode::kUsage) {
  const std::string path =
      testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + ".elf";
  std::ofstream(path, std::ios::binary) << bytes;
  try {
    read_elf(path);
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  return "accepted";
}

template <typename T>
std::string patch(std::string bytes, std::size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
  return bytes;
}

TEST(ElfTest, ReadsSegmentsEntryAndSymbols) {
  const Elf elf = read_elf(std::string(ISA_PROGRAMS) + "/differential64.elf");
  EXPECT_EQ(elf.xlen, 64U);
  EXPECT_EQ(elf.entry, 0x80000000U);
  ASSERT_GE(elf.segments.size(), 2U);
  EXPECT_EQ(elf.segments[0].address, 0x80000000U);
  EXPECT_TRUE(elf.segments[0].executable);
  EXPECT_TRUE(elf.symbol("main"));
  EXPECT_FALSE(elf.symbol("absent"));
  EXPECT_EQ(elf.describe(*elf.symbol("main") + 4), "main+0x4");
  EXPECT_GT(elf.segments.back().memory_bytes, elf.segments.back().bytes.size());  // bss
}

TEST(ElfTest, RefusesWhatItCannotRun) {
  const std::string good = good_bytes();
  ASSERT_GT(good.size(), sizeof(Elf32_Ehdr));
  Elf32_Ehdr header;
  std::memcpy(&header, good.data(), sizeof header);
  EXPECT_EQ(complaint(good), "accepted");
  EXPECT_THAT(complaint("no ELF at all"), HasSubstr("not an ELF file"));
  EXPECT_THAT(complaint(""), HasSubstr("not an ELF file"));
  EXPECT_THAT(complaint(good.substr(0, 20)), HasSubstr("not an ELF file"));
  EXPECT_THAT(complaint(good.substr(0, 60)), HasSubstr("truncated"));
  EXPECT_THAT(complaint(good.substr(0, 4200)), HasSubstr("truncated"));
  EXPECT_THAT(complaint(patch<Elf32_Half>(good, offsetof(Elf32_Ehdr, e_machine), EM_X86_64)),
              HasSubstr("is not RISC-V"));
  EXPECT_THAT(complaint(patch<unsigned char>(good, EI_DATA, ELFDATA2MSB)),
              HasSubstr("big-endian; the hart is little-endian"));
  EXPECT_THAT(complaint(patch<Elf32_Half>(good, offsetof(Elf32_Ehdr, e_type), ET_REL)),
              HasSubstr("not an executable"));
  EXPECT_THAT(complaint(patch<Elf32_Addr>(good, offsetof(Elf32_Ehdr, e_entry), 0x40)),
              HasSubstr("entry point 0x40 lies in no segment"));
  EXPECT_THAT(complaint(patch<Elf32_Half>(good, offsetof(Elf32_Ehdr, e_phnum), 0)),
              HasSubstr("nothing to load"));
}

TEST(ElfTest, RefusesOverlappingSegments) {
  const std::string good = good_bytes();
  Elf32_Ehdr header;
  std::memcpy(&header, good.data(), sizeof header);
  std::string bad = good;
  std::size_t loads = 0;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const std::size_t at = header.e_phoff + i * sizeof(Elf32_Phdr);
    Elf32_Phdr program;
    std::memcpy(&program, good.data() + at, sizeof program);
    if (program.p_type != PT_LOAD) continue;
    ++loads;
    bad = patch<Elf32_Addr>(bad, at + offsetof(Elf32_Phdr, p_paddr), 0x80000000U);
  }
  ASSERT_GE(loads, 2U);
  EXPECT_THAT(complaint(bad), HasSubstr("overlap"));
}

TEST(ElfTest, AMissingFileIsAnInputError) {
  try {
    read_elf("/nonexistent/file.elf");
    FAIL();
  } catch (const IoError& error) {
    EXPECT_EQ(error.code(), ExitCode::kIo);
  }
}

}  // namespace
}  // namespace aipu::load

// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/code_map.h"

#include <gtest/gtest.h>

namespace aipu::profile {
namespace {

load::Elf image() {
  load::Elf elf;
  elf.segments.resize(2);
  elf.segments[0].address = 0x1000;
  elf.segments[0].memory_bytes = 0x100;
  elf.segments[0].executable = true;
  elf.segments[1].address = 0x2000;
  elf.segments[1].memory_bytes = 0x100;
  elf.symbols = {{"__stack_top", 0x1010}, {"_start", 0x1010}, {".L3", 0x1010},
                 {"main", 0x1020},        {"data", 0x2000},   {"end", 0x1100}};
  return elf;
}

TEST(CodeMapTest, AnAddressBelongsToTheSymbolAtOrBelowIt) {
  const CodeMap map(image());
  EXPECT_EQ(map.names()[map.at(0x1020)], "main");
  EXPECT_EQ(map.names()[map.at(0x10fe)], "main");
  EXPECT_EQ(map.names()[map.at(0x101e)], "_start");  // not what a linker script set there
}

TEST(CodeMapTest, WhatNoFunctionHoldsIsElsewhere) {
  const CodeMap map(image());
  for (const std::uint64_t pc : {0x0ffeU, 0x1000U, 0x100eU, 0x1100U, 0x2000U, 0xffffffffU})
    EXPECT_EQ(map.at(pc), CodeMap::kElsewhere) << std::hex << pc;
}

TEST(CodeMapTest, AnImageWithoutCodeHasNoFunctions) {
  EXPECT_EQ(CodeMap(load::Elf{}).at(0), CodeMap::kElsewhere);
}

}  // namespace
}  // namespace aipu::profile

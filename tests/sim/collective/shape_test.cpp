// SPDX-License-Identifier: Apache-2.0
#include "sim/collective/shape.h"

#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "hw/program/sram_map.h"

namespace aipu::test {
namespace {

using collective::Algorithm;
using collective::Kind;
using collective::Shape;
using collective::Spec;

Spec spec_of(Kind kind, std::uint32_t bytes, std::uint32_t ranks) {
  Spec spec;
  spec.kind = kind;
  spec.bytes = bytes;
  spec.ranks = ranks;
  return spec;
}

TEST(Shape, PiecesCoverAVectorAndSlotsHoldAllRanks) {
  for (std::uint32_t ranks : {2U, 3U, 16U, 100U, 256U}) {
    for (std::uint32_t bytes : {4U, 60U, 4096U, 1'000'004U, 16U << 20U}) {
      for (Algorithm algorithm : {Algorithm::kOneShot, Algorithm::kTwoShot, Algorithm::kRing}) {
        SCOPED_TRACE(testing::Message() << ranks << " ranks, " << bytes << " bytes, algorithm "
                                        << static_cast<int>(algorithm));
        const Shape s =
            collective::shape_of(spec_of(Kind::kAllReduce, bytes, ranks), algorithm, 32);
        EXPECT_GE(std::uint64_t{s.slice} * s.slices, bytes);
        EXPECT_GE(std::uint64_t{s.piece} * s.columns, s.slice);
        EXPECT_LE(s.columns * s.groups, 32U);
        const std::uint32_t area = algorithm == Algorithm::kRing
                                       ? HC_SRAM_LANDING_BYTES / 2U / (ranks - 1U)
                                       : HC_SRAM_LANDING_BYTES / HC_COLLECTIVE_SLOTS / ranks;
        EXPECT_LE(s.chunk, area);
        EXPECT_TRUE(s.groups == 1 || s.chunks() == 1) << "groups share one turn of the slots";
      }
    }
  }
}

TEST(Shape, RefusesACutThatTheMachineCannotHold) {
  Spec spec = spec_of(Kind::kAllReduce, 1U << 20U, 16);
  spec.chunk = 8192;  // 16 of them are more than a slot
  EXPECT_THROW(collective::shape_of(spec, Algorithm::kTwoShot, 32), ConfigError);
  spec.chunk = 0;
  spec.columns = 33;
  EXPECT_THROW(collective::shape_of(spec, Algorithm::kTwoShot, 32), ConfigError);
  spec.columns = 4;
  spec.groups = 2;  // of several chunks
  EXPECT_THROW(collective::shape_of(spec, Algorithm::kTwoShot, 32), ConfigError);
}

TEST(Shape, RefusesBuffersThatDoNotFit) {
  Spec spec = spec_of(Kind::kAllToAll, 64U << 20U, 16);
  spec.shared_memory = true;
  const Shape s = collective::shape_of(spec, Algorithm::kTwoShot, 32);
  EXPECT_THROW(collective::memory_of(spec, s, 256_MiB, 64_GiB, 64_MiB), ConfigError);
  EXPECT_NO_THROW(collective::memory_of(spec, s, 256_MiB, 64_GiB, 128_MiB));
}

}  // namespace
}  // namespace aipu::test

// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/port_set.h"

#include <gtest/gtest.h>
#include <random>
#include <set>
#include <vector>

namespace aipu::directcom {
namespace {

template <typename Set>
class PortSetTest : public testing::Test {
 protected:
  static Set of(const std::set<std::uint32_t>& ports) {
    Set s;
    for (const std::uint32_t port : ports)
      s.insert(port);
    return s;
  }
  static std::set<std::uint32_t> random_ports(std::mt19937& random) {
    std::set<std::uint32_t> ports;
    for (auto n = random() % 9; n > 0; --n)
      ports.insert(static_cast<std::uint32_t>(random() % Set::kPorts));
    return ports;
  }
};
using Sizes = testing::Types<PortSet<1>, PortSet<4>>;
TYPED_TEST_SUITE(PortSetTest, Sizes, );

TYPED_TEST(PortSetTest, HoldsWhatWasInserted) {
  TypeParam s;
  EXPECT_TRUE(s.empty());
  for (const std::uint32_t port : {0U, TypeParam::kPorts / 2, TypeParam::kPorts - 1}) {
    s.insert(port);
    s.insert(port);
    EXPECT_TRUE(s.has(port));
  }
  EXPECT_EQ(s.count(), 3U);
  s.erase(0);
  s.erase(1);
  EXPECT_FALSE(s.has(0));
  EXPECT_EQ(s.count(), 2U);
  s.clear();
  EXPECT_TRUE(s.empty());
}

TYPED_TEST(PortSetTest, BelowIsTheFirstPorts) {
  EXPECT_TRUE(TypeParam::below(0).empty());
  EXPECT_EQ(TypeParam::below(TypeParam::kPorts).count(), TypeParam::kPorts);
  const TypeParam s = TypeParam::below(63);
  EXPECT_TRUE(s.has(62));
  EXPECT_FALSE(s.has(63));
}

TYPED_TEST(PortSetTest, RoundRobinIsTheFirstFromTheStartWrapping) {
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i) {
    std::set<std::uint32_t> ports = this->random_ports(random);
    if (ports.empty()) continue;
    const auto start = static_cast<std::uint32_t>(random() % TypeParam::kPorts);
    const auto at = ports.lower_bound(start);
    EXPECT_EQ(this->of(ports).round_robin(start), at == ports.end() ? *ports.begin() : *at);
  }
}

TYPED_TEST(PortSetTest, OneMemberIsFoundFromEveryStart) {
  for (std::uint32_t port = 0; port < TypeParam::kPorts; ++port) {
    for (std::uint32_t start = 0; start < TypeParam::kPorts; ++start)
      ASSERT_EQ(this->of({port}).round_robin(start), port);
  }
}

TYPED_TEST(PortSetTest, VisitsMembersLowestFirst) {
  const std::set<std::uint32_t> ports{0, 5, 31, 32, 63, TypeParam::kPorts - 1};
  std::vector<std::uint32_t> seen;
  this->of(ports).for_each([&](std::uint32_t port) { seen.push_back(port); });
  EXPECT_EQ(seen, std::vector<std::uint32_t>(ports.begin(), ports.end()));
}

TYPED_TEST(PortSetTest, OperatorsAreThoseOfSets) {
  std::mt19937 random(4);
  for (int i = 0; i < 500; ++i) {
    const auto a = this->random_ports(random);
    const auto b = this->random_ports(random);
    std::set<std::uint32_t> both;
    std::set<std::uint32_t> any = a;
    std::set<std::uint32_t> rest;
    any.insert(b.begin(), b.end());
    for (const std::uint32_t port : a)
      (b.count(port) != 0 ? both : rest).insert(port);
    EXPECT_EQ(this->of(a) & this->of(b), this->of(both));
    EXPECT_EQ(this->of(a) | this->of(b), this->of(any));
    EXPECT_EQ(this->of(a) - this->of(b), this->of(rest));
    EXPECT_EQ(this->of(a) == this->of(b), a == b);
  }
}

}  // namespace
}  // namespace aipu::directcom

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <random>

#include "tests/tlm/directcom/fabric.h"

namespace aipu::directcom::test {
namespace {

/// Random puts, gets and notifies of several cores, with the memory that they must leave.
class RandomTraffic {
 public:
  RandomTraffic(Fabric& fabric, std::uint32_t aipus, std::uint32_t cores, std::uint32_t seed)
      : fabric_(fabric), cores_(cores), random_(seed), free_at_(aipus, kTargets) {
    for (std::uint32_t a = 0; a < aipus; ++a) {
      Storage& storage = fabric[a].memory.storage();
      for (std::uint64_t i = 0; i < kTargets; ++i)
        *storage.at(i) = static_cast<std::uint8_t>(random_());
      expected_.emplace_back(storage.at(0), storage.at(0) + kSize);
      written_.push_back(0);
      remote_.push_back(0);
      own_.emplace_back(cores, 0);
    }
  }

  void send(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t from = below(aipus());
      const std::uint32_t core = below(cores_);
      const Request r = request(from, below(aipus()), core);
      while (fabric_[from].queues[core]->free_slots() == 0)
        sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_NS));
      fabric_.push(from, r, core);
    }
  }

  void check() const {
    for (std::uint32_t a = 0; a < aipus(); ++a) {
      Node& node = fabric_[a];
      const std::uint8_t* bytes = node.memory.storage().at(0);
      EXPECT_TRUE(std::equal(expected_[a].begin(), expected_[a].end(), bytes)) << "AIPU " << a;
      EXPECT_EQ(node.memory.written(), written_[a]) << "every byte exactly once";
      EXPECT_EQ(node.sink.signals.size(), remote_[a]);
      for (std::uint32_t c = 0; c < cores_; ++c)
        EXPECT_EQ(node.counters[c]->value(1), own_[a][c]);
      EXPECT_TRUE(node.sink.faults.empty());
      EXPECT_EQ(node.interface.waiting_for(), "");
    }
  }

  static constexpr std::uint64_t kSize = 8U << 20U;

 private:
  static constexpr std::uint64_t kTargets = 1U << 20U;  ///< sources below, destinations above

  std::uint32_t aipus() const { return static_cast<std::uint32_t>(free_at_.size()); }
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  Request request(std::uint32_t from, std::uint32_t to, std::uint32_t core) {
    Request r;
    const std::uint32_t kind = below(8);
    r.opcode = kind == 0 ? dc::kOpNotify : kind < 4 ? dc::kOpGet : dc::kOpPut;
    r.traffic_class = below(4);
    const std::uint32_t longest[] = {60, 600, 6'000, 60'000};
    r.bytes = 1 + below(longest[below(4)]);
    r.rows = r.bytes < 6'000 ? 1 + below(12) : 1;
    r.source_stride = r.bytes + below(100);
    r.destination_stride = r.bytes + below(100);
    if (below(6) == 0) r.pace = 1 + below(255);
    const bool get = r.opcode == dc::kOpGet;
    const std::uint32_t reader = get ? from : to;
    const std::uint32_t holder = get ? to : from;
    const std::uint64_t span = std::uint64_t{r.rows} * r.source_stride;
    r.source = Gaddr::hbm(random_() % (kTargets - span), holder);
    r.destination = Gaddr::hbm(free_at_[reader], reader);
    ++remote_[reader];
    ++own_[from][core];
    if (r.opcode == dc::kOpNotify) return r;
    written_[reader] += std::uint64_t{r.rows} * r.bytes;
    for (std::uint32_t row = 0; row < r.rows; ++row) {
      const auto begin = expected_[holder].begin() +
                         static_cast<std::ptrdiff_t>(r.source.offset() + row * r.source_stride);
      std::copy_n(begin, r.bytes,
                  expected_[reader].begin() +
                      static_cast<std::ptrdiff_t>(free_at_[reader] + row * r.destination_stride));
    }
    free_at_[reader] += std::uint64_t{r.rows} * r.destination_stride + 64;
    return r;
  }

  Fabric& fabric_;
  std::uint32_t cores_;
  std::mt19937 random_;
  std::vector<std::uint64_t> free_at_;  ///< next unused byte of each AIPU
  std::vector<std::vector<std::uint8_t>> expected_;
  std::vector<std::uint64_t> written_;
  std::vector<std::uint32_t> remote_;
  std::vector<std::vector<std::uint32_t>> own_;
};

void check(Fabric::Options options, std::uint32_t seed) {
  options.size = options.real = Bytes(RandomTraffic::kSize);
  options.cores = 3;
  Fabric fabric(options);
  RandomTraffic traffic(fabric, options.aipus, options.cores, seed);
  fabric.start();
  traffic.send(600);
  fabric.run();
  traffic.check();
}

Fabric::Options tight(std::uint32_t aipus) {
  Fabric::Options options;
  options.aipus = aipus;
  options.config.eager = 512_B;
  options.config.pull_chunk = 512_B;
  options.config.pull_window = 1_KiB;
  return options;
}

TEST(PropertyTest, EveryByteLandsOnceWithTheDefaults) {
  Fabric::Options options;
  options.aipus = 6;
  check(options, 11);
}

TEST(PropertyTest, AndWithTheSmallestGrants) {
  check(tight(4), 12);
}

TEST(PropertyTest, AndWithGrantsThatFitNoPacket) {
  Fabric::Options options = tight(8);
  options.config.eager = Bytes(1000);
  options.config.pull_chunk = Bytes(777);
  options.config.pull_window = Bytes(5001);
  check(options, 13);
}

TEST(PropertyTest, AndWithTheFewestContexts) {
  Fabric::Options options = with_smallest_buffers(tight(5));
  options.timing = {30_ns, 5_ns, true};
  check(options, 14);
}

TEST(PropertyTest, AndWithTrains) {
  Fabric::Options options = tight(5);
  options.config.eager = 8_KiB;
  options.config.pull_chunk = 5_KiB;
  options.config.pull_window = 20_KiB;
  check(with_trains(options, 4_KiB), 15);
}

}  // namespace
}  // namespace aipu::directcom::test

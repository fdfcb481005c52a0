// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "tlm/directcom/switch_model.h"

namespace aipu::directcom::test {

/// A switch between its neighbours and a model of it, which keeps books of its own: what the far
/// ends hold, what lies in its buffers, how long inputs and links are taken, in which order packets
/// of a queue leave. Every call is checked; so every step is.
class CheckedSwitch : public SwitchModel {
 public:
  CheckedSwitch(std::unique_ptr<SwitchModel> model, const SwitchConfig& config,
                const Routes& routes, std::uint32_t index)
      : model_(std::move(model)),
        config_(config),
        table_(routes.table(index)),
        room_(pool_flits(config, table_)),
        outputs_(model_->ports()),
        input_free_(model_->ports(), 0) {}

  std::uint32_t ports() const override { return model_->ports(); }
  void offer(std::uint32_t output, const FarEnd& far_end) override {
    outputs_[output].far_end = far_end;
    for (const std::uint32_t flits : far_end.pool_flits)
      outputs_[output].credits.insert(outputs_[output].credits.end(), kClasses, flits);
    outputs_[output].initial = outputs_[output].credits;
    model_->offer(output, far_end);
  }

  void arrive(std::uint64_t cycle, const Arrival& a) override {
    std::uint32_t& used = buffers_[{a.input, table_.group_of[a.destination], a.traffic_class}];
    used += a.flits;
    EXPECT_LE(used, room_[table_.group_of[a.destination]]) << "an input buffer overflows";
    EXPECT_GE(cycle, inputs_[a.input]) << "two packets on one link";
    inputs_[a.input] = cycle + a.flits;
    order_[{a.input, a.destination, a.traffic_class}].push_back({a.packet, cycle});
    ++inside_;
    flits_ += a.flits;
    model_->arrive(cycle, a);
  }

  void credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
              std::uint32_t traffic_class, std::uint32_t flits) override {
    Output& o = outputs_[output];
    returning_.insert({cycle, {output, o.pool(destination, traffic_class), flits}});
    model_->credit(cycle, output, destination, traffic_class, flits);
  }

  const std::vector<Departure>& step(std::uint64_t tick) override {
    const std::uint64_t cycle = tick / config_.speedup;
    EXPECT_GE(tick, last_tick_) << "time runs backwards";
    last_tick_ = tick;
    settle(cycle);
    const std::vector<Departure>& departures = model_->step(tick);
    for (const Departure& d : departures)
      check(d, tick);
    EXPECT_LE(model_->waiting(), inside_);
    return departures;
  }

  std::uint64_t next() const override { return model_->next(); }
  void delay(std::uint32_t output, std::uint64_t cycles) override {
    outputs_[output].link_free += cycles;
    model_->delay(output, cycles);
  }
  std::uint64_t waiting() const override { return model_->waiting(); }
  std::string stuck() const override { return model_->stuck(); }
  std::vector<std::uint64_t> account(std::uint32_t output, std::uint64_t cycle) const override {
    auto spent = model_->account(output, cycle);
    std::uint64_t sum = 0;
    for (const std::uint64_t cycles : spent)
      sum += cycles;
    EXPECT_EQ(sum, cycle) << "the account of output " << output;
    return spent;
  }

  /// Flits in its buffers, or on their way to them.
  std::uint64_t flits() const { return flits_; }
  /// Nothing is in it, and every credit has come back by `cycle`.
  void expect_idle(std::uint64_t cycle) {
    settle(cycle);
    EXPECT_EQ(inside_, 0U);
    EXPECT_EQ(flits_, 0U);
    EXPECT_EQ(model_->waiting(), 0U);
    EXPECT_TRUE(returning_.empty());
    for (const Output& o : outputs_)
      EXPECT_EQ(o.credits, o.initial);
  }

 private:
  struct Output {
    FarEnd far_end;
    std::vector<std::uint32_t> credits;
    std::vector<std::uint32_t> initial;
    std::uint64_t link_free = 0;

    std::size_t pool(std::uint32_t destination, std::uint32_t c) const {
      return far_end.pool(destination) * kClasses + c;
    }
  };
  struct Queue {
    std::uint32_t input;
    std::uint32_t key;  ///< destination, or group of its buffer
    std::uint32_t traffic_class;
    bool operator<(const Queue& o) const {
      return std::tie(input, key, traffic_class) < std::tie(o.input, o.key, o.traffic_class);
    }
  };
  struct Waiting {
    void* packet;
    std::uint64_t cycle;
  };
  struct Credit {
    std::uint32_t output;
    std::size_t pool;
    std::uint32_t flits;
  };

  void settle(std::uint64_t cycle) {
    while (!returning_.empty() && returning_.begin()->first <= cycle) {
      const Credit& credit = returning_.begin()->second;
      std::uint32_t& credits = outputs_[credit.output].credits[credit.pool];
      credits += credit.flits;
      EXPECT_LE(credits, outputs_[credit.output].initial[credit.pool]) << "credits out of nothing";
      returning_.erase(returning_.begin());
    }
  }

  /// The head of a queue leaves, by one of its outputs, with credit, over a free link.
  void check(const Departure& d, std::uint64_t tick) {
    const Arrival& a = d.packet;
    const std::uint16_t group = table_.group_of[a.destination];
    const auto& ports = table_.groups[group];
    EXPECT_NE(std::find(ports.begin(), ports.end(), d.output), ports.end()) << "a wrong way";
    Output& o = outputs_[d.output];
    std::uint32_t& credits = o.credits[o.pool(a.destination, a.traffic_class)];
    EXPECT_GE(credits, a.flits) << "a packet without credit";
    credits -= a.flits;
    const std::uint64_t left = d.head + 1 - config_.pipeline.count;  // pipeline taken away
    EXPECT_GE(left, o.link_free) << "two packets on one link";
    o.link_free = left + a.flits;
    EXPECT_GE(tick, input_free_[a.input]) << "two packets from one input";
    input_free_[a.input] = tick + a.flits;
    std::vector<Waiting>& queue = order_[{a.input, a.destination, a.traffic_class}];
    const auto found = std::find_if(queue.begin(), queue.end(),
                                    [&](const Waiting& w) { return w.packet == a.packet; });
    ASSERT_NE(found, queue.end()) << "a packet that never came";
    if (ports.size() == 1) {
      EXPECT_EQ(found, queue.begin()) << "a packet overtakes its own queue";
    }
    EXPECT_GE(d.head, found->cycle + config_.pipeline.count);
    EXPECT_GE(d.freed, found->cycle + a.flits) << "credit before the tail is here";
    EXPECT_GE(d.freed * config_.speedup, tick + a.flits) << "credit before the tail has left";
    queue.erase(found);
    buffers_[{a.input, group, a.traffic_class}] -= a.flits;
    --inside_;
    flits_ -= a.flits;
  }

  std::unique_ptr<SwitchModel> model_;
  const SwitchConfig config_;
  const RoutingTable& table_;
  const std::vector<std::uint32_t> room_;
  std::vector<Output> outputs_;
  std::vector<std::uint64_t> input_free_;          ///< tick, crossbar side
  std::map<std::uint32_t, std::uint64_t> inputs_;  ///< cycle, link side
  std::map<Queue, std::uint32_t> buffers_;         ///< flits
  std::map<Queue, std::vector<Waiting>> order_;    ///< in order of arrival
  std::multimap<std::uint64_t, Credit> returning_;
  std::uint64_t last_tick_ = 0;
  std::uint64_t inside_ = 0;
  std::uint64_t flits_ = 0;
};

/// A switch that is also stepped in ticks in which nothing can happen.
class RestlessSwitch : public SwitchModel {
 public:
  explicit RestlessSwitch(std::unique_ptr<SwitchModel> model) : model_(std::move(model)) {}
  std::uint32_t ports() const override { return model_->ports(); }
  void offer(std::uint32_t output, const FarEnd& far_end) override {
    model_->offer(output, far_end);
  }
  void arrive(std::uint64_t cycle, const Arrival& a) override { model_->arrive(cycle, a); }
  void credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
              std::uint32_t traffic_class, std::uint32_t flits) override {
    model_->credit(cycle, output, destination, traffic_class, flits);
  }
  const std::vector<Departure>& step(std::uint64_t tick) override {
    at_ = tick + 1;
    return model_->step(tick);
  }
  std::uint64_t next() const override { return std::min(at_, model_->next()); }
  void delay(std::uint32_t output, std::uint64_t cycles) override { model_->delay(output, cycles); }
  std::uint64_t waiting() const override { return model_->waiting(); }
  std::string stuck() const override { return model_->stuck(); }
  std::vector<std::uint64_t> account(std::uint32_t output, std::uint64_t cycle) const override {
    return model_->account(output, cycle);
  }

 private:
  std::unique_ptr<SwitchModel> model_;
  std::uint64_t at_ = 0;
};

}  // namespace aipu::directcom::test

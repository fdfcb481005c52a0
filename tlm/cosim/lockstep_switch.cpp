// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/lockstep_switch.h"

#include <algorithm>
#include <fmt/format.h>

namespace aipu::cosim {
namespace {

using Departure = directcom::SwitchModel::Departure;

bool same(const Departure& a, const Departure& b) {
  return a.packet.packet == b.packet.packet && a.output == b.output && a.head == b.head &&
         a.freed == b.freed && a.marked == b.marked;
}

std::string text(const Departure* d) {
  if (d == nullptr) return "nothing";
  return fmt::format(
      "input {} -> output {}, class {}, {} flits, {} -> {}, head {}, freed {}{}, packet {}",
      d->packet.input, d->output, d->packet.traffic_class, d->packet.flits, d->packet.source,
      d->packet.destination, d->head, d->freed, d->marked ? ", marked" : "", d->packet.packet);
}

}  // namespace

LockstepSwitch::LockstepSwitch(std::unique_ptr<SwitchModel> reference,
                               std::unique_ptr<SwitchModel> other, Run run)
    : reference_(std::move(reference)),
      other_(std::move(other)),
      run_(std::move(run)),
      history_(kHistory) {}

void LockstepSwitch::offer(std::uint32_t output, const directcom::FarEnd& far_end) {
  reference_->offer(output, far_end);
  other_->offer(output, far_end);
}

void LockstepSwitch::arrive(std::uint64_t cycle, const Arrival& a) {
  record({Event::Kind::kArrival, cycle, a.input, a.destination, a.traffic_class, a.flits});
  reference_->arrive(cycle, a);
  other_->arrive(cycle, a);
}

void LockstepSwitch::credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
                            std::uint32_t traffic_class, std::uint32_t flits) {
  record({Event::Kind::kCredit, cycle, output, destination, traffic_class, flits});
  reference_->credit(cycle, output, destination, traffic_class, flits);
  other_->credit(cycle, output, destination, traffic_class, flits);
}

void LockstepSwitch::delay(std::uint32_t output, std::uint64_t cycles) {
  record({Event::Kind::kDelay, 0, output, 0, 0, cycles});
  reference_->delay(output, cycles);
  other_->delay(output, cycles);
}

std::uint64_t LockstepSwitch::next() const {
  return run_.every_tick ? std::min(reference_->next(), other_->next()) : reference_->next();
}

void LockstepSwitch::step_reference(std::uint64_t tick, std::uint64_t end) {
  departures_.clear();
  ticks_.clear();
  const auto from = [&](std::uint64_t t) {
    return run_.every_tick ? t : std::max(t, reference_->next());
  };
  for (std::uint64_t t = from(tick); t < end; t = from(t + 1)) {
    const auto& departures = reference_->step(t);
    reference_tick_ = t;
    departures_.insert(departures_.end(), departures.begin(), departures.end());
    ticks_.resize(departures_.size(), t);
  }
}

const std::vector<Departure>& LockstepSwitch::step_other(std::uint64_t tick, std::uint64_t end) {
  static const std::vector<Departure> kNone;
  if (other_->next() >= end) return kNone;
  try {
    return other_->step(tick);
  } catch (const Mismatch& broken) {
    throw Mismatch(broken.what() + context());
  }
}

const std::vector<Departure>& LockstepSwitch::step(std::uint64_t tick) {
  const std::uint64_t end = window_end(tick);
  step_reference(tick, end);
  const auto& others = step_other(tick, end);
  for (std::size_t k = 0; k < std::max(departures_.size(), others.size()); ++k) {
    const Departure* a = k < departures_.size() ? &departures_[k] : nullptr;
    const Departure* b = k < others.size() ? &others[k] : nullptr;
    if (a == nullptr || b == nullptr || !same(*a, *b)) fail(a != nullptr ? ticks_[k] : tick, a, b);
    record({Event::Kind::kDeparture, a->head, a->output, a->packet.destination,
            a->packet.traffic_class, a->packet.flits});
    ++packets_;
    flits_ += a->packet.flits;
  }
  return departures_;
}

void LockstepSwitch::compare_accounts(std::uint64_t cycle) const {
  const std::uint64_t until = std::max(cycle, reference_cycle());
  for (std::uint32_t o = 0; o < ports(); ++o) {
    const auto a = reference_->account(o, until);
    const auto b = other_->account(o, until);
    if (a != b) {
      throw Mismatch(fmt::format(
          "lockstep: switch {}, output {}: accounts up to cycle {}:\n  reference: {}\n  other:     "
          "{}{}",
          run_.name, o, until, fmt::join(a, "/"), fmt::join(b, "/"), context()));
    }
  }
}

std::string LockstepSwitch::context() const {
  static constexpr const char* kNames[] = {"arrival at input", "credit at output",
                                           "delay of output", "departure at output"};
  std::string text = "\nlast events (cycle, what, port):";
  for (std::uint64_t e = events_ < kHistory ? 0 : events_ - kHistory; e < events_; ++e) {
    const Event& event = history_[e % kHistory];
    text += fmt::format("\n  {:>8} {} {}, node {}, class {}, {}", event.cycle,
                        kNames[static_cast<std::size_t>(event.kind)], event.port, event.node,
                        event.traffic_class, event.flits);
  }
  return text + fmt::format("\nseed {}; again with: {}", run_.seed, run_.replay);
}

void LockstepSwitch::fail(std::uint64_t tick, const Departure* a, const Departure* b) const {
  const Departure& d = a != nullptr ? *a : *b;
  throw Mismatch(fmt::format(
      "lockstep: switch {}, cycle {} (tick {}), output {}, class {}, after {} packets that "
      "agree:\n  reference: {}\n  other:     {}{}",
      run_.name, tick / run_.speedup, tick, d.output, d.packet.traffic_class, packets_, text(a),
      text(b), context()));
}

}  // namespace aipu::cosim

// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/interface.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/assert.h"

namespace aipu::directcom {
namespace {

constexpr std::uint64_t kNever = ~0ULL;
constexpr const char* kCauses[] = {"no packet", "busy", "no credit"};

}  // namespace

Interface::Interface(const sc_core::sc_module_name& name, const Config& config, Clock core_clock,
                     std::uint32_t aipu, std::uint32_t aipu_count, SignalRouter& signals,
                     std::uint32_t seed)
    : Model(name),
      config_(config),
      core_clock_(core_clock),
      link_clock_(config.link_clock()),
      aipu_(aipu),
      aipu_count_(aipu_count),
      signals_(signals),
      packets_(std::max(config.payload.count, config.train.count)),
      contexts_(config.messages + config.replies),
      peer_of_(std::size_t{aipu_count} + 1, 0),
      pull_classes_(config),
      read_classes_(config),
      chooser_(config.plane_choice, seed) {
  SC_HAS_PROCESS(Interface);
  read_out.register_nb_transport_bw(this, &Interface::respond, kReadPort);
  write_out.register_nb_transport_bw(this, &Interface::respond, kWritePort);
  lane_out.init(config.lanes);
  lane_in.init(config.lanes);
  credit_edges_.resize(config.lanes);
  lanes_.reserve(config.lanes);
  for (std::uint32_t l = 0; l < config.lanes; ++l) {
    const int id = static_cast<int>(l);
    lanes_.emplace_back(config, l);
    lane_out[l].register_nb_transport_bw(this, &Interface::credit, id);
    lane_in[l].register_nb_transport_fw(this, &Interface::receive, id);
    lane_in[l].register_b_transport(this, &Interface::refuse_blocking, id);
    lane_in[l].register_transport_dbg(this, &Interface::debug, id);
  }
  SC_METHOD(step);
  sensitive << step_event_;
  dont_initialize();
}

void Interface::start_of_simulation() {
  for (Lane& lane : lanes_) {
    auto& socket = lane_out[lane.index()];
    const FarEnd far_end =
        ask_far_end([&](tlm::tlm_generic_payload& payload) { socket->transport_dbg(payload); });
    AIPU_ASSERT(lane.index() == 0 || (far_end.copies == copies_ && far_end.sums == adds_),
                "{}: {} copies of a multicast on lane {}, sums {}; {} and {} on others", name(),
                far_end.copies, lane.index(), far_end.sums, copies_, adds_);
    copies_ = far_end.copies;
    adds_ = far_end.sums;
    lane.offer(far_end);
  }
}

void Interface::schedule(std::uint64_t time, Task task, void* object, std::uint32_t number) {
  calendar_.push(time, {task, number, object});
  wake(time);
}

void Interface::wake(std::uint64_t time) {
  if (time >= wake_at_) return;
  wake_at_ = time;
  step_event_.notify(to_time(Picoseconds(time - now_ps())));
}

// Everything that happens at one instant happens in one call: first what the calendar holds, then
// replies, reads, requests to memory, lanes.
void Interface::step() {
  const std::uint64_t now = now_ps();
  wake_at_ = kNever;
  const std::uint64_t cycle = link_clock_.edge_at(now);
  const bool on_edge = link_clock_.edge_ps(cycle) == now;
  if (on_edge) {
    for (Lane& lane : lanes_)
      lane.settle(cycle);
  }
  while (calendar_.next() <= now)
    perform(calendar_.pop());
  if (on_edge) run_lanes(cycle);
  start_replies();
  issue_reads();
  pump();
  if (!calendar_.empty()) wake(calendar_.next());
  for (const Lane& lane : lanes_) {
    if (const std::uint64_t next = lane.next(); next != kNever) wake(link_clock_.edge_ps(next));
  }
}

void Interface::perform(const Entry& entry) {
  switch (entry.task) {
    case Task::kMemoryDone:
      memory_done(*static_cast<Operation*>(entry.object));
      break;
    case Task::kPortFree:
      port_busy_[entry.number] = false;
      break;
    case Task::kSend:
      choose_lane(*static_cast<LinkPacket*>(entry.object));
      break;
    case Task::kArrived:
      arrived(*static_cast<tlm::tlm_generic_payload*>(entry.object), entry.number);
      break;
    case Task::kLocalNotify:
      add(contexts_[entry.number].message.add);
      end_message(entry.number, {});
      break;
    case Task::kResume:
      contexts_[entry.number].place = Place::kNone;
      queue_reader(entry.number);
      break;
  }
}

std::vector<TimeShare> Interface::lane_shares(std::uint32_t lane, std::uint64_t now) const {
  const std::uint64_t cycle = link_clock_.edge_at(now + 1) - 1;  // the one that `now` lies in
  const auto spent = lanes_[lane].account(cycle);
  const auto after = lanes_[lane].account(cycle + 1);
  std::vector<TimeShare> shares;
  for (std::size_t s = 0; s < Lane::kStates; ++s) {
    const std::uint64_t part = after[s] != spent[s] ? now - link_clock_.edge_ps(cycle) : 0;
    shares.push_back({kCauses[s], link_clock_.edge_ps(spent[s]) + part});
  }
  return shares;
}

std::vector<TimeShare> Interface::time_shares(std::uint64_t now) const {
  std::vector<TimeShare> sum = lane_shares(0, now);
  for (std::uint32_t l = 1; l < lanes_.size(); ++l) {
    const auto shares = lane_shares(l, now);
    for (std::size_t s = 0; s < sum.size(); ++s)
      sum[s].picoseconds += shares[s].picoseconds;
  }
  return sum;
}

std::string Interface::waiting_for() const {
  std::uint32_t starved = 0;
  for (const Lane& lane : lanes_)
    starved += lane.waiting() ? 1U : 0U;
  if (used_messages_ + used_replies_ == 0 && reads_ + writes_ == 0 && starved == 0 &&
      open_.size() == 0 && outstanding_ == 0) {
    return {};
  }
  return fmt::format(
      "{}: {} messages ({} gets), {} replies, {} reads and {} writes under way, {} lanes with "
      "waiting packets, {} messages arriving, {} bytes granted",
      name(), used_messages_, used_gets_, used_replies_, reads_, writes_, starved, open_.size(),
      outstanding_);
}

}  // namespace aipu::directcom

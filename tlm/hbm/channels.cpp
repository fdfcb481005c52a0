// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/channels.h"

#include <algorithm>

#include "hw/base/assert.h"

namespace aipu::hbm {

Channels::Channels(const Config& config, Effects& effects)
    : config_(config),
      table_(constraints(config)),
      map_(config),
      plain_map_(config.address_map.empty() && config.address_xor.empty()),
      ecc_(config),
      ticks_(Hertz(command_clock(config).count * static_cast<std::uint64_t>(ticks_per_ck(config)))),
      ck_(table_.ticks_per_ck),
      atom_(static_cast<std::uint32_t>(atom(config).count)),
      port_(config.front_queue * static_cast<std::uint32_t>(config.interleave / atom(config))),
      fixed_latency_((config.controller_latency + config.phy_latency).count),
      effects_(effects),
      calendar_(channel_count(config)) {
  channels_.reserve(channel_count(config));
  for (std::uint32_t i = 0; i < channel_count(config); ++i)
    channels_.emplace_back(config, table_);
}

std::uint32_t Channels::open(Direction direction, std::uint64_t address, std::uint32_t bytes) {
  AIPU_ASSERT(bytes < (atom_ << kAtomBits) - atom_, "{} bytes of atoms of {}", bytes, atom_);
  auto request = static_cast<std::uint32_t>(requests_.size());
  if (free_requests_.empty()) {
    requests_.emplace_back();
  } else {
    request = free_requests_.back();
    free_requests_.pop_back();
  }
  requests_[request] = {address, bytes, direction, 0, 0, 0, 0};
  return request;
}

bool Channels::arrive(std::uint32_t request, std::uint64_t now) {
  return offer_rest(request, now) && port_ != 0;
}

Channels::Cut Channels::next_cut(const Request& request) const {
  const std::uint64_t address = request.address + request.offered;
  Cut cut;
  cut.channel = map_.locate(address).channel;
  cut.bytes = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(map_.bytes_left(address), request.bytes - request.offered));
  cut.head = static_cast<std::uint32_t>(address % atom_);
  cut.atoms = (cut.head + cut.bytes + atom_ - 1) / atom_;
  return cut;
}

bool Channels::fits(const Channel& channel, const Cut& cut) const {
  return port_ == 0 || channel.outlook.controller.waiting() + cut.atoms <= port_;
}

// False when a port has no room for the next part; the request is then in line there.
bool Channels::offer_rest(std::uint32_t request, std::uint64_t now) {
  while (requests_[request].offered < requests_[request].bytes) {
    const Cut cut = next_cut(requests_[request]);
    Channel& channel = channels_[cut.channel];
    // With an unlimited port the time of each entry counts: the outlook must be exact.
    if (port_ == 0 || !fits(channel, cut)) settle(cut.channel, tick_at(now));
    if (!channel.waiting.empty() || !fits(channel, cut)) {
      channel.waiting.push(request);
      reschedule(cut.channel, now);
      return false;
    }
    offer(request, cut, now);
  }
  return true;
}

void Channels::offer(std::uint32_t index, const Cut& cut, std::uint64_t now) {
  Request& request = requests_[index];
  Outlook& outlook = channels_[cut.channel].outlook;
  const Tick at =
      static_cast<Tick>(ticks_.edge_at(now) + static_cast<std::uint64_t>(ck_) - 1) / ck_ * ck_;
  const std::uint32_t part = new_part({index, request.offered, cut.bytes, cut.head, cut.atoms});
  if (config_.ecc == Ecc::kInline) parts_[part].atoms += offer_checks(index, cut, part, at);
  outlook.expect(request.direction, parts_[part].atoms);
  outlook.announce(index, request.direction, cut.atoms, at);
  const std::uint64_t first = request.address + request.offered - cut.head;
  // By the default map a part is a run of one row of every bank group.
  const std::uint32_t run = plain_map_ ? cut.atoms : 1;
  for (std::uint32_t i = 0; i < cut.atoms; i += run) {
    const Location place = map_.locate(first + std::uint64_t{i} * atom_);
    outlook.controller.offer_run(access(request.direction, place, part << kAtomBits | i), run, at);
  }
  request.offered += cut.bytes;
  ++request.open;
  ++request.outside;
  reschedule(cut.channel, now);
}

// The accesses of check bits that a part needs; how many of them it waits for.
std::uint32_t Channels::offer_checks(std::uint32_t index, const Cut& cut, std::uint32_t part,
                                     Tick at) {
  Outlook& outlook = channels_[cut.channel].outlook;
  find_checks(requests_[index], cut);
  std::uint32_t awaited = 0;
  for (const CheckAccess& check : checks_) {
    outlook.announce(check.awaited ? index : kNobody, check.direction, 1, at);
    const std::uint32_t id = check.awaited ? part << kAtomBits | kCheckBits : kNobody;
    outlook.controller.offer(access(check.direction, ecc_.check_bits(cut.channel, check.block), id),
                             at);
    requests_[index].outside += check.awaited ? 1 : 0;
    awaited += check.awaited ? 1 : 0;
  }
  check_accesses_ += checks_.size();
  return awaited;
}

void Channels::find_checks(const Request& request, const Cut& cut) {
  checks_.clear();
  CheckCache& cache = channels_[cut.channel].checks;
  const std::uint64_t first = request.address + request.offered;
  const std::uint64_t end = first + cut.bytes;
  std::uint64_t atom = first - cut.head;
  while (atom < end) {
    const std::uint64_t block = ecc_.block(map_.locate(atom));
    std::uint32_t whole = 0;
    for (; atom < end && ecc_.block(map_.locate(atom)) == block; atom += atom_)
      whole += atom >= first && atom + atom_ <= end ? 1 : 0;
    cache.touch(block, request.direction, whole == EccLayout::kBlock, checks_);
  }
}

std::uint32_t Channels::new_part(const Part& part) {
  if (free_parts_.empty()) {
    parts_.push_back(part);
    return static_cast<std::uint32_t>(parts_.size() - 1);
  }
  const std::uint32_t index = free_parts_.back();
  free_parts_.pop_back();
  parts_[index] = part;
  return index;
}

const std::vector<Channels::Event>& Channels::run(std::uint64_t now) {
  while (calendar_.earliest() <= now)
    run_channel(calendar_.first(), now);
  delivered_.clear();
  delivered_.swap(events_);
  return delivered_;
}

void Channels::run_channel(std::uint32_t index, std::uint64_t now) {
  Channel& channel = channels_[index];
  if (channel.look_at <= now) settle(index, tick_at(now));
  while (!channel.due.empty() && channel.due.front().time <= now)
    events_.push_back({channel.due.pop().request, true, false});
  while (!channel.waiting.empty()) {
    const std::uint32_t request = channel.waiting.front();
    const Cut cut = next_cut(requests_[request]);
    if (!fits(channel, cut)) break;
    channel.waiting.pop();
    offer(request, cut, now);
    if (offer_rest(request, now)) events_.push_back({request, false, false});
  }
  reschedule(index, now);
}

Tick Channels::settle(std::uint64_t now) {
  const Tick until = tick_at(now);
  for (std::uint32_t i = 0; i < size(); ++i) {
    settle(i, until);
    reschedule(i, now);
  }
  return until;
}

// With an unlimited port the looks come at the very time of each awaited entry. Whether the entry
// had to wait for a place is whether there was none before that tick.
void Channels::settle(std::uint32_t index, Tick until) {
  Channel& channel = channels_[index];
  bool waited = false;
  if (port_ == 0) {
    advance(channel, until - 1, false);
    waited = channel.outlook.controller.full();
  }
  advance(channel, until, waited);
}

void Channels::advance(Channel& channel, Tick until, bool waited) {
  issued_.clear();
  entered_.clear();
  channel.outlook.advance(until, issued_, entered_);
  for (const std::uint32_t request : entered_) {
    Request& entering = requests_[request];
    if (--entering.outside == 0 && port_ == 0) events_.push_back({request, false, waited});
  }
  take_effects();
  for (const Issue& issue : issued_) {
    if (issue.id == kNobody) continue;
    const std::uint32_t index = issue.id >> kAtomBits;
    Part& part = parts_[index];
    channel.outlook.step(issue.direction, part.atoms);
    if (--part.atoms != 0) continue;
    finish_part(channel, part, issue.done);
    free_parts_.push_back(index);
  }
}

// Moves the bytes of the accesses in order; neighbours that follow each other in one go.
void Channels::take_effects() {
  for (std::size_t i = 0; i < issued_.size();) {
    const std::uint32_t first = issued_[i].id;
    if ((first & kCheckBits) == kCheckBits) {
      ++i;
      continue;
    }
    std::uint32_t count = 1;
    while (++i < issued_.size() && issued_[i].id == first + count)
      ++count;
    const Part& part = parts_[first >> kAtomBits];
    const std::uint32_t atom = first & kCheckBits;
    const std::uint32_t begin = atom == 0 ? 0 : atom * atom_ - part.head;
    const std::uint32_t end = std::min((atom + count) * atom_ - part.head, part.bytes);
    effects_.take_effect(part.request, part.offset + begin, end - begin);
  }
}

void Channels::finish_part(Channel& channel, const Part& part, Tick done) {
  Request& request = requests_[part.request];
  request.done = std::max(request.done, done);
  if (--request.open != 0 || request.offered != request.bytes) return;
  channel.due.push({to_ps(request.done) + fixed_latency_, part.request});
}

// Entries to the one that something waits for.
std::uint32_t Channels::awaited_entries(const Channel& channel) const {
  if (port_ == 0) return channel.outlook.first_run();
  if (channel.waiting.empty()) return 0;
  const Cut cut = next_cut(requests_[channel.waiting.front()]);
  // What fits by now, without a look at it, is to be looked at.
  return std::max(channel.outlook.controller.waiting() + cut.atoms, port_ + 1) - port_;
}

void Channels::reschedule(std::uint32_t index, std::uint64_t now) {
  Channel& channel = channels_[index];
  const Tick bound = channel.outlook.next_done();
  if (bound != channel.bound) {
    channel.bound = bound;
    channel.look_at = to_ps(bound);
    if (channel.look_at != kNever) channel.look_at += fixed_latency_;
  }
  std::uint64_t wake = channel.look_at;
  const std::uint32_t entries = awaited_entries(channel);
  if (entries != 0) {
    wake = std::min(wake, to_ps(channel.outlook.next_entries(entries)));
    channel.bound = -1;  // found anew
    channel.look_at = wake;
  }
  if (!channel.due.empty()) wake = std::min(wake, channel.due.front().time);
  calendar_.set(index, std::max(wake, now));
}

// The last tick not after `now`.
Tick Channels::tick_at(std::uint64_t now) const {
  return static_cast<Tick>(ticks_.edge_at(now + 1)) - 1;
}

}  // namespace aipu::hbm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/hbm/address_map.h"
#include "hw/hbm/config.h"
#include "hw/hbm/constraints.h"
#include "hw/hbm/ecc.h"
#include "tlm/core/clock.h"
#include "tlm/core/ring.h"
#include "tlm/hbm/calendar.h"
#include "tlm/hbm/check_cache.h"
#include "tlm/hbm/outlook.h"
#include "tlm/hbm/sorted_ring.h"

namespace aipu::hbm {

/// Gets the bytes of requests as they take effect.
class Effects {
 public:
  Effects() = default;
  Effects(const Effects&) = delete;
  Effects& operator=(const Effects&) = delete;
  virtual ~Effects() = default;
  /// Bytes [offset, offset + bytes) of a request are read or written now.
  virtual void take_effect(std::uint32_t request, std::uint32_t offset, std::uint32_t bytes) = 0;
};

/// The pseudo-channels of one HBM and the requests that are on their way through them. Knows no
/// kernel: its owner passes the time, in picoseconds and never backwards, and calls run() when
/// next() has come.
///
/// A request is cut at the runs of the address map into parts, and a part into atoms, an access of
/// one burst each. A request is *taken* when its atoms are at the ports, each of which holds up to
/// `front_queue` x `interleave` bytes; with `front_queue` 0 when the schedulers have all of them.
/// It is *done* when the last of its bursts has ended and the fixed latencies have passed.
/// Controllers are advanced only when one of these may have come about.
class Channels {
 public:
  static constexpr std::uint64_t kNever = Calendar::kNever;

  struct Event {
    std::uint32_t request = 0;
    bool done = false;    ///< else taken
    bool waited = false;  ///< taken with the column command that freed its place, not before
  };

  /// `effects` outlives the object.
  Channels(const Config& config, Effects& effects);

  /// A new request. Its number is free again after close().
  std::uint32_t open(Direction direction, std::uint64_t address, std::uint32_t bytes);
  void close(std::uint32_t request) { free_requests_.push_back(request); }
  /// It arrives now. True when it is taken at once; otherwise an event says when.
  bool arrive(std::uint32_t request, std::uint64_t now);

  /// When run() must be called; that may be at once, and kNever.
  std::uint64_t next() const { return events_.empty() ? calendar_.earliest() : 0; }
  /// What has come about up to `now`, in order; valid until the next call.
  const std::vector<Event>& run(std::uint64_t now);
  /// Brings all controllers up to `now`, the last tick not after which is returned.
  Tick settle(std::uint64_t now);

  std::uint32_t size() const { return static_cast<std::uint32_t>(channels_.size()); }
  Controller& controller(std::uint32_t channel) { return channels_[channel].outlook.controller; }
  /// Accesses of check bits so far.
  std::uint64_t check_accesses() const { return check_accesses_; }
  /// Length of a CK cycle, rounded down.
  std::uint64_t ck_ps() const { return ticks_.edge_ps(static_cast<std::uint64_t>(ck_)); }
  std::uint64_t to_ps(Tick tick) const {
    return tick >= Controller::kNever ? kNever : ticks_.edge_ps(static_cast<std::uint64_t>(tick));
  }

 private:
  static constexpr std::uint32_t kAtomBits = 10;  // of an access id; the rest is the part
  static constexpr std::uint32_t kCheckBits = (1U << kAtomBits) - 1;  // for the atom
  static constexpr std::uint32_t kNobody = Outlook::kNobody;          // for the id

  struct Request {
    std::uint64_t address = 0;
    std::uint32_t bytes = 0;
    Direction direction = kRead;
    std::uint32_t offered = 0;  // bytes
    std::uint32_t open = 0;     // parts with atoms to issue
    std::uint32_t outside = 0;  // of what was announced, what has not wholly entered
    Tick done = 0;
  };
  struct Part {
    std::uint32_t request = 0;
    std::uint32_t offset = 0;  // in the request
    std::uint32_t bytes = 0;
    std::uint32_t head = 0;   // bytes of the first atom before it
    std::uint32_t atoms = 0;  // to issue
  };
  /// The next part of a request.
  struct Cut {
    std::uint32_t channel = 0;
    std::uint32_t bytes = 0;
    std::uint32_t head = 0;
    std::uint32_t atoms = 0;
  };
  struct Due {
    std::uint64_t time = 0;  // ps
    std::uint32_t request = 0;
    bool operator<(const Due& other) const { return time < other.time; }
  };
  struct Channel {
    Channel(const Config& config, const ConstraintTable& table)
        : outlook(config, table), checks(config.ecc_cache) {}
    Outlook outlook;
    CheckCache checks;
    SortedRing<Due> due;
    Ring<std::uint32_t> waiting;  // requests, for room at the port
    Tick bound = Controller::kNever;
    std::uint64_t look_at = kNever;  // ps: the bound has come
  };

  Cut next_cut(const Request& request) const;
  bool offer_rest(std::uint32_t request, std::uint64_t now);
  void offer(std::uint32_t request, const Cut& cut, std::uint64_t now);
  std::uint32_t offer_checks(std::uint32_t request, const Cut& cut, std::uint32_t part, Tick at);
  void find_checks(const Request& request, const Cut& cut);
  Access access(Direction direction, const Location& at, std::uint32_t id) const {
    return {direction, at.set * config_.bank_groups + at.group, at.row, at.column, id};
  }
  bool fits(const Channel& channel, const Cut& cut) const;
  std::uint32_t new_part(const Part& part);
  void run_channel(std::uint32_t channel, std::uint64_t now);
  void settle(std::uint32_t channel, Tick until);
  void advance(Channel& channel, Tick until, bool waited);
  void take_effects();
  void finish_part(Channel& channel, const Part& part, Tick done);
  void reschedule(std::uint32_t channel, std::uint64_t now);
  std::uint32_t awaited_entries(const Channel& channel) const;
  Tick tick_at(std::uint64_t now) const;

  const Config config_;
  const ConstraintTable table_;
  const AddressMap map_;
  const bool plain_map_;  // no keys of the user's
  const EccLayout ecc_;
  const Clock ticks_;
  const Tick ck_;
  const std::uint32_t atom_;           // bytes
  const std::uint32_t port_;           // atoms that may wait at a port; 0: any number
  const std::uint64_t fixed_latency_;  // ps
  Effects& effects_;

  std::vector<Channel> channels_;
  Calendar calendar_;
  std::vector<Request> requests_;
  std::vector<std::uint32_t> free_requests_;
  std::vector<Part> parts_;
  std::vector<std::uint32_t> free_parts_;
  std::vector<Event> events_;
  std::vector<Event> delivered_;
  std::uint64_t check_accesses_ = 0;
  std::vector<CheckAccess> checks_;     // scratch
  std::vector<Issue> issued_;           // scratch
  std::vector<std::uint32_t> entered_;  // scratch
};

}  // namespace aipu::hbm

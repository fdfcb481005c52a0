// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/debug/target.h"

namespace aipu::debug {

/// What a packet asks for: replies to send, and whether the machine goes on.
struct Answer {
  enum class Action { kStay, kResume, kDetach, kKill };

  Answer() = default;
  Answer(std::string reply) : replies{std::move(reply)} {}
  Answer(const char* reply) : replies{reply} {}
  explicit Answer(Action what) : action(what) {}

  std::vector<std::string> replies;  ///< payloads, in order
  Action action = Action::kStay;
};

/// GDB's remote serial protocol on top of a Target: payloads in, payloads out. Knows no sockets.
///
/// Threads are harts, numbered from 1. All-stop: when one stops all stop, and all go on together.
/// A debugger may let one hart go alone, to step over a breakpoint. Where simulated time has to
/// move for that, the others go on as well; but breakpoints stay with them, and the debugger must
/// not be told of another hart's stop before it has heard of the one.
/// What is not understood gets an empty reply, what is malformed an error.
class Stub {
 public:
  explicit Stub(Target& target);

  /// A debugger has connected: nothing is agreed on yet.
  void connect();
  Answer handle(std::string_view packet);
  /// The machine has stopped: what to send to a debugger that waits.
  std::vector<std::string> stopped(const Stop& stop);
  /// The machine stopped inside a range that is to be stepped through: the debugger need not know.
  bool steps_on(const Stop& stop);
  /// The hart that the debugger lets go alone has to be given up, for another one has stopped: what
  /// to send first. Nothing where `stop` may be told at once.
  std::optional<std::string> give_up(const Stop& stop);
  static std::string exited(unsigned code);

  bool acknowledges() const { return acknowledges_; }
  std::size_t selected() const { return selected_; }

 private:
  using Handler = Answer (Stub::*)(std::string_view rest);
  struct Entry {
    const char* mark;
    Handler handle;
  };
  struct Step {
    std::size_t hart = 0;
    bool steps = false;                ///< else it just goes on
    std::uint64_t begin = 0, end = 0;  ///< a range to step through, or empty
  };

  static const std::vector<Entry>& entries();
  Answer halt_reason(std::string_view);
  Answer read_general(std::string_view rest);
  Answer write_general(std::string_view rest);
  Answer read_one(std::string_view rest);
  Answer write_one(std::string_view rest);
  Answer read_memory(std::string_view rest);
  Answer write_hex(std::string_view rest);
  Answer write_binary(std::string_view rest);
  Answer write_memory(std::uint64_t address, const std::string& bytes);
  Answer insert(std::string_view rest) { return point(rest, true); }
  Answer remove(std::string_view rest) { return point(rest, false); }
  Answer point(std::string_view rest, bool on);
  Answer select(std::string_view rest);
  Answer alive(std::string_view rest);
  Answer go(std::string_view rest) { return resume_at(rest, false); }
  Answer step(std::string_view rest) { return resume_at(rest, true); }
  Answer go_signal(std::string_view rest) { return resume_signal(rest, false); }
  Answer step_signal(std::string_view rest) { return resume_signal(rest, true); }
  Answer resume_signal(std::string_view rest, bool steps);
  Answer resume_at(std::string_view rest, bool steps);
  Answer cont_actions(std::string_view);
  Answer cont(std::string_view rest);
  Answer detach(std::string_view);
  Answer kill(std::string_view);
  Answer supported(std::string_view);
  Answer no_acks(std::string_view);
  Answer features(std::string_view rest);
  Answer threads(std::string_view rest);
  Answer first_threads(std::string_view);
  Answer last_threads(std::string_view);
  Answer thread_text(std::string_view rest);
  Answer current_thread(std::string_view);
  Answer attached(std::string_view);
  Answer symbols(std::string_view);
  Answer command(std::string_view rest);

  Answer resume(const std::vector<Step>& named, bool others_go);
  void apply(std::set<std::uint64_t> breakpoints);
  std::optional<std::size_t> take_thread(std::string_view& text, bool& all) const;
  std::optional<Step> take_action(std::string_view action, bool& all) const;
  unsigned bytes() const { return target_.xlen() / 8; }
  std::string threads_xml() const;

  Target& target_;
  bool acknowledges_ = true;
  std::size_t selected_ = 0;  ///< hart of registers and memory
  Stop last_;
  std::set<std::uint64_t> breakpoints_, planted_;
  std::vector<cpu::WatchRange> watches_, watching_;
  std::size_t planted_for_ = 0;  ///< hart selected then
  std::optional<std::size_t> alone_;
  std::optional<Step> range_;
  std::string threads_xml_;
};

}  // namespace aipu::debug

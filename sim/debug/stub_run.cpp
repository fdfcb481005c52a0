// SPDX-License-Identifier: Apache-2.0
// Threads, going on and stopping.
#include <algorithm>
#include <fmt/format.h>

#include "sim/debug/hex.h"
#include "sim/debug/registers.h"
#include "sim/debug/stub.h"

namespace aipu::debug {
namespace {

constexpr const char* kMalformed = "E01";
constexpr const char* kGood = "OK";
constexpr unsigned kStackPointer = 2;

}  // namespace

/// A thread of a packet: "all" for -1 and 0. Nothing where there is no such thread.
std::optional<std::size_t> Stub::take_thread(std::string_view& text, bool& all) const {
  all = take(text, "-1");
  if (all) return selected_;
  const auto id = take_number(text);
  if (!id || *id > target_.harts()) return std::nullopt;
  all = *id == 0;
  return all ? selected_ : static_cast<std::size_t>(*id - 1);
}

Answer Stub::select(std::string_view rest) {
  const bool memory = take(rest, "g");
  if (!memory && !take(rest, "c")) return "";
  bool all = false;
  const auto hart = take_thread(rest, all);
  if (!hart || !rest.empty()) return kMalformed;
  if (memory) selected_ = *hart;
  return kGood;
}

Answer Stub::alive(std::string_view rest) {
  bool all = false;
  return take_thread(rest, all) && !all && rest.empty() ? kGood : kMalformed;
}

Answer Stub::halt_reason(std::string_view) {
  return stopped(last_).back();
}

std::vector<std::string> Stub::stopped(const Stop& stop) {
  last_ = stop;
  last_.note.clear();
  selected_ = stop.hart;
  std::string text = fmt::format("T{:02x}", static_cast<unsigned>(stop.signal));
  if (stop.watch) {
    const char* kind = !stop.watch->write ? "rwatch" : stop.watch->read ? "awatch" : "watch";
    text += fmt::format("{}:{:x};", kind, stop.watch_address);
  }
  text += fmt::format("thread:{:x};", stop.hart + 1);
  for (const unsigned number : {kStackPointer, kPc}) {
    const auto value = target_.read_register(stop.hart, number);
    if (value) text += fmt::format("{:02x}:{};", number, register_hex(*value, bytes()));
  }
  if (stop.note.empty()) return {text};
  return {"O" + to_hex(stop.note), text};
}

std::string Stub::exited(unsigned code) {
  return fmt::format("W{:02x}", code & 0xffU);
}

bool Stub::steps_on(const Stop& stop) {
  if (!range_ || !stop.step || stop.hart != range_->hart) {
    range_.reset();
    return false;
  }
  const auto pc = target_.read_register(stop.hart, kPc);
  if (!pc || *pc < range_->begin || *pc >= range_->end || breakpoints_.count(*pc) != 0) {
    range_.reset();
    return false;
  }
  target_.step(stop.hart);
  return true;
}

Answer Stub::resume_signal(std::string_view rest, bool steps) {
  // A hart has no signals: the number is taken note of by nobody.
  if (!take_number(rest)) return kMalformed;
  if (!rest.empty() && !take(rest, ";")) return kMalformed;
  return resume_at(rest, steps);
}

Answer Stub::resume_at(std::string_view rest, bool steps) {
  if (!rest.empty()) {
    const auto pc = take_number(rest);
    if (!pc || !rest.empty()) return kMalformed;
    target_.write_register(selected_, kPc, *pc);
  }
  Step step;
  step.hart = selected_;
  step.steps = steps;
  return resume({step}, true);
}

Answer Stub::cont_actions(std::string_view) {
  return "vCont;c;C;s;S;t;r";
}

/// One action of vCont; `all` where it names no thread.
std::optional<Stub::Step> Stub::take_action(std::string_view action, bool& all) const {
  Step step;
  const char kind = action.empty() ? '\0' : action.front();
  action.remove_prefix(action.empty() ? 0 : 1);
  if (kind == 'C' || kind == 'S') {
    if (!take_number(action)) return std::nullopt;
  } else if (kind == 'r') {
    const auto begin = take_number(action);
    if (!begin || !take(action, ",")) return std::nullopt;
    const auto end = take_number(action);
    if (!end) return std::nullopt;
    step.begin = *begin;
    step.end = *end;
  } else if (kind != 'c' && kind != 's' && kind != 't') {
    return std::nullopt;
  }
  step.steps = kind == 's' || kind == 'S' || kind == 'r';
  all = true;
  step.hart = selected_;
  if (!take(action, ":")) return action.empty() ? std::optional(step) : std::nullopt;
  const auto hart = take_thread(action, all);
  if (!hart || !action.empty()) return std::nullopt;
  step.hart = *hart;
  return step;
}

Answer Stub::cont(std::string_view rest) {
  std::vector<Step> named;
  bool others_go = false;
  if (rest.empty()) return kMalformed;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    bool all = false;
    const auto action = take_action(rest.substr(0, end), all);
    if (!action) return kMalformed;
    if (!all || action->steps) named.push_back(*action);
    others_go = others_go || all;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return resume(named, others_go);
}

Answer Stub::resume(const std::vector<Step>& named, bool others_go) {
  std::set<std::uint64_t> points = breakpoints_;
  alone_.reset();
  range_.reset();
  if (!others_go && !named.empty()) {
    // It is taken over a breakpoint, which is out for all harts: the others must not run through.
    alone_ = named.front().hart;
    const auto pc = target_.read_register(*alone_, kPc);
    if (pc && planted_.count(*pc) != 0) points.insert(*pc);
    target_.pass_breakpoint(*alone_, true);
  }
  apply(std::move(points));
  for (const Step& step : named) {
    if (step.steps) target_.step(step.hart);
    if (step.begin != step.end) range_ = step;
  }
  return Answer(Answer::Action::kResume);
}

std::optional<std::string> Stub::give_up(const Stop& stop) {
  if (!alone_ || *alone_ == stop.hart) return std::nullopt;
  Stop first;
  first.hart = *alone_;
  first.signal = Signal::kUrgent;
  target_.pass_breakpoint(*alone_, false);  // the debugger waits for it there
  alone_.reset();
  return stopped(first).back();
}

Answer Stub::detach(std::string_view) {
  Answer answer(Answer::Action::kDetach);
  answer.replies = {kGood};
  return answer;
}

Answer Stub::kill(std::string_view rest) {
  Answer answer(Answer::Action::kKill);
  if (!rest.empty()) answer.replies = {kGood};  // vKill expects a reply, k none
  return answer;
}

}  // namespace aipu::debug

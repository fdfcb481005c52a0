// SPDX-License-Identifier: Apache-2.0
#include "sim/debug/session.h"

#include <utility>

namespace aipu::debug {
namespace {

constexpr int kPatience = 100;  // ms of host time between looks at the user's interrupt
constexpr char kInterruptByte = '\x03';
constexpr const char* kDamaged = "E01";

}  // namespace

Session::Session(Target& target, Channel& channel, Interrupted interrupted, Say say)
    : target_(target),
      channel_(channel),
      interrupted_(std::move(interrupted)),
      say_(std::move(say)),
      stub_(target) {}

void Session::attach() {
  while (!channel_.connect(kPatience)) {
    if (interrupted_()) return;
  }
  welcome();
}

void Session::welcome() {
  attached_ = true;
  stub_.connect();
  target_.attach();
  receiver_ = Receiver();
  input_.clear();
  serve();
}

void Session::stopped(const Stop& stop) {
  if (!attached_) return;
  if (!interrupt_waits() && stub_.steps_on(stop)) return;
  if (const auto first = stub_.give_up(stop)) {
    send(*first);
    serve();
    if (!attached_) return;
  }
  for (const std::string& reply : stub_.stopped(stop))
    send(reply);
  serve();
}

void Session::poll() {
  if (killed_) return;
  if (!attached_) {
    if (channel_.connect(0)) welcome();
    return;
  }
  const auto more = channel_.read(0);
  if (!more) {
    release("the debugger's connection is closed; the run goes on");
    return;
  }
  input_ += *more;
  while (attached_ && !input_.empty()) {
    const char c = input_.front();
    input_.erase(0, 1);
    if (receiver_.push(c) != Receiver::Event::kInterrupt) continue;  // nothing else comes now
    Stop stop;
    stop.hart = stub_.selected();
    stop.signal = Signal::kInterrupt;
    stopped(stop);
  }
}

/// Whether Ctrl-C came while a range is stepped through, which no poll() interrupts.
bool Session::interrupt_waits() {
  if (auto more = channel_.read(0)) input_ += *more;
  return input_.find(kInterruptByte) != std::string::npos;
}

void Session::ended(unsigned exit_code) {
  if (!attached_) return;
  send(Stub::exited(exit_code));
  attached_ = false;
  channel_.close();
}

void Session::serve() {
  serving_ = true;
  while (serving_) {
    if (input_.empty()) {
      auto more = channel_.read(kPatience);
      if (!more) {
        release("the debugger's connection is closed; the run goes on");
      } else if (interrupted_()) {
        release(nullptr);
      } else {
        input_ = std::move(*more);
      }
      continue;
    }
    const char c = input_.front();
    input_.erase(0, 1);
    take(c);
  }
}

void Session::take(char c) {
  using Event = Receiver::Event;
  const bool acknowledges = stub_.acknowledges();
  switch (receiver_.push(c)) {
    case Event::kPacket:
      if (acknowledges) channel_.write("+");
      act(stub_.handle(receiver_.packet()));
      break;
    case Event::kBadChecksum:
      acknowledges ? channel_.write("-") : send(kDamaged);
      break;
    case Event::kOversize:
      if (acknowledges) channel_.write("+");
      send(kDamaged);
      break;
    case Event::kNak:
      if (acknowledges) channel_.write(last_line_);
      break;
    default:
      break;
  }
}

void Session::act(const Answer& answer) {
  using Action = Answer::Action;
  for (const std::string& reply : answer.replies)
    send(reply);
  switch (answer.action) {
    case Action::kStay:
      break;
    case Action::kResume:
      serving_ = false;
      break;
    case Action::kDetach:
      release("the debugger has detached; the run goes on");
      break;
    case Action::kKill:
      killed_ = true;
      release(nullptr);
      break;
  }
}

void Session::send(std::string_view payload) {
  last_line_ = frame(payload);
  channel_.write(last_line_);
}

void Session::release(const char* why) {
  target_.release();
  channel_.close();
  attached_ = serving_ = false;
  if (why != nullptr) say_(why);
}

}  // namespace aipu::debug

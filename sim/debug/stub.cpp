// SPDX-License-Identifier: Apache-2.0
// The table of packets, registers, memory and points.
#include "sim/debug/stub.h"

#include <algorithm>

#include "sim/debug/hex.h"
#include "sim/debug/packet.h"
#include "sim/debug/registers.h"

namespace aipu::debug {
namespace {

constexpr const char* kMalformed = "E01";
constexpr const char* kNoMemory = "E0e";
constexpr const char* kGood = "OK";

/// "address,length" of a memory packet, up to `end`.
struct Span {
  std::uint64_t address = 0, bytes = 0;
};
std::optional<Span> take_span(std::string_view& text) {
  const auto address = take_number(text);
  if (!address || !take(text, ",")) return std::nullopt;
  const auto bytes = take_number(text);
  if (!bytes || *bytes > kPacketBytes) return std::nullopt;
  return Span{*address, *bytes};
}

}  // namespace

Stub::Stub(Target& target) : target_(target) {}

const std::vector<Stub::Entry>& Stub::entries() {
  static const std::vector<Entry> table{
      {"?", &Stub::halt_reason},
      {"g", &Stub::read_general},
      {"G", &Stub::write_general},
      {"p", &Stub::read_one},
      {"P", &Stub::write_one},
      {"m", &Stub::read_memory},
      {"M", &Stub::write_hex},
      {"X", &Stub::write_binary},
      {"Z", &Stub::insert},
      {"z", &Stub::remove},
      {"H", &Stub::select},
      {"T", &Stub::alive},
      {"vCont?", &Stub::cont_actions},
      {"vCont;", &Stub::cont},
      {"vKill", &Stub::kill},
      {"c", &Stub::go},
      {"s", &Stub::step},
      {"C", &Stub::go_signal},
      {"S", &Stub::step_signal},
      {"D", &Stub::detach},
      {"k", &Stub::kill},
      {"qSupported", &Stub::supported},
      {"QStartNoAckMode", &Stub::no_acks},
      {"qXfer:features:read:target.xml:", &Stub::features},
      {"qXfer:threads:read::", &Stub::threads},
      {"qfThreadInfo", &Stub::first_threads},
      {"qsThreadInfo", &Stub::last_threads},
      {"qThreadExtraInfo,", &Stub::thread_text},
      {"qC", &Stub::current_thread},
      {"qAttached", &Stub::attached},
      {"qSymbol", &Stub::symbols},
      {"qRcmd,", &Stub::command},
  };
  return table;
}

void Stub::connect() {
  acknowledges_ = true;
  selected_ = 0;
  last_ = Stop{};
  breakpoints_.clear();
  planted_.clear();
  watches_.clear();
  watching_.clear();
  alone_.reset();
  range_.reset();
}

Answer Stub::handle(std::string_view packet) {
  for (const Entry& entry : entries()) {
    std::string_view rest = packet;
    if (take(rest, entry.mark)) return (this->*entry.handle)(rest);
  }
  return "";
}

Answer Stub::read_general(std::string_view rest) {
  if (!rest.empty()) return "";
  std::string text;
  for (unsigned i = 0; i < kGeneral; ++i)
    text += register_hex(target_.read_register(selected_, i).value_or(0), bytes());
  return text;
}

Answer Stub::write_general(std::string_view rest) {
  const std::size_t digits = 2 * std::size_t{bytes()};
  if (rest.size() < kGeneral * digits) return kMalformed;
  for (unsigned i = 0; i < kGeneral; ++i) {
    const auto value = register_value(rest.substr(i * digits, digits), bytes());
    if (!value) return kMalformed;
    // The pc stays untouched where it is the same: the hart may stand inside a block.
    if (target_.read_register(selected_, i) != value) target_.write_register(selected_, i, *value);
  }
  return kGood;
}

Answer Stub::read_one(std::string_view rest) {
  const auto number = take_number(rest);
  if (!number || !rest.empty()) return kMalformed;
  const auto value = target_.read_register(selected_, static_cast<unsigned>(*number));
  return value ? Answer(register_hex(*value, bytes())) : Answer(kMalformed);
}

Answer Stub::write_one(std::string_view rest) {
  const auto number = take_number(rest);
  if (!number || !take(rest, "=")) return kMalformed;
  const auto value = register_value(rest, bytes());
  const bool good =
      value && target_.write_register(selected_, static_cast<unsigned>(*number), *value);
  return good ? kGood : kMalformed;
}

Answer Stub::read_memory(std::string_view rest) {
  const auto span = take_span(rest);
  if (!span || !rest.empty() || span->bytes == 0) return kMalformed;
  std::vector<std::uint8_t> data(std::min<std::uint64_t>(span->bytes, kPacketBytes / 2));
  const std::uint64_t done =
      target_.read_memory(selected_, span->address, data.data(), data.size());
  return done == 0 ? Answer(kNoMemory) : Answer(to_hex(data.data(), done));
}

Answer Stub::write_memory(std::uint64_t address, const std::string& bytes) {
  if (bytes.empty()) return kGood;  // the debugger tries whether the packet is known
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return target_.write_memory(selected_, address, data, bytes.size()) ? kGood : kNoMemory;
}

Answer Stub::write_hex(std::string_view rest) {
  const auto span = take_span(rest);
  if (!span || !take(rest, ":")) return kMalformed;
  const auto data = from_hex(rest);
  if (!data || data->size() != span->bytes) return kMalformed;
  return write_memory(span->address, *data);
}

Answer Stub::write_binary(std::string_view rest) {
  const auto span = take_span(rest);
  if (!span || !take(rest, ":") || rest.size() != span->bytes) return kMalformed;
  return write_memory(span->address, std::string(rest));
}

Answer Stub::point(std::string_view rest, bool on) {
  const auto kind = take_number(rest);
  if (!kind || !take(rest, ",")) return kMalformed;
  const auto address = take_number(rest);
  if (!address || !take(rest, ",")) return kMalformed;
  const auto length = take_number(rest);
  if (!length) return kMalformed;
  constexpr std::uint64_t kHardware = 1, kWrite = 2, kRead = 3, kAccess = 4;
  if (*kind > kAccess) return "";
  if (*kind <= kHardware) {
    on ? void(breakpoints_.insert(*address)) : void(breakpoints_.erase(*address));
    return kGood;
  }
  if (*length == 0) return kMalformed;
  const cpu::WatchRange range{*address, *length, *kind != kWrite, *kind != kRead};
  const auto found = std::find(watches_.begin(), watches_.end(), range);
  if (on && found == watches_.end()) watches_.push_back(range);
  if (!on && found != watches_.end()) watches_.erase(found);
  return kGood;
}

void Stub::apply(std::set<std::uint64_t> breakpoints) {
  if (breakpoints != planted_ || planted_for_ != selected_) {
    target_.set_breakpoints(breakpoints, selected_);
  }
  planted_ = std::move(breakpoints);
  planted_for_ = selected_;
  if (alone_ || watches_ == watching_) return;  // those who do not go alone keep being watched
  target_.set_watches(watches_);
  watching_ = watches_;
}

}  // namespace aipu::debug

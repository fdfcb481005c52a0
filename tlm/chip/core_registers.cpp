// SPDX-License-Identifier: Apache-2.0
#include "tlm/chip/core_registers.h"

#include <cstring>
#include <fmt/format.h>

#include "regs/abi.h"
#include "regs/control.h"
#include "regs/core.h"
#include "regs/counter.h"
#include "regs/queue.h"

namespace aipu::chip {
namespace {

namespace abi = regs::abi;
namespace control = regs::control;
namespace counter = regs::counter;
namespace map = regs::core;
namespace queue = regs::queue;

constexpr std::size_t kMostConsoleLine = 4096;  // a line without end is printed in pieces

/// Sync need of every word of a block's first 512 bytes, from its register table.
struct SyncTable {
  std::array<std::uint8_t, 128> flags{};  // bit 0: read, bit 1: write

  template <typename Registers>
  constexpr explicit SyncTable(const Registers& registers) {
    for (const auto& r : registers) {
      for (std::uint32_t i = 0; i < r.count; ++i) {
        flags[r.offset / 4 + i] = static_cast<std::uint8_t>(r.sync);  // kNone, kRead, kWrite, kBoth
      }
    }
  }
  constexpr bool needs(std::uint32_t offset, bool write) const {
    return offset / 4 < flags.size() && (flags[offset / 4] & (write ? 2U : 1U)) != 0;
  }
};
static_assert(static_cast<int>(control::Sync::kRead) == 1 &&
                  static_cast<int>(control::Sync::kBoth) == 3,
              "sync codes are bit masks");

constexpr SyncTable kControl(control::kRegisters);
constexpr SyncTable kQueue(queue::kRegisters);
constexpr SyncTable kCounter(counter::kRegisters);

/// A register is accessed as a whole aligned word at a 32-bit address.
tlm::tlm_response_status refusal_of(const tlm::tlm_generic_payload& payload) {
  if (payload.get_address() >> 32U != 0) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  const bool word = payload.get_data_length() == 4 && payload.get_streaming_width() >= 4;
  return word && payload.get_address() % 4 == 0 ? tlm::TLM_OK_RESPONSE
                                                : tlm::TLM_BURST_ERROR_RESPONSE;
}

constexpr std::uint32_t high(std::uint64_t v) {
  return static_cast<std::uint32_t>(v >> 32U);
}
constexpr std::uint32_t low(std::uint64_t v) {
  return static_cast<std::uint32_t>(v);
}

}  // namespace

bool needs_sync(std::uint32_t address, bool write) {
  if (address - map::kControlBase < map::kControlSize) {
    return kControl.needs(address - map::kControlBase, write);
  }
  if (address - map::kQueuesBase < map::kQueuesSize) {
    return kQueue.needs((address - map::kQueuesBase) % queue::kStride, write);
  }
  if (address - map::kCountersBase < map::kCountersSize) {
    return kCounter.needs(address - map::kCountersBase, write);
  }
  return false;
}

CoreRegisters::CoreRegisters(const sc_core::sc_module_name& name, const Identity& identity,
                             Clock clock, CounterFile& counters, SignalRouter& signals,
                             HostPort& host)
    : Model(name),
      identity_(identity),
      clock_(clock),
      counters_(counters),
      signals_(signals),
      host_(host) {
  mmio_in.register_b_transport(this, &CoreRegisters::b_transport);
  mmio_in.register_transport_dbg(this, &CoreRegisters::transport_dbg);
  SC_HAS_PROCESS(CoreRegisters);
  SC_METHOD(watch_timer);
  sensitive << timer_event_;
  dont_initialize();
}

void CoreRegisters::connect(cpu::Hart& hart, const std::array<CommandEngine*, kQueues>& engines) {
  hart_ = &hart;
  engines_ = engines;
}

std::string CoreRegisters::waiting_for() const {
  if (!read_waiter_.armed()) return {};
  return fmt::format("{}: the hart reads counter {} = {}, wants {}", name(), read_waiter_.counter(),
                     counters_.value(read_waiter_.counter()), read_waiter_.target());
}

std::string CoreRegisters::blocking_read() const {
  if (!read_waiter_.armed()) return {};
  return fmt::format("counter {} = {}, wants {}", read_waiter_.counter(),
                     counters_.value(read_waiter_.counter()), read_waiter_.target());
}

void CoreRegisters::fault(const Fault& fault) {
  if (latched_.rule != abi::kRuleNone) return;  // the first one explains the others
  latched_ = fault;
  host_.engine_fault(identity_.id, fault);
  hart_->set_interrupt(cpu::Interrupt::kFault, true);
}

void CoreRegisters::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  auto* mmio = payload.get_extension<MmioExtension>();
  if (const auto refusal = refusal_of(payload); refusal != tlm::TLM_OK_RESPONSE) {
    payload.set_response_status(refusal);
    return;
  }
  const auto address = static_cast<std::uint32_t>(payload.get_address());
  std::uint32_t value = 0;
  Answer answer = Answer::kDone;
  if (payload.is_write()) {
    std::memcpy(&value, payload.get_data_ptr(), 4);
    answer = write(address, value, mmio != nullptr ? mmio->pc : 0);
  } else {
    answer = read(address, now_ps() + delay.value(), value);
    std::memcpy(payload.get_data_ptr(), &value, 4);
  }
  if (answer == Answer::kStalled && mmio != nullptr) {
    mmio->stalled = true;
    answer = Answer::kDone;
  }
  payload.set_response_status(answer == Answer::kDone         ? tlm::TLM_OK_RESPONSE
                              : answer == Answer::kNoRegister ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                                              : tlm::TLM_COMMAND_ERROR_RESPONSE);
}

unsigned CoreRegisters::transport_dbg(tlm::tlm_generic_payload& payload) {
  // Reads without side effects only: a debugger must not move the machine.
  const auto address = static_cast<std::uint32_t>(payload.get_address());
  std::uint32_t value = 0;
  if (!payload.is_read() || refusal_of(payload) != tlm::TLM_OK_RESPONSE) return 0;
  if (address == map::kCountersBase + counter::kWaitRead) return 0;
  if (read(address, now_ps(), value) != Answer::kDone) return 0;
  std::memcpy(payload.get_data_ptr(), &value, 4);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  return 4;
}

CoreRegisters::Answer CoreRegisters::read(std::uint32_t address, std::uint64_t time,
                                          std::uint32_t& value) {
  if (address - map::kControlBase < map::kControlSize) {
    return read_control(address - map::kControlBase, time, value);
  }
  if (address - map::kQueuesBase < map::kQueuesSize)
    return read_queue(address - map::kQueuesBase, value);
  if (address - map::kCountersBase < map::kCountersSize) {
    return read_counter(address - map::kCountersBase, value);
  }
  return Answer::kNoRegister;
}

CoreRegisters::Answer CoreRegisters::write(std::uint32_t address, std::uint32_t value,
                                           std::uint32_t pc) {
  if (address - map::kQueuesBase < map::kQueuesSize) {
    return write_queue(address - map::kQueuesBase, value, pc);
  }
  if (address - map::kCountersBase < map::kCountersSize) {
    return write_counter(address - map::kCountersBase, value);
  }
  if (address - map::kControlBase < map::kControlSize) {
    return write_control(address - map::kControlBase, value);
  }
  return Answer::kNoRegister;
}

CoreRegisters::Answer CoreRegisters::read_control(std::uint32_t offset, std::uint64_t time,
                                                  std::uint32_t& value) const {
  const std::uint64_t mtime = clock_.edge_at(time);
  switch (offset) {
    case control::kAipuId:
      value = identity_.id.aipu;
      break;
    case control::kCoreId:
      value = identity_.id.core;
      break;
    case control::kCoreCount:
      value = identity_.core_count;
      break;
    case control::kAipuCount:
      value = identity_.aipu_count;
      break;
    case control::kSramBytes:
      value = identity_.sram_bytes;
      break;
    case control::kMtimeLo:
      value = low(mtime);
      break;
    case control::kMtimeHi:
      value = high(mtime);
      break;
    case control::kMtimecmpLo:
      value = low(mtimecmp_);
      break;
    case control::kMtimecmpHi:
      value = high(mtimecmp_);
      break;
    case control::kFaultStatus:
      value = latched_.rule << control::kFaultStatusRuleShift |
              latched_.queue << control::kFaultStatusQueueShift;
      break;
    case control::kFaultAddrLo:
      value = low(latched_.address);
      break;
    case control::kFaultAddrHi:
      value = high(latched_.address);
      break;
    case control::kFaultPc:
      value = latched_.pc;
      break;
    case control::kConsole:
    case control::kMark:
    case control::kMail:
    case control::kExit:
      return Answer::kBadAccess;
    default:
      return Answer::kNoRegister;
  }
  return Answer::kDone;
}

CoreRegisters::Answer CoreRegisters::write_control(std::uint32_t offset, std::uint32_t value) {
  constexpr std::uint64_t kLow = 0xFFFFFFFFU;
  switch (offset) {
    case control::kMtimecmpLo:
    case control::kMtimecmpHi:
      mtimecmp_ = offset == control::kMtimecmpLo ? (mtimecmp_ & ~kLow) | value
                                                 : (mtimecmp_ & kLow) | std::uint64_t{value} << 32U;
      watch_timer();
      break;
    case control::kConsole:
      put_console(static_cast<char>(value));
      break;
    case control::kMark:
      host_.mark(identity_.id, value);
      break;
    case control::kMail:
      host_.mail(identity_.id, value);
      break;
    case control::kExit:
      hart_->stop();
      flush_console();
      host_.exited(identity_.id, value);
      break;
    case control::kFaultStatus:
      latched_ = Fault{};
      hart_->set_interrupt(cpu::Interrupt::kFault, false);
      break;
    default:
      return offset < sizeof(std::uint32_t) * 32 ? Answer::kBadAccess : Answer::kNoRegister;
  }
  return Answer::kDone;
}

void CoreRegisters::watch_timer() {
  const std::uint64_t now = now_ps();
  const bool due = clock_.edge_at(now) >= mtimecmp_;
  hart_->set_interrupt(cpu::Interrupt::kTimer, due);
  timer_event_.cancel();
  // Further off than a day of simulated time counts as never: the sum must not wrap.
  constexpr std::uint64_t kNever = 86'400ULL * 1'000'000'000'000ULL;
  if (!due && mtimecmp_ < clock_.edge_at(kNever)) {
    timer_event_.notify(to_time(Picoseconds(clock_.edge_ps(mtimecmp_) - now)));
  }
}

void CoreRegisters::put_console(char c) {
  if (c != '\n') line_.push_back(c);
  if (c == '\n' || line_.size() >= kMostConsoleLine) {
    host_.console_line(identity_.id, line_);
    line_.clear();
  }
}

void CoreRegisters::flush_console() {
  if (!line_.empty()) put_console('\n');
}

CoreRegisters::Answer CoreRegisters::read_queue(std::uint32_t offset, std::uint32_t& value) const {
  const std::size_t index = offset / queue::kStride;
  const std::uint32_t inside = offset % queue::kStride;
  if (index >= kQueues) return Answer::kNoRegister;
  if (inside < queue::kDoorbell) {
    value = staged_[index].words[inside / 4];
    return Answer::kDone;
  }
  if (inside == queue::kDoorbell) return Answer::kBadAccess;
  if (inside != queue::kStatus) return Answer::kNoRegister;
  const CommandEngine* engine = engines_[index];
  value = engine == nullptr ? 0
                            : engine->free_slots() << queue::kStatusFreeShift |
                                  std::uint32_t{engine->active()} << queue::kStatusBusyShift;
  return Answer::kDone;
}

CoreRegisters::Answer CoreRegisters::write_queue(std::uint32_t offset, std::uint32_t value,
                                                 std::uint32_t pc) {
  const std::size_t index = offset / queue::kStride;
  const std::uint32_t inside = offset % queue::kStride;
  if (index >= kQueues) return Answer::kNoRegister;
  if (inside < queue::kDoorbell) {
    staged_[index].words[inside / 4] = value;
    return Answer::kDone;
  }
  if (inside == queue::kDoorbell) return ring_doorbell(index, value, pc);
  return inside == queue::kStatus ? Answer::kBadAccess : Answer::kNoRegister;
}

CoreRegisters::Answer CoreRegisters::ring_doorbell(std::size_t index, std::uint32_t opcode,
                                                   std::uint32_t pc) {
  CommandEngine* engine = engines_[index];
  if (engine == nullptr) {
    fault({abi::kRuleUnknownCommand, static_cast<std::uint32_t>(index), opcode, opcode, pc});
    return Answer::kDone;
  }
  if (engine->free_slots() == 0) {
    engine->when_space(&space_);
    full_queue_ = static_cast<std::uint32_t>(index);
    return Answer::kStalled;
  }
  Command& command = staged_[index];
  command.opcode = opcode;
  command.pc = pc;
  engine->push(command);
  return Answer::kDone;
}

}  // namespace aipu::chip

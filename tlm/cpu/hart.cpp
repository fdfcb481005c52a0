// SPDX-License-Identifier: Apache-2.0
#include "tlm/cpu/hart.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "hw/base/assert.h"
#include "regs/core.h"

namespace aipu::cpu {
namespace {

constexpr std::uint32_t kWfiBytes = 4;  // of the instruction, which has no compressed form

}  // namespace

std::string HartFault::text() const {
  return fmt::format(
      "{}: pc {:#010x}: {} (mcause {}, mtval {:#x}){}", hart, pc,
      interrupt ? "interrupt" : cause::to_string(cause), cause, value,
      nested ? ", in the first instruction of the trap handler" : ", and mtvec is not set");
}

Hart::Hart(const sc_core::sc_module_name& name, const Config& config, const Clock& clock,
           std::uint32_t hart_id, NeedsSync needs_sync, FaultCallback on_fault)
    : Model(name),
      config_(config),
      clock_(clock),
      needs_sync_(needs_sync),
      on_fault_(std::move(on_fault)),
      core_(config, port_, hart_id) {
  SC_HAS_PROCESS(Hart);
  SC_METHOD(step);
  sensitive << event_;
  dont_initialize();
  payload_.set_extension(&extension_);
  mem_out.register_invalidate_direct_mem_ptr(this, &Hart::forget_memory);
}

Hart::~Hart() {
  payload_.clear_extension(&extension_);
}

void Hart::reset(std::uint32_t pc, std::uint32_t sp) {
  count();
  const std::uint64_t now = now_cycles();
  idle_cycles_ += now - std::min(now, core_.cycles());
  core_.reset(pc, sp, now);
  wfi_pending_ = waking_ = resumed_early_ = false;
  enter(kBusy);
  wake_at(core_.cycles());
}

void Hart::set_interrupt(Interrupt line, bool level) {
  core_.set_line(line, level);
  if (level && state_ == kWfi && !waking_ && core_.csrs().wakes()) {
    waking_ = true;
    wake_at(std::max(core_.cycles(), now_cycles()) + config_.wfi_wake.count);
  }
  // A stalled access is given up for the trap and tried again after it: its target may never
  // answer.
  const bool stalled = state_ == kStoreStall || state_ == kLoadStall;
  if (level && stalled && core_.csrs().ready()) resume_stalled();
}

void Hart::stop() {
  core_.request_exit();
  if (in_step_ || state_ == kEnded) return;  // inside a register write the step ends the hart
  count();
  event_.cancel();
  enter(kEnded);
}

void Hart::resume_stalled() {
  if (state_ == kStoreStall || state_ == kLoadStall) {
    if (waking_) return;
    waking_ = true;
    wake_at(std::max(core_.cycles(), now_cycles()));
  } else if (in_step_) {
    resumed_early_ = true;
  }
}

void Hart::wake_at(std::uint64_t cycles) {
  event_.notify(to_time(Picoseconds(clock_.edge_ps(cycles) - now_ps())));
}

void Hart::enter(State state) {
  if (state == state_) return;
  state_ = state;
  shares_.enter(static_cast<std::size_t>(state), now_ps());
  if (observer_ == nullptr) return;
  const bool stalled = state == kStoreStall || state == kLoadStall;
  const std::uint32_t behind = state == kWfi ? kWfiBytes : 0;
  observer_->entered(state, now_ps(), pc() - behind, stalled ? stalled_at_ : 0);
}

void Hart::step() {
  in_step_ = true;
  if (!memory_known_) find_memory();
  if (state_ == kStoreStall || state_ == kLoadStall) {
    core_.advance_to(now_cycles(),
                     state_ == kStoreStall ? &Clocks::store_stall : &Clocks::load_stall);
  } else if (state_ == kWfi) {
    core_.advance_to(now_cycles(), &Clocks::wfi);
  }
  waking_ = false;
  Stop why = Stop::kWfi;
  if (!wfi_pending_) {
    enter(kBusy);
    why = execute();
  }
  after(why);
  in_step_ = false;
}

Stop Hart::execute() {
  const Cycles ahead = core_.csrs().enabled() ? config_.interrupt_quantum : config_.quantum;
  Stop why = core_.run(ahead.count);
  count();
  while (why == Stop::kBreakpoint) {
    on_halt_(*this);
    why = core_.resume();
    count();
  }
  return why;
}

void Hart::after(Stop why) {
  switch (why) {
    case Stop::kQuantum:
    case Stop::kSync:
      wake_at(core_.cycles());
      break;
    case Stop::kWfi:
      if (!synced(core_.cycles())) {  // interrupts up to here are still to come
        wfi_pending_ = true;
        wake_at(core_.cycles());
        break;
      }
      wfi_pending_ = false;
      if (core_.csrs().wakes()) {
        wake_at(core_.cycles());
      } else {
        ++stats_.sleeps;
        enter(kWfi);
      }
      break;
    case Stop::kStalled:
      ++stats_.stalls;
      enter(core_.stalled_on_write() ? kStoreStall : kLoadStall);
      if (resumed_early_) resume_stalled();
      break;
    case Stop::kExit:
      enter(kEnded);
      break;
    case Stop::kFault:
      end_with_fault();
      break;
    case Stop::kBreakpoint:
      AIPU_ASSERT(false, "execute() serves it");
  }
  resumed_early_ = false;
}

void Hart::end_with_fault() {
  const Unhandled& fault = core_.fault();
  enter(kEnded);
  if (on_fault_) {
    on_fault_({name(), static_cast<std::uint32_t>(fault.pc), fault.cause,
               static_cast<std::uint32_t>(fault.value), fault.interrupt, fault.nested});
  }
}

void Hart::count() {
  const Clocks clocks = core_.clocks();
  stats_.instructions += clocks.retired - stats_.instructions.value();
  stats_.mmio += core_.bus_accesses() - stats_.mmio.value();
  stats_.traps += core_.traps() - stats_.traps.value();
  const std::uint64_t busy =
      clocks.cycles - clocks.wfi - clocks.store_stall - clocks.load_stall - idle_cycles_;
  stats_.cycles += busy - stats_.cycles.value();
}

bool Hart::synced(std::uint64_t cycles) const {
  return clock_.edge_ps(cycles) <= now_ps();
}

Bus::Status Hart::access(Bus::Access& access) {
  const auto address = static_cast<std::uint32_t>(access.address);
  if (address >= regs::core::kSramBase) {
    access.device = false;
    if (address - regs::core::kSramBase >= direct_limit_) return debug_transport(access);
    return transport(*mem_out.operator->(), address - regs::core::kSramBase, access);
  }
  if (address % access.bytes != 0) return Bus::Status::kMisaligned;
  if (access.bytes != sizeof(std::uint32_t)) return Bus::Status::kFault;
  if (needs_sync_ != nullptr && needs_sync_(address, access.write) && !synced(access.cycles)) {
    return Bus::Status::kSync;
  }
  return transport(*mmio_out.operator->(), address, access);
}

Bus::Status Hart::debug_transport(Bus::Access& access) {
  std::uint64_t data = access.value;
  tlm::tlm_generic_payload payload;
  payload.set_command(access.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(access.address - regs::core::kSramBase);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
  payload.set_data_length(access.bytes);
  payload.set_streaming_width(access.bytes);
  if (mem_out->transport_dbg(payload) != access.bytes) return Bus::Status::kFault;
  if (!access.write) access.value = data;
  return Bus::Status::kDone;
}

Bus::Status Hart::transport(tlm::tlm_fw_transport_if<>& target, std::uint64_t address,
                            Bus::Access& access) {
  std::uint64_t data = access.value;
  payload_.set_command(access.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload_.set_address(address);
  payload_.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
  payload_.set_data_length(access.bytes);
  payload_.set_streaming_width(access.bytes);
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_dmi_allowed(false);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  extension_.stalled = false;
  extension_.pc = static_cast<std::uint32_t>(access.pc);
  const std::uint64_t lead = clock_.edge_ps(access.cycles) - now_ps();
  sc_core::sc_time delay = to_time(Picoseconds(lead));
  target.b_transport(payload_, delay);
  if (extension_.stalled) {
    stalled_at_ = static_cast<std::uint32_t>(address);
    return Bus::Status::kStall;
  }
  if (!payload_.is_response_ok()) return Bus::Status::kFault;
  if (!access.write) access.value = data;
  if (delay.value() > lead) {
    access.delay = clock_.edge_at(now_ps() + delay.value()) - access.cycles;
  }
  return Bus::Status::kDone;
}

std::optional<std::uint16_t> Hart::fetch(std::uint64_t address) {
  if (address < regs::core::kSramBase) return std::nullopt;
  std::uint16_t half = 0;
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_READ_COMMAND);
  payload.set_address(address - regs::core::kSramBase);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&half));
  payload.set_data_length(sizeof half);
  payload.set_streaming_width(sizeof half);
  if (mem_out->transport_dbg(payload) != sizeof half) return std::nullopt;
  return half;
}

void Hart::forget_memory(sc_dt::uint64, sc_dt::uint64) {
  memory_known_ = false;
}

void Hart::find_memory() {
  memory_known_ = true;
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_READ_COMMAND);
  payload.set_address(0);
  tlm::tlm_dmi dmi;
  if (!mem_out->get_direct_mem_ptr(payload, dmi) || !dmi.is_read_write_allowed()) {
    core_.set_memory(regs::core::kSramBase, nullptr, 0);
    return;
  }
  const std::uint64_t end = std::min<std::uint64_t>(dmi.get_end_address() + 1, direct_limit_);
  core_.set_memory(regs::core::kSramBase + dmi.get_start_address(), dmi.get_dmi_ptr(),
                   end - std::min<std::uint64_t>(end, dmi.get_start_address()));
}

std::vector<TimeShare> Hart::time_shares(std::uint64_t now) const {
  const auto spent = shares_.read(now);
  const auto in = [&](State state) { return spent[static_cast<std::size_t>(state)]; };
  return {{"busy", in(kBusy)},
          {"wfi", in(kWfi)},
          {"queue full", in(kStoreStall)},
          {"blocking read", in(kLoadStall)},
          {"idle", in(kIdle) + in(kEnded)}};
}

std::string Hart::waiting_for() const {
  switch (state_) {
    case kWfi:
      return fmt::format("{}: wfi, resumes at pc {:#010x}", name(), core_.pc());
    case kStoreStall:
      return fmt::format("{}: store to a full queue at pc {:#010x}", name(), core_.pc());
    case kLoadStall:
      return fmt::format("{}: blocking read at pc {:#010x}", name(), core_.pc());
    default:
      return {};
  }
}

}  // namespace aipu::cpu

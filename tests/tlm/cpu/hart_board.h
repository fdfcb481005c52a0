// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <systemc>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

#include "sim/load/elf.h"
#include "tlm/cpu/hart.h"

namespace aipu::test {

constexpr std::uint32_t kSram = 0x10000000;
constexpr std::uint32_t kMtimeLo = 0x02000020, kMtimecmpLo = 0x02000028, kMtimecmpHi = 0x0200002c;
constexpr std::uint32_t kExit = 0x0200004c, kDoorbell = 0x02010080, kWaitRead = 0x0202010c;

inline bool needs_sync(std::uint32_t address, bool) {
  return address != 0x02000040 && (address < 0x02010000 || address >= 0x02010080);
}

/// One hart with memory and just enough registers: a doorbell and a blocking read that let the hart
/// wait `stall_ns`, a timer, an exit. Records every register access with its time.
class HartBoard : public sc_core::sc_module {
 public:
  struct Access {
    std::uint64_t at_ps;  ///< kernel time plus delay: when the hart says it happens
    std::uint32_t address, value, pc;
    bool operator==(const Access& o) const {
      return at_ps == o.at_ps && address == o.address && value == o.value && pc == o.pc;
    }
  };

  HartBoard(const sc_core::sc_module_name& name, const cpu::Config& config, bool dmi = true)
      : sc_module(name),
        hart("hart", config, clock, 7, needs_sync,
             [this](const cpu::HartFault& f) { faults.push_back(f); }),
        dmi_(dmi) {
    hart.mmio_out.bind(mmio_in_);
    hart.mem_out.bind(mem_in_);
    mmio_in_.register_b_transport(this, &HartBoard::mmio);
    mem_in_.register_b_transport(this, &HartBoard::memory);
    mem_in_.register_transport_dbg(this, &HartBoard::debug);
    mem_in_.register_get_direct_mem_ptr(this, &HartBoard::direct);
    SC_HAS_PROCESS(HartBoard);
    SC_METHOD(release);
    sensitive << release_event_;
    dont_initialize();
    SC_METHOD(timer);
    sensitive << timer_event_;
    dont_initialize();
  }

  void load(const load::Elf& elf) {
    for (const auto& s : elf.segments) {
      std::copy(s.bytes.begin(), s.bytes.end(),
                bytes.begin() + static_cast<std::ptrdiff_t>(s.address - kSram));
    }
    hart.reset(static_cast<std::uint32_t>(elf.entry), kSram + 0x8000);
  }

  const Clock clock{Hertz(1'000'000'000)};
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(0x10000);
  std::vector<Access> accesses;
  std::vector<cpu::HartFault> faults;
  std::uint64_t stall_ns = 500;
  cpu::Hart hart;

 private:
  void mmio(tlm::tlm_generic_payload& p, sc_core::sc_time& delay) {
    const auto address = static_cast<std::uint32_t>(p.get_address());
    auto* extension = p.get_extension<MmioExtension>();
    if ((address == kDoorbell || address == kWaitRead) && served_ != address) {
      extension->stalled = true;
      served_ = address;
      release_event_.notify(sc_core::sc_time::from_value(stall_ns * 1000));
      return;
    }
    std::uint32_t value = 0;
    if (p.is_write()) {
      std::memcpy(&value, p.get_data_ptr(), sizeof value);
    } else {
      value = address == kMtimeLo ? static_cast<std::uint32_t>((now_ps() + delay.value()) / 1000)
                                  : address;
      std::memcpy(p.get_data_ptr(), &value, sizeof value);
    }
    accesses.push_back({now_ps() + delay.value(), address, value, extension->pc});
    p.set_response_status(address < 0x02000000 ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                               : tlm::TLM_OK_RESPONSE);
    if (address == kExit) hart.stop();
    if (address == kMtimecmpLo) compare_lo_ = value;
    if (address == kMtimecmpLo && value == ~0U) hart.set_interrupt(cpu::Interrupt::kTimer, false);
    if (address == kMtimecmpHi)
      timer_event_.notify(sc_core::sc_time::from_value(compare_lo_ * 1000ULL - now_ps()));
  }
  bool reach(tlm::tlm_generic_payload& p) {
    const bool ok = p.get_address() + p.get_data_length() <= bytes.size();
    if (ok && p.is_write())
      std::memcpy(&bytes[p.get_address()], p.get_data_ptr(), p.get_data_length());
    if (ok && p.is_read())
      std::memcpy(p.get_data_ptr(), &bytes[p.get_address()], p.get_data_length());
    p.set_response_status(ok ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return ok;
  }
  void memory(tlm::tlm_generic_payload& p, sc_core::sc_time&) { reach(p); }
  unsigned debug(tlm::tlm_generic_payload& p) { return reach(p) ? p.get_data_length() : 0; }
  bool direct(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
    dmi.set_start_address(0);
    dmi.set_end_address(bytes.size() - 1);
    dmi.set_dmi_ptr(bytes.data());
    dmi.allow_read_write();
    return dmi_;
  }
  void release() { hart.resume_stalled(); }
  void timer() { hart.set_interrupt(cpu::Interrupt::kTimer, true); }

  bool dmi_;
  std::uint32_t served_ = 0;
  std::uint32_t compare_lo_ = 0;
  sc_core::sc_event release_event_, timer_event_;
  tlm_utils::simple_target_socket<HartBoard> mmio_in_{"mmio_in"};
  tlm_utils::simple_target_socket<HartBoard, 256> mem_in_{"mem_in"};
};

}  // namespace aipu::test

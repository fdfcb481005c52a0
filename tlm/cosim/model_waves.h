// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <verilated_fst_c.h>

#include "hw/base/error.h"
#include "tlm/cosim/switch_pins.h"

namespace aipu::cosim {

/// The wave file (FST, time in ps) of a Verilated model, and the signals of its shell in the same:
/// scope `shell`, `port0_coming` and so on.
class ModelWaves {
 public:
  ModelWaves(std::uint64_t tick_ps, std::uint32_t ports, const ShellSignals* shell)
      : tick_ps_(tick_ps), ports_(ports), shell_(shell) {
    file_.spTrace()->set_time_unit("1ps");
    file_.spTrace()->set_time_resolution("1ps");
  }
  ModelWaves(const ModelWaves&) = delete;
  ModelWaves& operator=(const ModelWaves&) = delete;
  ~ModelWaves() {
    fall();
    file_.close();
  }

  VerilatedFstC& file() { return file_; }
  /// Behind the model's trace().
  void open(const std::string& path) {
    if (shell_ != nullptr) {
      file_.spTrace()->addInitCb(declare, this);
      file_.spTrace()->addFullCb(dump_all, this);
      file_.spTrace()->addChgCb(dump_changed, this);
    }
    file_.open(path.c_str());
    if (!file_.isOpen()) throw IoError(path, "cannot be written");
  }
  /// The clock is low and the inputs of `tick` are there.
  void before(std::uint64_t tick) {
    const std::uint64_t edge = tick * tick_ps_;
    file_.dump(edge - std::min(edge, tick_ps_ / 2));
    high_ = false;
  }
  /// The rising edge that begins it.
  void rise(std::uint64_t tick) {
    file_.dump(tick * tick_ps_);
    fall_at_ = tick * tick_ps_ + tick_ps_ / 2;
    high_ = true;
  }
  /// The clock falls and stands still.
  void fall() {
    if (high_) file_.dump(fall_at_);
    high_ = false;
  }
  /// Nothing changes for so many ticks.
  void go_on(std::uint64_t ticks) {
    fall();
    if (ticks != 0) file_.dump(fall_at_ + ticks * tick_ps_);
  }

 private:
  static constexpr int kBits = 32;
  static constexpr std::uint32_t kSignals = 4;  // of ShellPort

  static void declare(void* self, VerilatedFst* to, std::uint32_t code) {
    auto& waves = *static_cast<ModelWaves*>(self);
    waves.code_ = code;
    static constexpr const char* kNames[kSignals] = {"coming", "credits", "waiting", "leaving"};
    to->pushNamePrefix("shell ");
    for (std::uint32_t p = 0; p < waves.ports_; ++p) {
      for (const char* name : kNames) {
        const std::string signal = "port" + std::to_string(p) + "_" + name;
        to->declBus(code++, signal.c_str(), -1, FST_VD_IMPLICIT, FST_VT_VCD_WIRE, false, -1,
                    kBits - 1, 0);
      }
    }
    to->popNamePrefix();
  }
  template <typename Dump>
  void each(Dump&& dump) const {
    std::uint32_t code = code_;
    for (std::uint32_t p = 0; p < ports_; ++p) {
      const ShellPort port = shell_->shell_port(p);
      for (const std::uint32_t value : {port.coming, port.credits, port.waiting, port.leaving})
        dump(code++, value);
    }
  }
  static void dump_all(void* self, VerilatedFst::Buffer* to) {
    static_cast<ModelWaves*>(self)->each([&](std::uint32_t code, std::uint32_t value) {
      to->fullIData(to->oldp(code), value, kBits);
    });
  }
  static void dump_changed(void* self, VerilatedFst::Buffer* to) {
    static_cast<ModelWaves*>(self)->each([&](std::uint32_t code, std::uint32_t value) {
      to->chgIData(to->oldp(code), value, kBits);
    });
  }

  const std::uint64_t tick_ps_;
  const std::uint32_t ports_;
  const ShellSignals* const shell_;
  VerilatedFstC file_;
  std::uint32_t code_ = 0;  ///< of the shell's first signal
  std::uint64_t fall_at_ = 0;
  bool high_ = false;
};

}  // namespace aipu::cosim

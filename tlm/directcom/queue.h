// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/directcom/config.h"
#include "tlm/core/command_engine.h"
#include "tlm/directcom/interface.h"

namespace aipu::directcom {

/// The directcom command queue of a core: checks commands and hands them to its AIPU's Interface.
///
/// Limits: a strided range in the own SRAM of more than kGuardedRows rows is not guarded against
/// other engines.
class Queue : public CommandEngine, private MessageClient {
 public:
  static constexpr std::uint32_t kGuardedRows = 64;

  Queue(const sc_core::sc_module_name& name, const Config& config, const EngineWiring& wiring,
        Interface& interface);

 private:
  bool can_begin(const Slot& slot) const override;
  void begin(Slot& slot) override;
  void message_done(void* tag) override;
  void message_failed(void* tag, const Violation& violation) override;
  void room() override;
  bool guard(const Slot& slot, const Message& message);

  Interface& interface_;
  /// The same as `this`, for can_begin(): asking for room registers the wish to hear of it.
  MessageClient& self_ = *this;
  mutable bool asked_ = false;
};

}  // namespace aipu::directcom

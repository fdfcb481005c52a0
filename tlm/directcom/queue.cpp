// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/queue.h"

#include "regs/abi.h"
#include "regs/directcom.h"

namespace aipu::directcom {

namespace abi = regs::abi;
namespace dc = regs::directcom;

Queue::Queue(const sc_core::sc_module_name& name, const Config& config, const EngineWiring& wiring,
             Interface& interface)
    : CommandEngine(name, wiring, config.queue_depth), interface_(interface) {}

bool Queue::can_begin(const Slot& slot) const {
  if (asked_) return false;
  const auto kind = slot.command.opcode == dc::kOpGet ? Message::Kind::kGet : Message::Kind::kPut;
  asked_ = !interface_.has_room(kind, self_);
  return !asked_;
}

void Queue::begin(Slot& slot) {
  Message message;
  const Violation violation =
      decode_command(slot.command.opcode, slot.command.words, wiring().core, interface_.aipu(),
                     interface_.aipu_count(), interface_.abilities(), message);
  if (violation.rule != abi::kRuleNone) {
    fail(slot, violation.rule, violation.address);
    return;
  }
  if (guard(slot, message)) interface_.submit(message, *this, &slot);
}

bool Queue::guard(const Slot& slot, const Message& message) {
  if (message.kind == Message::Kind::kNotify) return true;
  const bool write = message.kind == Message::Kind::kGet;
  const Geometry& g = message.geometry;
  const Gaddr start{write ? g.destination : g.source};
  if (start.space() != Gaddr::Space::kCore || start.core() != wiring().core) return true;
  const std::uint32_t stride = write ? g.destination_stride : g.source_stride;
  const bool dense = g.rows == 1 || stride == g.row_bytes;
  const std::uint64_t bytes = dense ? g.total() : g.row_bytes;
  const std::uint32_t ranges = dense ? 1 : g.rows;
  for (std::uint32_t row = 0; row < ranges; ++row) {
    const Gaddr from = start + std::uint64_t{row} * stride;
    const std::uint64_t end = from.offset() + bytes;
    if (ranges <= kGuardedRows) {
      if (const auto other = claim(slot, from.offset(), end, write); other) {
        fail_clash(slot, from.offset(), end, write, *other, from.raw);
        return false;
      }
    }
    if (!write && !may_read(slot, from.offset(), end, from.raw)) return false;
  }
  return true;
}

void Queue::message_done(void* tag) {
  Slot& slot = *static_cast<Slot*>(tag);
  release(slot);
  complete(slot);
}

void Queue::message_failed(void* tag, const Violation& violation) {
  const Slot& slot = *static_cast<Slot*>(tag);
  release(slot);
  fail(slot, violation.rule, violation.address);
}

void Queue::room() {
  asked_ = false;
  retry();
}

}  // namespace aipu::directcom

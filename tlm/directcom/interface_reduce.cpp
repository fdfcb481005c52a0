// SPDX-License-Identifier: Apache-2.0
// Interface: sums of all AIPUs of the module, added up by the switches.
#include <algorithm>

#include "hw/base/assert.h"
#include "regs/abi.h"
#include "tlm/directcom/interface.h"

namespace aipu::directcom {

/// Packets that members make of so many bytes: as their reads cut them.
std::uint32_t Interface::packets_of_sum(std::uint64_t bytes) const {
  return static_cast<std::uint32_t>(
      ceil_div(bytes, std::min(config_.payload.count, config_.read.count)));
}

/// Asks for the next bytes of sums, one message after the other, while their packets have places in
/// the tables of the switches. The own part is a job like that of the others.
void Interface::request_sums() {
  while (!reducing_.empty()) {
    const std::uint32_t index = reducing_.front();
    Context& context = contexts_[index];
    const Geometry& g = context.message.geometry;
    const std::uint64_t most = config_.payload.count * config_.lanes;
    const auto bytes = static_cast<std::uint32_t>(std::min(most, g.total() - context.cut));
    const std::uint32_t packets = packets_of_sum(bytes);
    if (sums_ != 0 && sums_ + packets > config_.reduction_packets) return;
    sums_ += packets;
    GetRequest request;
    request.geometry = {g.source + context.cut, g.destination + context.cut, bytes, 1, 0, 0};
    request.traffic_class = context.message.traffic_class;
    request.element = context.message.element;
    context.cut += bytes;
    if (context.cut == g.total()) reducing_.pop();
    send_get(index, request);
    get_jobs_.push({request, static_cast<std::uint16_t>(aipu_), message_of(index)});
    wake(now_ps());
  }
}

/// A read for a sum: its packets go the way that those of all members go. One that failed goes too,
/// and says so: the others wait for it.
void Interface::part_read(Operation& operation) {
  Context& context = contexts_[operation.context];
  const Transaction& read = *operation.transaction;
  const bool failed = !read.is_response_ok();
  const auto bytes = static_cast<std::uint32_t>(read.get_data_length());
  send_bytes(operation.context, {0, operation.destination, bytes}, operation.unit,
             failed || read.phantom() ? nullptr : read.get_data_ptr(),
             failed ? regs::abi::kRuleBadAddress : regs::abi::kRuleNone);
  --context.active;
  if (context.active == 0 && context.cursor.done()) end_message(operation.context, {});
}

/// Bytes of a sum are in memory; `last` of their packet.
void Interface::sum_landed(const Packet& header, std::uint32_t bytes, bool failed, bool last) {
  Context& context = context_of(header.message);
  AIPU_ASSERT(context.use == Use::kSum, "{}: a sum for a message that asks for none", name());
  const Geometry& g = context.message.geometry;
  if (context.far_rule == regs::abi::kRuleNone) {
    context.far_rule = failed ? static_cast<std::uint8_t>(regs::abi::kRuleBadAddress) : header.rule;
    context.far_address = failed ? g.destination : g.source;
  }
  context.sent += bytes;
  if (last) --sums_;
  if (context.sent == g.total()) {
    if (context.far_rule == regs::abi::kRuleNone) add(context.message.add);
    end_message(header.message & 0xFFU, {context.far_rule, context.far_address});
  }
  if (last) request_sums();
}

}  // namespace aipu::directcom

// SPDX-License-Identifier: Apache-2.0
// Interface: local memory, with a socket for reads and one for writes.
#include "hw/base/assert.h"
#include "regs/abi.h"
#include "tlm/directcom/interface.h"

namespace aipu::directcom {

Interface::Operation& Interface::new_operation(Access access, tlm::tlm_command command,
                                               std::uint64_t address, std::uint32_t bytes) {
  if (free_operations_.empty()) {
    operations_.push_back(std::make_unique<Operation>());
    free_operations_.push_back(operations_.back().get());
  }
  Operation& operation = *free_operations_.back();
  free_operations_.pop_back();
  operation = Operation{};
  operation.access = access;
  operation.transaction = &transactions_.acquire();
  operation.transaction->prepare(command, address, bytes);
  operation.transaction->owner = &operation;
  return operation;
}

void Interface::free_operation(Operation& operation) {
  if (operation.source != nullptr) operation.source->release();
  operation.transaction->release();
  free_operations_.push_back(&operation);
}

void Interface::request(Operation& operation, std::uint32_t traffic_class) {
  if (operation.access == Access::kRead) {
    read_requests_.push(&operation);
  } else {
    write_requests_[traffic_class].push(&operation);
  }
}

Interface::Operation* Interface::next_read() {
  return read_requests_.empty() ? nullptr : read_requests_.pop();
}

/// Class 0 goes first, the others round robin.
Interface::Operation* Interface::next_write() {
  if (writes_ >= config_.writes) return nullptr;
  Ring<Operation*>* writes = write_requests_[0].empty() ? nullptr : &write_requests_[0];
  for (std::uint32_t n = 1; n < kClasses && writes == nullptr; ++n) {
    if (!write_requests_[write_turn_].empty()) writes = &write_requests_[write_turn_];
    write_turn_ = write_turn_ == kClasses - 1 ? 1 : write_turn_ + 1;
  }
  if (writes == nullptr) return nullptr;
  ++writes_;
  return writes->pop();
}

void Interface::pump() {
  while (!port_busy_[kReadPort]) {
    Operation* const operation = next_read();
    if (operation == nullptr) break;
    begin_request(*operation);
  }
  while (!port_busy_[kWritePort]) {
    Operation* const operation = next_write();
    if (operation == nullptr) break;
    begin_request(*operation);
  }
}

void Interface::begin_request(Operation& operation) {
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  const std::uint32_t port = operation.access == Access::kRead ? kReadPort : kWritePort;
  MemoryOut& out = port == kReadPort ? read_out : write_out;
  port_busy_[port] = true;
  operation.ending = true;
  const auto result = out->nb_transport_fw(*operation.transaction, phase, delay);
  const std::uint64_t time = now_ps() + delay.value();
  if (result == tlm::TLM_ACCEPTED) return;  // END_REQ frees the port
  operation.ending = false;
  if (result == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
    if (delay == sc_core::SC_ZERO_TIME) {
      port_busy_[port] = false;
    } else {
      schedule(time, Task::kPortFree, nullptr, port);
    }
    return;
  }
  if (result == tlm::TLM_UPDATED) {  // BEGIN_RESP
    phase = tlm::END_RESP;
    out->nb_transport_fw(*operation.transaction, phase, delay);
  }
  port_busy_[port] = false;
  schedule(time, Task::kMemoryDone, &operation);
}

tlm::tlm_sync_enum Interface::respond(int port, tlm::tlm_generic_payload& payload,
                                      tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  auto& operation = *static_cast<Operation*>(static_cast<Transaction&>(payload).owner);
  const std::uint64_t time = now_ps() + delay.value();
  const auto number = static_cast<std::uint32_t>(port);
  if (phase == tlm::END_REQ) {
    operation.ending = false;
    schedule(time, Task::kPortFree, nullptr, number);
    return tlm::TLM_ACCEPTED;
  }
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  // A response without END_REQ before it ends the request as well.
  if (operation.ending) schedule(time, Task::kPortFree, nullptr, number);
  schedule(time, Task::kMemoryDone, &operation);
  return tlm::TLM_COMPLETED;
}

void Interface::memory_done(Operation& operation) {
  switch (operation.access) {
    case Access::kRead:
      --reads_;
      if (contexts_[operation.context].use == Use::kLocal) {
        local_read_done(operation);
      } else {
        read_done(operation);
      }
      break;
    case Access::kWrite:
      --writes_;
      write_done(operation);
      break;
    case Access::kLocalWrite:
      --writes_;
      local_write_done(operation);
      break;
  }
  free_operation(operation);
}

void Interface::local_read_done(Operation& operation) {
  Context& context = contexts_[operation.context];
  if (!operation.transaction->is_response_ok()) {
    fail_message(operation.context,
                 {regs::abi::kRuleBadAddress, operation.transaction->get_address()});
  }
  if (context.rule == regs::abi::kRuleNone) {
    write_local(operation);
    return;
  }
  const auto bytes = operation.transaction->get_data_length();
  staged(context.message.peer, context.message.traffic_class) -= bytes;
  --context.active;
  wind_up(operation.context);
}

/// A message of this AIPU to itself: the bytes go back to memory from the buffer of their read.
void Interface::write_local(Operation& read) {
  const auto bytes = static_cast<std::uint32_t>(read.transaction->get_data_length());
  Operation& write =
      new_operation(Access::kLocalWrite, tlm::TLM_WRITE_COMMAND, read.destination, bytes);
  write.context = read.context;
  write.source = read.transaction;
  read.transaction->acquire();
  write.transaction->set_data_ptr(read.transaction->get_data_ptr());
  write.transaction->set_phantom(read.transaction->phantom());
  request(write, contexts_[read.context].message.traffic_class);
}

void Interface::local_write_done(Operation& operation) {
  Context& context = contexts_[operation.context];
  const Message& message = context.message;
  const auto bytes = operation.transaction->get_data_length();
  staged(message.peer, message.traffic_class) -= bytes;
  --context.active;
  context.sent += bytes;
  stats_.local += bytes;
  if (!operation.transaction->is_response_ok()) {
    fail_message(operation.context,
                 {regs::abi::kRuleBadAddress, operation.transaction->get_address()});
  }
  if (context.rule != regs::abi::kRuleNone) {
    wind_up(operation.context);
    return;
  }
  if (context.sent != message.geometry.total()) return;
  add(message.add);
  end_message(operation.context, {});
}

Interface::Train& Interface::new_train() {
  if (free_trains_.empty()) {
    trains_.push_back(std::make_unique<Train>());
    free_trains_.push_back(trains_.back().get());
  }
  Train& train = *free_trains_.back();
  free_trains_.pop_back();
  train = Train{};
  return train;
}

}  // namespace aipu::directcom

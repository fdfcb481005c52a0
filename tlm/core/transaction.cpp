// SPDX-License-Identifier: Apache-2.0
#include "tlm/core/transaction.h"

#include <algorithm>

#include "hw/base/assert.h"

namespace aipu {

Transaction::Transaction(TransactionPool& pool) : tlm_generic_payload(&pool) {
  set_extension(&phantom_);
  set_extension(&stream_);
}

Transaction::~Transaction() {
  clear_extension(&phantom_);
  clear_extension(&stream_);
}

void Transaction::prepare(tlm::tlm_command command, std::uint64_t address, std::uint32_t bytes) {
  AIPU_ASSERT(bytes >= 1, "request of {} bytes", bytes);
  if (bytes > room_) {
    room_ = std::max(bytes, kMaxBytes);
    // Not make_unique, which clears: the pages of a phantom request are never touched.
    buffer_.reset(new std::uint8_t[room_]);
  }
  set_command(command);
  set_address(address);
  set_data_ptr(buffer_.get());
  set_data_length(bytes);
  set_streaming_width(bytes);
  set_byte_enable_ptr(nullptr);
  set_dmi_allowed(false);
  set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  phantom_.phantom = false;
  stream_.first = 0;
}

TransactionPool::~TransactionPool() = default;

Transaction& TransactionPool::acquire() {
  if (free_.empty()) {
    all_.push_back(std::make_unique<Transaction>(*this));
    free_.push_back(all_.back().get());
  }
  Transaction& transaction = *free_.back();
  free_.pop_back();
  transaction.acquire();
  return transaction;
}

void TransactionPool::free(tlm::tlm_generic_payload* payload) {
  free_.push_back(static_cast<Transaction*>(payload));
}

}  // namespace aipu

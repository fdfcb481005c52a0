// SPDX-License-Identifier: Apache-2.0
// The life of a burst: read, travel, write, land.
#include <algorithm>
#include <cstring>

#include "hw/base/assert.h"
#include "regs/abi.h"
#include "tlm/dma/mover.h"

namespace aipu::dma {
namespace {

/// The pattern, little-endian, from byte `phase` of it on.
void fill(std::uint8_t* data, std::uint32_t bytes, std::uint32_t pattern, std::uint32_t phase) {
  for (std::uint32_t i = 0; i < bytes; ++i) {
    data[i] = static_cast<std::uint8_t>(pattern >> ((i + phase) % 4U * 8U));
  }
}

}  // namespace

void Mover::launch(Job& job, std::uint64_t start) {
  Flight& flight = *free_flights_.back();
  free_flights_.pop_back();
  flight.job = &job;
  flight.burst = job.cursor.next();
  ++job.outstanding;
  bytes_in_flight_ += flight.burst.bytes;
  issue_ready_ = start + interval_ps_ * bursts_in(flight.burst.bytes);
  const Descriptor& d = job.descriptor;
  if (!d.fill && !d.source.local) {
    Transaction& transaction = pool_.acquire();
    transaction.prepare(tlm::TLM_READ_COMMAND, flight.burst.source.raw, flight.burst.bytes);
    transaction.owner = &flight;
    send(transaction, start);
  } else if (d.destination.local) {
    copy_locally(flight, start);
  } else {
    store_burst(flight, start);
  }
}

std::uint64_t Mover::source_bytes(Flight& flight, std::uint8_t* data, bool& phantom,
                                  std::uint64_t start) {
  const Burst& burst = flight.burst;
  const Descriptor& d = flight.job->descriptor;
  phantom = false;
  if (d.fill) {
    fill(data, burst.bytes, d.pattern, burst.row_offset);
    return start;
  }
  const std::uint64_t end = access_local(tlm::TLM_READ_COMMAND, burst.source, data, burst.bytes,
                                         phantom, start, *flight.job);
  stats_.read += burst.bytes;
  issue_ready_ = std::max(issue_ready_, end);  // the engine reads one burst after the other
  return end;
}

void Mover::store_burst(Flight& flight, std::uint64_t start) {
  const Burst& burst = flight.burst;
  Transaction& transaction = pool_.acquire();
  transaction.prepare(tlm::TLM_WRITE_COMMAND, burst.destination.raw, burst.bytes);
  transaction.owner = &flight;
  bool phantom = false;
  const std::uint64_t ready = source_bytes(flight, transaction.get_data_ptr(), phantom, start);
  transaction.set_phantom(phantom);
  if (burst.bytes > config_.burst.count)
    transaction.stream().first = start + (ready - start) / bursts_in(burst.bytes);
  if (flight.job->failed) {
    transaction.release();
    land(flight, ready);
  } else {
    send(transaction, ready);
  }
}

void Mover::copy_locally(Flight& flight, std::uint64_t start) {
  bool phantom = false;
  std::uint64_t end = source_bytes(flight, staging_.data(), phantom, start);
  if (!flight.job->failed) {
    end = access_local(tlm::TLM_WRITE_COMMAND, flight.burst.destination, staging_.data(),
                       flight.burst.bytes, phantom, end, *flight.job);
    stats_.written += flight.burst.bytes;
    if (flight.job->descriptor.fill) issue_ready_ = std::max(issue_ready_, end);
  }
  land(flight, end);
}

void Mover::forward(std::uint64_t start) {
  Transaction& write = *forwards_.front().transaction;
  forwards_.pop_front();
  issue_ready_ = start + interval_ps_;
  send(write, start);
}

void Mover::send(Transaction& transaction, std::uint64_t ready) {
  const std::uint64_t start = std::max(ready, request_ready_);
  // One burst may be read from the SRAM while the one before it leaves.
  issue_ready_ = std::max(issue_ready_, start);
  const std::uint64_t now = now_ps();
  std::uint64_t& first = transaction.stream().first;
  if (first != 0) first = std::max(first, request_ready_);
  sc_core::sc_time delay = to_time(Picoseconds(start - now));
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  request_ = &transaction;
  held_since_ = start;
  const tlm::tlm_sync_enum answer = mem_out->nb_transport_fw(transaction, phase, delay);
  if (answer == tlm::TLM_ACCEPTED) return;
  const std::uint64_t then = now + delay.value();
  request_ = nullptr;
  if (answer == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
    request_ready_ = then;
    if (transaction.get_data_length() > config_.burst.count) stats_.held += then - start;
    return;
  }
  respond(transaction, then);
  if (answer == tlm::TLM_UPDATED) {
    phase = tlm::END_RESP;
    mem_out->nb_transport_fw(transaction, phase, delay);
  }
  transaction.release();
}

tlm::tlm_sync_enum Mover::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) {
  auto& transaction = static_cast<Transaction&>(payload);
  const std::uint64_t then = now_ps() + delay.value();
  if (request_ == &transaction) request_over(then);  // BEGIN_RESP implies END_REQ
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  respond(transaction, then);
  transaction.release();
  return tlm::TLM_COMPLETED;
}

void Mover::request_over(std::uint64_t at) {
  request_ = nullptr;
  if (at > held_since_) stats_.held += at - held_since_;
  request_ready_ = at;
  if (!issuing_.empty() || !forwards_.empty()) arm(at);
}

void Mover::respond(Transaction& transaction, std::uint64_t at) {
  Flight& flight = *static_cast<Flight*>(transaction.owner);
  const Burst& burst = flight.burst;
  const bool read = transaction.is_read();
  if (!transaction.is_response_ok()) {
    fail_burst(*flight.job, read ? burst.source : burst.destination);
    land(flight, at);
    return;
  }
  (read ? stats_.read : stats_.written) += burst.bytes;
  if (!read) {
    land(flight, at);
  } else if (flight.job->descriptor.destination.local) {
    bool phantom = transaction.phantom();
    const std::uint64_t end =
        access_local(tlm::TLM_WRITE_COMMAND, burst.destination, transaction.get_data_ptr(),
                     burst.bytes, phantom, at, *flight.job, transaction.stream().first);
    stats_.written += burst.bytes;
    land(flight, end);
  } else {
    relay(transaction, flight, at);
  }
}

void Mover::relay(Transaction& transaction, Flight& flight, std::uint64_t at) {
  Transaction& write = pool_.acquire();
  write.prepare(tlm::TLM_WRITE_COMMAND, flight.burst.destination.raw, flight.burst.bytes);
  write.set_phantom(transaction.phantom());
  write.owner = &flight;
  if (!write.phantom()) {
    std::memcpy(write.get_data_ptr(), transaction.get_data_ptr(), flight.burst.bytes);
  }
  forwards_.push_back({&write, at});
  arm(at);
}

std::uint64_t Mover::access_local(tlm::tlm_command command, Gaddr address, std::uint8_t* data,
                                  std::uint32_t bytes, bool& phantom, std::uint64_t start, Job& job,
                                  std::uint64_t first) {
  const std::uint64_t now = now_ps();
  local_.set_command(command);
  local_.set_address(address.offset());
  local_.set_data_ptr(data);
  local_.set_data_length(bytes);
  local_.set_streaming_width(bytes);
  local_.set_byte_enable_ptr(nullptr);
  local_.set_dmi_allowed(false);
  local_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  local_phantom_.phantom = phantom;
  local_stream_.first = first;
  sc_core::sc_time delay = to_time(Picoseconds(start - now));
  local_out->b_transport(local_, delay);
  phantom = local_phantom_.phantom;
  if (!local_.is_response_ok()) fail_burst(job, address);
  return now + delay.value();
}

void Mover::land(Flight& flight, std::uint64_t at) {
  landings_.push(at, &flight);
  arm(landings_.next());
}

void Mover::fail_burst(Job& job, Gaddr address) {
  stopped_ = true;
  if (job.failed) return;
  job.failed = true;
  fail(*job.slot, regs::abi::kRuleBadAddress, address.raw);
}

}  // namespace aipu::dma

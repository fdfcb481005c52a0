// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/source.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/error.h"
#include "hw/base/schema_value.h"
#include "hw/hbm/ecc.h"

namespace aipu::memory {
namespace {

constexpr std::uint64_t kDraws = 1ULL << 31U;  // values of Lcg::draw()
constexpr std::uint64_t kPerMille = 1000;

/// A data bus at its peak takes an atom in a burst of CK cycles, one at least: a column command is
/// one. A draw is made every cycle.
std::uint64_t threshold(std::uint32_t load, const hbm::Config& device) {
  const std::uint64_t burst = std::max(1U, device.burst_length / device.beats_per_ck);
  return load * kDraws / (kPerMille * burst);
}

void check_streams(const Workload& workload, std::uint64_t capacity) {
  if (workload.streams.empty()) throw ConfigError("", "streams: there is none");
  for (const Stream& stream : workload.streams) {
    if (stream.base < capacity) continue;
    throw ConfigError("",
                      fmt::format("stream {:#x}: the device ends at {:#x}", stream.base, capacity));
  }
}

}  // namespace

const std::vector<std::string>& pattern_names() {
  static const std::vector<std::string> names{"sequential", "random", "block", "streams",
                                              "bank_conflict"};
  return names;
}

void check(const Workload& workload, const hbm::Config& device) {
  const std::uint64_t unit = atom(device).count;
  const std::uint64_t capacity = data_capacity(device).count;
  const auto require_atoms = [&](const char* what, std::uint64_t bytes, std::uint64_t most) {
    if (bytes != 0 && bytes % unit == 0 && bytes <= most) return;
    throw ConfigError(
        "", fmt::format("{} {}: takes a multiple of {} up to {}", what, to_text(Bytes(bytes)),
                        to_text(Bytes(unit)), to_text(Bytes(most))));
  };
  switch (workload.pattern) {
    case Pattern::kSequential:
      return require_atoms("stride", workload.stride.count, capacity);
    case Pattern::kRandom:
      return;
    case Pattern::kStreams:
      check_streams(workload, capacity);
      return require_atoms("block", workload.block.count, capacity);
    case Pattern::kBlock:
      return require_atoms("block", workload.block.count, capacity);
    case Pattern::kBankConflict:
      if (workload.banks >= 1 && workload.banks <= bank_sets(device)) return;
      throw ConfigError("", fmt::format("banks {}: a bank group of the device has 1..{}",
                                        workload.banks, bank_sets(device)));
  }
}

SyntheticSource::SyntheticSource(const Workload& workload, const hbm::Config& device)
    : workload_(workload),
      map_(device),
      capacity_(data_capacity(device).count),
      atom_(atom(device).count),
      rows_(capacity_ / (row_set(device).count * bank_sets(device) * channel_count(device))),
      channels_(channel_count(device)),
      threshold_(threshold(workload.load, device)),
      arrivals_(workload.seed),
      addresses_(workload.seed + 1),
      positions_(workload.streams.size(), 0) {
  check(workload, device);
}

void SyntheticSource::next(std::vector<Request>& batch, std::size_t most) {
  batch.clear();
  for (; batch.size() < most && index_ < workload_.requests; ++index_) {
    Request one = request();
    one.arrival = arrival();
    batch.push_back(one);
  }
}

std::int64_t SyntheticSource::arrival() {
  if (workload_.load == 0) return 0;
  while (arrivals_.draw() >= threshold_)
    ++draws_;
  return static_cast<std::int64_t>(draws_++ / channels_);
}

Request SyntheticSource::request() {
  switch (workload_.pattern) {
    case Pattern::kSequential:
      return {0, index_ * workload_.stride.count % capacity_, draw_direction()};
    case Pattern::kRandom: {
      const std::uint64_t address = draw_below(capacity_ / atom_) * atom_;
      return {0, address, draw_direction()};
    }
    case Pattern::kBlock:
      return in_block();
    case Pattern::kStreams:
      return of_stream();
    case Pattern::kBankConflict:
      break;
  }
  return in_conflict();
}

/// One draw reaches 2^31 values; devices with more atoms take two.
std::uint64_t SyntheticSource::draw_below(std::uint64_t count) {
  std::uint64_t value = addresses_.draw();
  if (count > kDraws) value = value * kDraws + addresses_.draw();
  return value % count;
}

/// Nothing is drawn where all are reads.
hbm::Direction SyntheticSource::draw_direction() {
  const std::uint32_t writes = workload_.reads_of - workload_.reads;
  const bool write = writes != 0 && addresses_.draw() % workload_.reads_of < writes;
  return write ? hbm::kWrite : hbm::kRead;
}

Request SyntheticSource::in_block() {
  if (left_ == 0) {
    left_ = workload_.block.count / atom_;
    current_.address = draw_below(capacity_ / workload_.block.count) * workload_.block.count;
    current_.direction = draw_direction();
  }
  --left_;
  const Request result = current_;
  current_.address += atom_;
  return result;
}

Request SyntheticSource::of_stream() {
  if (left_ == 0) {
    left_ = workload_.block.count / atom_;
    stream_ = index_ == 0 ? 0 : (stream_ + 1) % workload_.streams.size();
  }
  --left_;
  const Stream& stream = workload_.streams[stream_];
  const std::uint64_t offset = positions_[stream_]++ * atom_;
  return {0, (stream.base + offset) % capacity_, stream.direction};
}

Request SyntheticSource::in_conflict() {
  hbm::Location at;
  at.set = static_cast<std::uint32_t>(index_ % workload_.banks);
  at.row = static_cast<std::uint32_t>(index_ / workload_.banks % rows_);
  return {0, map_.offset(at), hbm::kRead};
}

}  // namespace aipu::memory

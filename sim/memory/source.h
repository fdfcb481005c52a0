// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hw/hbm/address_map.h"
#include "hw/hbm/command.h"
#include "hw/hbm/config.h"

namespace aipu::memory {

/// One access of the size that the device has (an atom).
struct Request {
  std::int64_t arrival = 0;  ///< CK; never before that of an earlier request
  std::uint64_t address = 0;
  hbm::Direction direction = hbm::kRead;
};

/// Where requests come from, in order of arrival.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  /// Replaces `batch` by the next requests, at most `most`; empty at the end.
  virtual void next(std::vector<Request>& batch, std::size_t most) = 0;
};

/// 64-bit linear congruential generator; draws have 31 bits.
class Lcg {
 public:
  explicit Lcg(std::uint64_t seed) : state_(seed) {}
  std::uint64_t draw() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return state_ >> 33U;
  }

 private:
  std::uint64_t state_;
};

enum class Pattern : std::uint8_t { kSequential, kRandom, kBlock, kStreams, kBankConflict };

/// As the command line spells them, in the order of Pattern.
const std::vector<std::string>& pattern_names();

struct Stream {
  std::uint64_t base = 0;
  hbm::Direction direction = hbm::kRead;
};

/// A synthetic workload. Addresses wrap at the capacity for data (hbm::data_capacity).
struct Workload {
  Pattern pattern = Pattern::kSequential;
  std::uint64_t requests = 30'000;
  std::uint32_t load = 0;      ///< per mille of the peak of all data buses; 0: all arrive at once
  std::uint32_t reads = 1;     ///< of every so many...
  std::uint32_t reads_of = 1;  ///< ...draws; not for streams and bank conflicts
  std::uint64_t seed = 1;
  Bytes stride = 32_B;          ///< sequential: from one request to the next
  Bytes block = 1_KiB;          ///< blocks are aligned; of streams the turn of each
  std::vector<Stream> streams;  ///< served in turn, each sequential from its base
  std::uint32_t banks = 1;      ///< bank conflict: of one bank group, a new row with every access
};

/// Throws ConfigError for a workload that makes no sense on the device.
void check(const Workload& workload, const hbm::Config& device);

/// Requests of a workload. The same workload gives the same requests everywhere: arrivals are drawn
/// from Lcg(seed), one draw a CK and pseudo-channel, addresses and directions from Lcg(seed + 1).
class SyntheticSource : public Source {
 public:
  SyntheticSource(const Workload& workload, const hbm::Config& device);
  void next(std::vector<Request>& batch, std::size_t most) override;

 private:
  std::int64_t arrival();
  Request request();
  std::uint64_t draw_below(std::uint64_t count);
  hbm::Direction draw_direction();
  Request in_block();
  Request of_stream();
  Request in_conflict();

  const Workload workload_;
  const hbm::AddressMap map_;
  const std::uint64_t capacity_;
  const std::uint64_t atom_;
  const std::uint64_t rows_;
  const std::uint32_t channels_;
  const std::uint64_t threshold_;  // a draw below it is an arrival
  Lcg arrivals_;
  Lcg addresses_;
  std::uint64_t index_ = 0;  // of the next request
  std::uint64_t draws_ = 0;  // of arrivals
  // The current block, or the turn of the current stream.
  std::uint64_t left_ = 0;
  Request current_;
  std::size_t stream_ = 0;
  std::vector<std::uint64_t> positions_;  // of the streams
};

}  // namespace aipu::memory

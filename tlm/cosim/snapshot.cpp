// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/snapshot.h"

#include <cstring>

namespace aipu::cosim {
namespace {

constexpr std::size_t kBits = 64;  // of a word of the map

bool zero(const std::uint8_t* block) {
  std::array<std::uint64_t, Snapshot::kBlock / sizeof(std::uint64_t)> words{};
  std::memcpy(words.data(), block, Snapshot::kBlock);
  std::uint64_t any = 0;
  for (const std::uint64_t word : words)
    any |= word;
  return any == 0;
}

}  // namespace

void Snapshot::append(const std::uint8_t* bytes, std::size_t blocks) {
  for (std::size_t b = 0; b < blocks; ++b, bytes += kBlock) {
    if (blocks_ % kBits == 0) present_.push_back(0);
    if (!zero(bytes)) {
      present_.back() |= 1ULL << blocks_ % kBits;
      bytes_.insert(bytes_.end(), bytes, bytes + kBlock);
    }
    ++blocks_;
  }
}

void Snapshot::Reader::next(std::uint8_t* block) {
  const bool there =
      block_ < of_.blocks_ && (of_.present_[block_ / kBits] >> block_ % kBits & 1U) != 0;
  if (there) {
    std::memcpy(block, of_.bytes_.data() + at_, kBlock);
    at_ += kBlock;
  } else {
    std::memset(block, 0, kBlock);
  }
  ++block_;
}

std::vector<std::uint8_t> Snapshot::expand() const {
  std::vector<std::uint8_t> all(size());
  Reader reader(*this);
  for (std::size_t b = 0; b < blocks_; ++b)
    reader.next(all.data() + b * kBlock);
  return all;
}

}  // namespace aipu::cosim

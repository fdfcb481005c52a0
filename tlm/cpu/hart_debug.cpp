// SPDX-License-Identifier: Apache-2.0
// What a debugger sees of a hart: memory and registers by debug transport, and what it is doing.
#include <array>
#include <cstring>

#include "regs/core.h"
#include "tlm/cpu/hart.h"

namespace aipu::cpu {
namespace {

constexpr std::uint32_t kWord = 4;

/// Bytes that the target of a debug access read or wrote.
template <typename Socket>
std::uint64_t debug_access(Socket& socket, tlm::tlm_command command, std::uint64_t address,
                           std::uint8_t* data, std::uint64_t bytes) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(data);
  payload.set_data_length(static_cast<unsigned>(bytes));
  payload.set_streaming_width(static_cast<unsigned>(bytes));
  return socket->transport_dbg(payload);
}

}  // namespace

std::uint64_t Hart::peek(std::uint32_t address, std::uint8_t* data, std::uint64_t bytes) {
  if (address >= regs::core::kSramBase) {
    const std::uint64_t offset = address - regs::core::kSramBase;
    if (offset >= regs::core::kSramSize) return 0;
    const std::uint64_t most = std::min<std::uint64_t>(bytes, regs::core::kSramSize - offset);
    return debug_access(mem_out, tlm::TLM_READ_COMMAND, offset, data, most);
  }
  std::uint64_t done = 0;
  while (done < bytes) {
    const auto at = static_cast<std::uint32_t>(address + done);
    std::array<std::uint8_t, kWord> word{};
    const std::uint32_t aligned = at - at % kWord;
    if (debug_access(mmio_out, tlm::TLM_READ_COMMAND, aligned, word.data(), kWord) != kWord) break;
    const std::uint64_t part = std::min<std::uint64_t>(kWord - at % kWord, bytes - done);
    std::memcpy(data + done, word.data() + at % kWord, part);
    done += part;
  }
  return done;
}

std::uint64_t Hart::poke(std::uint32_t address, const std::uint8_t* data, std::uint64_t bytes) {
  if (address < regs::core::kSramBase) return 0;
  const std::uint64_t offset = address - regs::core::kSramBase;
  if (offset >= regs::core::kSramSize) return 0;
  std::vector<std::uint8_t> copy(data, data + bytes);
  const std::uint64_t done =
      debug_access(mem_out, tlm::TLM_WRITE_COMMAND, offset, copy.data(), bytes);
  core_.invalidate(address, done);
  return done;
}

const char* Hart::activity() const {
  switch (state_) {
    case kWfi:
      return "wfi";
    case kStoreStall:
      return "queue full";
    case kLoadStall:
      return "blocking read";
    case kIdle:
      return "not started";
    case kEnded:
      return "ended";
    default:
      return "running";
  }
}

}  // namespace aipu::cpu

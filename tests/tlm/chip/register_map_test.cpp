// SPDX-License-Identifier: Apache-2.0
// Every register does what its line in hw/regs says: reset, access, sync; nothing else answers.
#include <map>

#include "tests/tlm/chip/register_bench.h"

namespace aipu::test {
namespace {

namespace control = regs::control;
namespace counter = regs::counter;
namespace queue = regs::queue;

/// A line of the generated tables, at its address.
struct Line {
  const char* name;
  bool readable, writable;
  bool sync_read, sync_write;
  std::uint32_t reset;
};

template <typename Table>
void add_lines(std::map<std::uint32_t, Line>& lines, std::uint32_t base, const Table& table) {
  for (const auto& r : table) {
    using Access = decltype(r.access);
    using Sync = decltype(r.sync);
    for (std::uint32_t i = 0; i < r.count; ++i) {
      lines[base + r.offset + 4 * i] = {r.name,
                                        r.access != Access::kWo,
                                        r.access != Access::kRo,
                                        r.sync == Sync::kRead || r.sync == Sync::kBoth,
                                        r.sync == Sync::kWrite || r.sync == Sync::kBoth,
                                        r.reset};
    }
  }
}

std::map<std::uint32_t, Line> all_lines() {
  std::map<std::uint32_t, Line> lines;
  add_lines(lines, regs::core::kControlBase, control::kRegisters);
  for (std::uint32_t q = 0; q < chip::CoreRegisters::kQueues; ++q)
    add_lines(lines, regs::core::kQueuesBase + q * queue::kStride, queue::kRegisters);
  add_lines(lines, regs::core::kCountersBase, counter::kRegisters);
  return lines;
}

std::vector<std::uint32_t> every_word_of_the_windows() {
  std::vector<std::uint32_t> words;
  for (const auto& [base, size] : {std::pair{regs::core::kControlBase, regs::core::kControlSize},
                                   std::pair{regs::core::kQueuesBase, regs::core::kQueuesSize},
                                   std::pair{regs::core::kCountersBase, regs::core::kCountersSize}})
    for (std::uint32_t at = base; at < base + size; at += 4)
      words.push_back(at);
  return words;
}

/// What these read as is not a reset value of the table.
std::map<std::uint32_t, std::uint32_t> identity() {
  const std::uint32_t base = regs::core::kControlBase;
  std::map<std::uint32_t, std::uint32_t> values{{base + control::kAipuId, 7},
                                                {base + control::kCoreId, 3},
                                                {base + control::kCoreCount, 32},
                                                {base + control::kAipuCount, 16},
                                                {base + control::kSramBytes, 1U << 20U}};
  for (std::uint32_t q = 0; q < 2; ++q)
    values[regs::core::kQueuesBase + q * queue::kStride + queue::kStatus] = RegisterBench::kDepth;
  return values;
}

using RegisterMapTest = RegisterTest;

TEST_F(RegisterMapTest, EveryWordReadsAsItsTableSaysOrIsRefused) {
  const auto lines = all_lines();
  const auto known = identity();
  std::size_t registers = 0;
  for (const std::uint32_t at : every_word_of_the_windows()) {
    const auto line = lines.find(at);
    const bool readable = line != lines.end() && line->second.readable;
    const auto answer = bench_.read(at);
    ASSERT_EQ(answer.ok(), readable) << std::hex << at;
    if (!readable) continue;
    ++registers;
    const auto value = known.find(at);
    EXPECT_EQ(answer.value, value != known.end() ? value->second : line->second.reset)
        << line->second.name;
  }
  EXPECT_GT(registers, 64U + 5U * 33U);
}

TEST_F(RegisterMapTest, EveryWordIsWrittenAsItsTableSaysOrIsRefused) {
  const auto lines = all_lines();
  for (const std::uint32_t at : every_word_of_the_windows()) {
    const auto line = lines.find(at);
    const bool writable = line != lines.end() && line->second.writable;
    ASSERT_EQ(bench_.write(at, 1).ok(), writable) << std::hex << at;
    if (!writable || !line->second.readable) continue;
    if (at == kControl + control::kFaultStatus) continue;  // any write clears it
    EXPECT_EQ(bench_.read(at).value, 1U) << line->second.name;
  }
}

TEST_F(RegisterMapTest, SyncNeedsAreThoseOfTheTables) {
  std::size_t syncs = 0;
  for (const auto& [at, line] : all_lines()) {
    EXPECT_EQ(chip::needs_sync(at, false), line.sync_read) << line.name;
    EXPECT_EQ(chip::needs_sync(at, true), line.sync_write) << line.name;
    if (line.sync_read || line.sync_write) ++syncs;
  }
  EXPECT_GT(syncs, 64U);
  EXPECT_FALSE(chip::needs_sync(regs::core::kSramBase, true));
  EXPECT_FALSE(chip::needs_sync(0, false));
}

TEST_F(RegisterMapTest, AccessesOfOtherShapesAreRefusedAndChangeNothing) {
  std::array<std::uint8_t, 8> data{1, 1, 1, 1, 1, 1, 1, 1};
  const std::uint32_t at = kQueues + 4 * queue::kWord;
  for (const auto& [address, length] :
       {std::pair{at, 1U}, std::pair{at, 2U}, std::pair{at, 8U}, std::pair{at + 2, 4U}}) {
    for (const auto command : {tlm::TLM_READ_COMMAND, tlm::TLM_WRITE_COMMAND}) {
      tlm::tlm_generic_payload payload;
      RegisterBench::prepare(payload, command, address, data.data(), length);
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      bench_.mmio_out->b_transport(payload, delay);
      EXPECT_EQ(payload.get_response_status(), tlm::TLM_BURST_ERROR_RESPONSE) << length;
    }
  }
  tlm::tlm_generic_payload payload;
  RegisterBench::prepare(payload, tlm::TLM_WRITE_COMMAND, at, data.data(), 4);
  std::array<std::uint8_t, 4> enables{0xFF, 0, 0xFF, 0};
  payload.set_byte_enable_ptr(enables.data());
  payload.set_byte_enable_length(4);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  bench_.mmio_out->b_transport(payload, delay);
  EXPECT_EQ(payload.get_response_status(), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  RegisterBench::prepare(payload, tlm::TLM_WRITE_COMMAND, at, data.data(), 4);
  payload.set_streaming_width(2);
  bench_.mmio_out->b_transport(payload, delay);
  EXPECT_EQ(payload.get_response_status(), tlm::TLM_BURST_ERROR_RESPONSE);

  EXPECT_EQ(bench_.read(at).value, 0U);
  EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
}

TEST_F(RegisterMapTest, AddressesOutsideTheWindowsAreNoRegisters) {
  for (const std::uint64_t at : {0x0ULL, 0x01FFFFFCULL, 0x02001000ULL, 0x02011000ULL, 0x02021000ULL,
                                 0x10000000ULL, 0xFFFFFFFCULL}) {
    EXPECT_EQ(bench_.read(at).status, tlm::TLM_ADDRESS_ERROR_RESPONSE) << std::hex << at;
    EXPECT_EQ(bench_.write(at, 0).status, tlm::TLM_ADDRESS_ERROR_RESPONSE) << std::hex << at;
  }
  EXPECT_EQ(bench_.read(0x1'0200'0000ULL).status, tlm::TLM_ADDRESS_ERROR_RESPONSE)
      << "addresses have 32 bits";
}

TEST_F(RegisterMapTest, DebugReadsGiveTheSameValuesWithoutTimeOrEffect) {
  ASSERT_TRUE(bench_.counters.add(5, 9));
  bench_.write(kCounters + counter::kWaitId, 5);
  bench_.write(kCounters + counter::kWaitTarget, 10);
  const auto lines = all_lines();
  std::size_t seen = 0;
  for (const auto& [at, line] : lines) {
    std::uint32_t value = 0xDEAD;
    const unsigned length = bench_.debug(tlm::TLM_READ_COMMAND, at, value);
    const bool blocking = at == kCounters + counter::kWaitRead;
    ASSERT_EQ(length, line.readable && !blocking ? 4U : 0U) << line.name;
    if (length == 0) continue;
    EXPECT_EQ(value, bench_.read(at).value) << line.name;
    ++seen;
  }
  EXPECT_GT(seen, 200U);
  EXPECT_EQ(bench_.registers.waiting_for(), "") << "a debugger does not wait";
  std::uint32_t value = 1;
  for (const auto& [at, line] : lines)
    EXPECT_EQ(bench_.debug(tlm::TLM_WRITE_COMMAND, at, value), 0U) << line.name;
  EXPECT_TRUE(bench_.outside.exits.empty());
  EXPECT_TRUE(bench_.outside.mails.empty());
  EXPECT_FALSE(bench_.load.active());
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
}

}  // namespace
}  // namespace aipu::test

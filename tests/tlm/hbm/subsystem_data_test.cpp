// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <random>

#include "tests/tlm/hbm/subsystem_fixture.h"
#include "tlm/core/transaction.h"

namespace aipu::hbm {
namespace {

using test::StockInitiator;

class HbmData : public test::HbmSubsystemTest {};

TEST_F(HbmData, UnalignedRequestsAcrossGranulesReadBackWhatWasWritten) {
  StockInitiator& source = initiator();
  const auto data = pattern(1024, 9);
  source.write(1024 * 7 + 333, data);
  source.read(1024 * 7 + 333, 1024);
  source.read(1024 * 8 - 5, 11);
  run(ns(10'000));
  EXPECT_EQ(source.requests[1].data, data);
  EXPECT_TRUE(std::equal(source.requests[2].data.begin(), source.requests[2].data.end(),
                         data.begin() + (1024 - 5 - 333)));
  EXPECT_EQ(hbm_->stats().bytes_read.value(), 1035U);
  EXPECT_EQ(hbm_->stats().bytes_written.value(), 1024U);
}

TEST_F(HbmData, AccessesToTheSameBytesKeepTheirOrder) {
  StockInitiator& source = initiator(test::Ending::kCompleted, 64);
  std::vector<std::uint8_t> image(8192, 0);
  std::vector<std::vector<std::uint8_t>> expected;
  std::mt19937 random(5);
  for (std::uint32_t i = 0; i < 3000; ++i) {
    const std::size_t bytes = 1 + random() % 700;
    const std::size_t at = random() % (image.size() - bytes);
    if (random() % 2 == 0) {
      const auto data = pattern(bytes, i);
      std::copy(data.begin(), data.end(), image.begin() + static_cast<std::ptrdiff_t>(at));
      source.write(at, data);
      expected.emplace_back();
    } else {
      source.read(at, bytes);
      expected.emplace_back(image.begin() + static_cast<std::ptrdiff_t>(at),
                            image.begin() + static_cast<std::ptrdiff_t>(at + bytes));
    }
  }
  run(ns(1'000'000));
  ASSERT_EQ(source.completed(), 3000U);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (source.requests[i].write) continue;
    ASSERT_EQ(source.requests[i].data, expected[i]) << "request " << i;
  }
}

TEST_F(HbmData, BlockingAndDebugAccessesSeeTheSameBytes) {
  StockInitiator& source = initiator();
  source.write(100, pattern(64, 1));
  run(ns(10'000));
  std::vector<std::uint8_t> data(64);
  tlm::tlm_generic_payload payload;
  payload.set_read();
  payload.set_address(100);
  payload.set_data_ptr(data.data());
  payload.set_data_length(64);
  payload.set_streaming_width(64);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  source.out->b_transport(payload, delay);
  EXPECT_EQ(payload.get_response_status(), tlm::TLM_OK_RESPONSE);
  EXPECT_EQ(data, pattern(64, 1));
  EXPECT_GT(delay, ns(30));
  std::fill(data.begin(), data.end(), std::uint8_t{0});
  EXPECT_EQ(source.out->transport_dbg(payload), 64U);
  EXPECT_EQ(data, pattern(64, 1));
  tlm::tlm_dmi dmi;
  ASSERT_TRUE(source.out->get_direct_mem_ptr(payload, dmi));
  EXPECT_EQ(std::memcmp(dmi.get_dmi_ptr() + 100, data.data(), 64), 0);
  EXPECT_EQ(dmi.get_end_address(), (1_GiB).count - 1);
  payload.set_address((1_GiB).count);
  source.out->b_transport(payload, delay);
  EXPECT_EQ(payload.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  EXPECT_EQ(source.out->transport_dbg(payload), 0U);
}

TEST_F(HbmData, ByteEnablesLeaveTheOtherBytesAlone) {
  StockInitiator& source = initiator();
  source.write(0, pattern(8, 1));
  run(ns(10'000));
  auto data = pattern(8, 2);
  unsigned char enable[2] = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};
  tlm::tlm_generic_payload payload;
  payload.set_write();
  payload.set_address(0);
  payload.set_data_ptr(data.data());
  payload.set_data_length(8);
  payload.set_streaming_width(8);
  payload.set_byte_enable_ptr(enable);
  payload.set_byte_enable_length(2);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  source.out->b_transport(payload, delay);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(*storage_->at(i), i % 2 == 0 ? pattern(8, 2)[i] : pattern(8, 1)[i]);
  }
}

TEST_F(HbmData, PhantomBytesAreMarkedAndNeverStored) {
  build(4_KiB);
  StockInitiator& source = initiator();
  source.read(8192, 16);
  run(ns(10'000));
  EXPECT_EQ(source.requests[0].data, std::vector<std::uint8_t>(16, 0));
  TransactionPool pool;
  Transaction& transaction = pool.acquire();
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  const auto phantom_read = [&](std::uint64_t address) {
    transaction.prepare(tlm::TLM_READ_COMMAND, address, 64);
    source.out->b_transport(transaction, delay);
    return transaction.phantom();
  };
  EXPECT_TRUE(phantom_read(8192));
  EXPECT_TRUE(phantom_read(4096 - 32));
  EXPECT_FALSE(phantom_read(0));
  transaction.prepare(tlm::TLM_WRITE_COMMAND, 0, 64);
  std::memset(transaction.get_data_ptr(), 0x55, 64);
  transaction.set_phantom(true);
  source.out->b_transport(transaction, delay);
  EXPECT_EQ(*storage_->at(0), 0);
  transaction.set_phantom(false);
  source.out->b_transport(transaction, delay);
  EXPECT_EQ(*storage_->at(63), 0x55);
  tlm::tlm_dmi dmi;
  transaction.set_address(8192);
  EXPECT_FALSE(source.out->get_direct_mem_ptr(transaction, dmi));
  transaction.release();
}

}  // namespace
}  // namespace aipu::hbm

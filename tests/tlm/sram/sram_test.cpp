// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

#include "tests/support/systemc_test.h"
#include "tlm/core/transaction.h"
#include "tlm/sram/core_sram.h"
#include "tlm/sram/shared_sram.h"

namespace aipu::sram {
namespace {

/// A stock initiator, as a third party would bring it.
struct Driver : sc_core::sc_module {
  explicit Driver(const sc_core::sc_module_name& n) : sc_module(n) {}
  tlm_utils::simple_initiator_socket<Driver, 256> out{"out"};
};

class SramTest : public test::SystemCTest {
 protected:
  SramTest() {
    core_driver_.out.bind(core_.mem_in);
    shared_driver_.out.bind(shared_.mem_in);
    phantom_driver_.out.bind(phantom_.mem_in);
    run(ns(1));
  }

  /// Delay of one access, or kError.
  static constexpr std::uint64_t kError = ~0ULL;
  std::uint64_t access(Driver& driver, tlm::tlm_command command, std::uint64_t address,
                       std::vector<std::uint8_t>& data, std::uint64_t start = 0) {
    payload_.set_command(command);
    payload_.set_address(address);
    payload_.set_data_ptr(data.data());
    payload_.set_data_length(static_cast<unsigned>(data.size()));
    payload_.set_streaming_width(static_cast<unsigned>(data.size()));
    payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay = sc_core::sc_time::from_value(start);
    driver.out->b_transport(payload_, delay);
    if (payload_.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE) return kError;
    EXPECT_TRUE(payload_.is_response_ok());
    return delay.value();
  }

  Clock clock_{1_GHz};
  CoreSram core_{"core", Config{}, clock_, 1_MiB};
  CoreSram phantom_{"phantom", Config{}, clock_, 128_KiB};
  SharedSram shared_{"shared", Config{}, clock_, 64_MiB};
  Driver core_driver_{"core_driver"};
  Driver phantom_driver_{"phantom_driver"};
  Driver shared_driver_{"shared_driver"};
  tlm::tlm_generic_payload payload_;
};

TEST_F(SramTest, CoreSramMovesItsWidthInACycleFirstComeFirstServed) {
  std::vector<std::uint8_t> data(1024, 7);
  EXPECT_EQ(access(core_driver_, tlm::TLM_WRITE_COMMAND, 64, data), 2'000U);
  std::vector<std::uint8_t> back(1024);
  EXPECT_EQ(access(core_driver_, tlm::TLM_READ_COMMAND, 64, back), 4'000U);
  EXPECT_EQ(back, data);
  EXPECT_EQ(core_.book(now_ps(), 1), now_ps() + 5'000U);
  EXPECT_EQ(core_.stats().read.value(), 1024U);
  EXPECT_EQ(core_.stats().written.value(), 1024U);
  for (const std::uint64_t later : {0U, 3'000U, 100'000U}) {
    const auto shares = core_.time_shares(now_ps() + later);
    EXPECT_EQ(shares[0].picoseconds, std::min<std::uint64_t>(later, 5'000U));
    EXPECT_EQ(shares[0].picoseconds + shares[1].picoseconds, now_ps() + later);
  }
}

TEST_F(SramTest, SharedSramBanksServeInParallel) {
  std::vector<std::uint8_t> data(1024, 1);
  EXPECT_EQ(access(shared_driver_, tlm::TLM_WRITE_COMMAND, 0, data), 20'000U);  // 12 + 8 cycles
  EXPECT_EQ(access(shared_driver_, tlm::TLM_WRITE_COMMAND, 1024, data), 20'000U);
  EXPECT_EQ(access(shared_driver_, tlm::TLM_WRITE_COMMAND, 0, data), 28'000U);
  EXPECT_EQ(access(shared_driver_, tlm::TLM_WRITE_COMMAND, 5 * 1024 + 512, data), 16'000U);
}

TEST_F(SramTest, AccessesOutsideAreAddressErrors) {
  std::vector<std::uint8_t> data(64);
  EXPECT_EQ(access(core_driver_, tlm::TLM_READ_COMMAND, (1U << 20U) - 63, data), kError);
  EXPECT_EQ(access(core_driver_, tlm::TLM_READ_COMMAND, ~0ULL - 3, data), kError);
  EXPECT_EQ(access(shared_driver_, tlm::TLM_WRITE_COMMAND, 64U << 20U, data), kError);
  EXPECT_EQ(core_.stats().errors.value(), 2U);
}

TEST_F(SramTest, PhantomBytesHaveTimeButNoContents) {
  PhantomExtension phantom;
  payload_.set_extension(&phantom);
  std::vector<std::uint8_t> data(1024, 9);
  EXPECT_EQ(access(phantom_driver_, tlm::TLM_READ_COMMAND, 128U << 10U, data), 2'000U);
  EXPECT_TRUE(phantom.phantom);
  EXPECT_EQ(data[0], 9);  // untouched
  EXPECT_EQ(access(phantom_driver_, tlm::TLM_WRITE_COMMAND, 0, data), 4'000U);
  EXPECT_EQ(*phantom_.storage().at(0), 0);  // a phantom written to real bytes leaves them
  EXPECT_EQ(access(phantom_driver_, tlm::TLM_READ_COMMAND, 0, data), 6'000U);
  EXPECT_FALSE(phantom.phantom);
  payload_.clear_extension(&phantom);
  EXPECT_EQ(access(phantom_driver_, tlm::TLM_READ_COMMAND, 128U << 10U, data), 8'000U);
  EXPECT_EQ(data[0], 0);  // without the extension a phantom reads as zero
}

TEST_F(SramTest, ByteEnablesAndStreamingWidthAreHonoured) {
  std::vector<std::uint8_t> data{1, 2, 3, 4};
  unsigned char enable[] = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};
  payload_.set_byte_enable_ptr(enable);
  payload_.set_byte_enable_length(2);
  access(core_driver_, tlm::TLM_WRITE_COMMAND, 0, data);
  payload_.set_byte_enable_ptr(nullptr);
  std::vector<std::uint8_t> back(4);
  access(core_driver_, tlm::TLM_READ_COMMAND, 0, back);
  EXPECT_EQ(back, (std::vector<std::uint8_t>{1, 0, 3, 0}));
}

TEST_F(SramTest, DebugAndDmiReachTheRealPartAndCostNoTime) {
  std::vector<std::uint8_t> data{5, 6, 7};
  payload_.set_command(tlm::TLM_WRITE_COMMAND);
  payload_.set_address((128U << 10U) - 2);
  payload_.set_data_ptr(data.data());
  payload_.set_data_length(3);
  EXPECT_EQ(phantom_driver_.out->transport_dbg(payload_), 2U);
  EXPECT_EQ(*phantom_.storage().at((128U << 10U) - 1), 6);
  tlm::tlm_dmi dmi;
  payload_.set_address(0);
  ASSERT_TRUE(phantom_driver_.out->get_direct_mem_ptr(payload_, dmi));
  EXPECT_EQ(dmi.get_end_address(), (128U << 10U) - 1);
  EXPECT_EQ(dmi.get_dmi_ptr(), phantom_.storage().at(0));
  payload_.set_address(128U << 10U);
  EXPECT_FALSE(phantom_driver_.out->get_direct_mem_ptr(payload_, dmi));
  EXPECT_EQ(phantom_.book(now_ps(), 512), now_ps() + 1'000U);
}

TEST_F(SramTest, ANonBlockingRequestCompletesInItsFirstCall) {
  std::vector<std::uint8_t> data(512, 3);
  payload_.set_command(tlm::TLM_WRITE_COMMAND);
  payload_.set_address(0);
  payload_.set_data_ptr(data.data());
  payload_.set_data_length(512);
  payload_.set_streaming_width(512);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = ns(3);
  EXPECT_EQ(core_driver_.out->nb_transport_fw(payload_, phase, delay), tlm::TLM_COMPLETED);
  EXPECT_EQ(delay.value(), 4'000U);
  EXPECT_EQ(*core_.storage().at(511), 3);
}

}  // namespace
}  // namespace aipu::sram

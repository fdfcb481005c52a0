// SPDX-License-Identifier: Apache-2.0
#include "tests/support/protocol_checker.h"

#include <functional>
#include <gtest/gtest-spi.h>

#include "tests/support/stock_initiator.h"
#include "tests/support/systemc_test.h"

namespace aipu::test {
namespace {

/// Answers as it is told to; what it does later is for the test to say.
class Puppet : public sc_core::sc_module {
 public:
  using Payload = tlm::tlm_generic_payload;
  using Answer = std::function<tlm::tlm_sync_enum(Payload&, tlm::tlm_phase&, sc_core::sc_time&)>;

  explicit Puppet(const sc_core::sc_module_name& name) : sc_module(name) {
    in.register_nb_transport_fw(this, &Puppet::forward);
  }
  tlm_utils::simple_target_socket<Puppet, 256> in{"in"};
  Answer answer;
  std::vector<Payload*> payloads;

  void send(Payload& payload, const tlm::tlm_phase& phase) {
    tlm::tlm_phase sent = phase;
    sc_core::sc_time delay;
    in->nb_transport_bw(payload, sent, delay);
  }

 private:
  tlm::tlm_sync_enum forward(Payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    payload.acquire();
    payloads.push_back(&payload);
    return answer(payload, phase, delay);
  }
};

class ProtocolCheckerTest : public SystemCTest {
 protected:
  ProtocolCheckerTest() {
    source_.out.bind(checker_.in);
    checker_.out.bind(target_.in);
    source_.read(0, 32);
    source_.read(32, 32);
  }
  /// Messages of the failures while the simulation runs and `then` is done.
  std::string failures(const std::function<void()>& then = [] {}) {
    testing::TestPartResultArray results;
    {
      const testing::ScopedFakeTestPartResultReporter reporter(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
      run(ns(100));
      then();
    }
    std::string text;
    for (int i = 0; i < results.size(); ++i)
      text += results.GetTestPartResult(i).message();
    return text;
  }
  static tlm::tlm_sync_enum accept(Puppet::Payload&, tlm::tlm_phase&, sc_core::sc_time&) {
    return tlm::TLM_ACCEPTED;
  }
  static tlm::tlm_sync_enum take(Puppet::Payload&, tlm::tlm_phase& phase, sc_core::sc_time&) {
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }

  StockInitiator source_{"source"};
  ProtocolChecker checker_{"checker"};
  Puppet target_{"target"};
};

TEST_F(ProtocolCheckerTest, HasNothingAgainstGoodManners) {
  target_.answer = take;
  const std::string text = failures([this] {
    for (Puppet::Payload* payload : target_.payloads) {
      payload->set_response_status(tlm::TLM_OK_RESPONSE);
      target_.send(*payload, tlm::BEGIN_RESP);
      payload->release();
    }
    checker_.expect_all_ended();
  });
  EXPECT_EQ(text, "");
  EXPECT_EQ(checker_.completed(), 2U);
  EXPECT_TRUE(source_.balanced());
}
TEST_F(ProtocolCheckerTest, SeesAResponseWithoutStatus) {
  target_.answer = take;
  EXPECT_NE(
      failures([this] { target_.send(*target_.payloads[0], tlm::BEGIN_RESP); }).find("no status"),
      std::string::npos);
}
TEST_F(ProtocolCheckerTest, SeesACompletionWithoutStatus) {
  target_.answer = [](Puppet::Payload&, tlm::tlm_phase&, sc_core::sc_time&) {
    return tlm::TLM_COMPLETED;
  };
  EXPECT_NE(failures().find("no status"), std::string::npos);
}
TEST_F(ProtocolCheckerTest, SeesAPayloadThatChangesOnItsWay) {
  target_.answer = take;
  const std::string text = failures([this] {
    Puppet::Payload& payload = *target_.payloads[0];
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    payload.set_address(64);
    target_.send(payload, tlm::BEGIN_RESP);
  });
  EXPECT_NE(text.find("a payload changed on its way"), std::string::npos);
}
TEST_F(ProtocolCheckerTest, SeesTransactionsWithoutAnEnd) {
  target_.answer = accept;
  EXPECT_NE(failures([this] { checker_.expect_all_ended(); }).find("transactions without an end"),
            std::string::npos);
  EXPECT_EQ(checker_.withheld(), 1U);
  EXPECT_FALSE(source_.balanced());
}

}  // namespace
}  // namespace aipu::test

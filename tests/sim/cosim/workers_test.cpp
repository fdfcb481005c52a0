// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/workers.h"

#include <chrono>
#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

namespace aipu::test {
namespace {

using cosim::JobResult;
using State = cosim::JobResult::State;
using std::chrono::seconds;

std::string square(std::size_t k) {
  std::this_thread::sleep_for(std::chrono::milliseconds(k % 3 == 0 ? 20 : 1));
  return std::to_string(k * k);
}

TEST(WorkersTest, ResultsAreInOrderWhateverEndsFirst) {
  for (const unsigned count : {1U, 2U, 5U}) {
    const auto results = cosim::run_jobs(12, {count, seconds(0), seconds(0)}, square);
    ASSERT_EQ(results.size(), 12U);
    for (std::size_t k = 0; k < results.size(); ++k) {
      EXPECT_EQ(results[k].state, State::kDone);
      EXPECT_EQ(results[k].text, std::to_string(k * k));
    }
  }
}

TEST(WorkersTest, LongAnswersComeWhole) {
  const std::size_t length = 1U << 20U;
  const auto results = cosim::run_jobs(2, {2, seconds(0), seconds(0)},
                                       [&](std::size_t k) { return std::string(length + k, 'x'); });
  EXPECT_EQ(results[0].text.size(), length);
  EXPECT_EQ(results[1].text.size(), length + 1);
}

TEST(WorkersTest, AKilledWorkerIsReportedAndTheOthersGoOn) {
  const auto results = cosim::run_jobs(4, {2, seconds(0), seconds(0)}, [](std::size_t k) {
    if (k == 1) {
      std::cerr << "the last words" << std::endl;
      raise(SIGKILL);
    }
    return square(k);
  });
  EXPECT_EQ(results[1].state, State::kLost);
  EXPECT_THAT(results[1].text, testing::HasSubstr("signal 9"));
  EXPECT_THAT(results[1].text, testing::HasSubstr("the last words"));
  EXPECT_EQ(results[3].text, "9");
}

TEST(WorkersTest, AnExceptionIsReportedWithItsText) {
  const auto results = cosim::run_jobs(1, {1, seconds(0), seconds(0)}, [](std::size_t) {
    throw std::runtime_error("out of luck");
    return std::string();
  });
  EXPECT_EQ(results[0].state, State::kLost);
  EXPECT_THAT(results[0].text, testing::HasSubstr("out of luck"));
}

TEST(WorkersTest, AStuckWorkerIsEnded) {
  const auto results = cosim::run_jobs(1, {1, seconds(1), seconds(0)}, [](std::size_t) {
    std::this_thread::sleep_for(seconds(50));
    return std::string();
  });
  EXPECT_EQ(results[0].state, State::kLate);
}

TEST(WorkersTest, BehindTheLimitNothingIsStarted) {
  const auto results = cosim::run_jobs(3, {1, seconds(0), seconds(1)}, [](std::size_t k) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    return std::to_string(k);
  });
  EXPECT_EQ(results[0].state, State::kDone);
  EXPECT_EQ(results[2].state, State::kSkipped);
}

}  // namespace
}  // namespace aipu::test

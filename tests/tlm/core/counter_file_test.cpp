// SPDX-License-Identifier: Apache-2.0
#include "tlm/core/counter_file.h"

#include <functional>
#include <gtest/gtest.h>
#include <string>

namespace aipu::test {
namespace {

/// Writes its name into a log when it is reached, and may do more.
class Recorder : public CounterWaiter {
 public:
  Recorder(char name, std::string& log) : name_(name), log_(log) {}
  std::function<void()> also;

 private:
  void reached() override {
    EXPECT_FALSE(armed()) << "reached while armed";
    log_ += name_;
    if (also) also();
  }
  char name_;
  std::string& log_;
};

class CounterFileTest : public testing::Test {
 protected:
  CounterFile file_;
  std::string log_;
  Recorder a_{'a', log_}, b_{'b', log_}, c_{'c', log_};
};

TEST_F(CounterFileTest, CountsUpFromZeroEachOnItsOwn) {
  EXPECT_TRUE(file_.add(0, 3));
  EXPECT_TRUE(file_.add(63, 255));
  EXPECT_TRUE(file_.add(0, 4));
  EXPECT_EQ(file_.value(0), 7U);
  EXPECT_EQ(file_.value(1), 0U);
  EXPECT_EQ(file_.value(63), 255U);
}

TEST_F(CounterFileTest, AnAddWakesTheSatisfiedInTheOrderOfArming) {
  EXPECT_FALSE(file_.wait(c_, 5, 2));
  EXPECT_FALSE(file_.wait(a_, 5, 9));
  EXPECT_FALSE(file_.wait(b_, 5, 1));
  file_.add(5, 2);
  EXPECT_EQ(log_, "cb");
  EXPECT_TRUE(a_.armed());
  file_.add(5, 7);
  EXPECT_EQ(log_, "cba");
}

TEST_F(CounterFileTest, AWaitThatIsOverDoesNotArm) {
  file_.add(1, 4);
  EXPECT_TRUE(file_.wait(a_, 1, 4));
  EXPECT_TRUE(file_.wait(a_, 1, 0));
  EXPECT_FALSE(a_.armed());
  file_.add(1, 1);
  EXPECT_EQ(log_, "");
}

TEST_F(CounterFileTest, AWaiterMayArmAgainFromItsCallAndIsNotCalledTwice) {
  std::uint32_t next = 2;
  a_.also = [&] { file_.wait(a_, 7, next++); };
  file_.wait(a_, 7, 1);
  file_.wait(b_, 7, 3);
  file_.add(7, 1);
  EXPECT_EQ(log_, "a");
  file_.add(7, 1);
  EXPECT_EQ(log_, "aa");
  file_.add(7, 1);
  EXPECT_EQ(log_, "aaba") << "re-armed behind b";
}

TEST_F(CounterFileTest, AWaiterMayMoveToAnotherCounterFromItsCall) {
  a_.also = [&] { file_.wait(b_, 9, 1); };
  file_.wait(a_, 8, 1);
  file_.add(8, 1);
  file_.add(9, 1);
  EXPECT_EQ(log_, "ab");
}

TEST_F(CounterFileTest, ACancelledWaiterIsNotCalledAndOthersAre) {
  file_.wait(a_, 2, 1);
  file_.wait(b_, 2, 1);
  file_.wait(c_, 2, 1);
  file_.cancel(b_);
  file_.cancel(b_);  // harmless
  EXPECT_FALSE(b_.armed());
  file_.add(2, 1);
  EXPECT_EQ(log_, "ac");
}

TEST_F(CounterFileTest, AnOverflowChangesNothingAndWakesNobody) {
  EXPECT_TRUE(file_.add(3, 0xFFFFFFFE));
  file_.wait(a_, 3, 0xFFFFFFFF);
  EXPECT_FALSE(file_.add(3, 2));
  EXPECT_EQ(file_.value(3), 0xFFFFFFFEU);
  EXPECT_EQ(log_, "");
  EXPECT_TRUE(file_.add(3, 1)) << "the last value is a value";
  EXPECT_EQ(log_, "a");
}

TEST_F(CounterFileTest, TargetsCompareUnsigned) {
  EXPECT_FALSE(file_.wait(a_, 4, 0x80000000));
  file_.add(4, 0x7FFFFFFF);
  EXPECT_EQ(log_, "");
  file_.add(4, 1);
  EXPECT_EQ(log_, "a");
}

}  // namespace
}  // namespace aipu::test

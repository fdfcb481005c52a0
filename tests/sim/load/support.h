// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "hw/base/error.h"
#include "tests/support/reference_data.h"

namespace aipu::test {

/// Expects a UserError with this exit code whose message is one line and contains `part`.
template <typename Action>
void expect_user_error(ExitCode code, const std::string& part, Action action) {
  try {
    action();
    ADD_FAILURE() << "no error; expected one with: " << part;
  } catch (const UserError& error) {
    EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(code)) << error.what();
    EXPECT_THAT(error.what(), testing::HasSubstr(part));
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
  } catch (const std::exception& error) {
    ADD_FAILURE() << "not a UserError: " << error.what();
  }
}

/// Runs the action; a UserError is as good as success, anything else escapes and fails the test.
template <typename Action>
bool accepts(Action action) {
  try {
    action();
    return true;
  } catch (const UserError&) {
    return false;
  }
}

inline std::string reference_model() {
  return reference_path("models/stories260K");
}

}  // namespace aipu::test

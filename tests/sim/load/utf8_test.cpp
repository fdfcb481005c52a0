// SPDX-License-Identifier: Apache-2.0
#include "sim/load/utf8.h"

#include <gtest/gtest.h>

namespace aipu::load {
namespace {

const std::string kMark = "\xEF\xBF\xBD";

TEST(Utf8Test, EveryCodePointSurvivesEncodingAndDecoding) {
  for (std::uint32_t code = 0; code < 0x110000; code += code < 0x3000 ? 1 : 37) {
    if (code >= 0xD800 && code < 0xE000) continue;
    const std::string text = utf8_encode(code);
    ASSERT_EQ(utf8_length(text), text.size()) << code;
    ASSERT_EQ(utf8_decode(text), code);
  }
}

TEST(Utf8Test, IllFormedBytesHaveNoLength) {
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3"}) {
    EXPECT_EQ(utf8_length(bad), 0U);
  }
}

TEST(Utf8Test, TheStreamHoldsBackIncompleteCharacters) {
  Utf8Stream stream;
  EXPECT_EQ(stream.push("a\xE2"), "a");
  EXPECT_EQ(stream.push("\x82"), "");
  EXPECT_EQ(stream.push("\xAC!"), "\xE2\x82\xAC!");
  EXPECT_EQ(stream.push("\xF0\x9F"), "");
  EXPECT_EQ(stream.finish(), kMark);
  EXPECT_EQ(stream.finish(), "");
}

TEST(Utf8Test, BytesThatCannotBecomeACharacterAreMarked) {
  EXPECT_EQ(to_valid_utf8("a\xFF\xFE"
                          "b"),
            "a" + kMark + kMark + "b");
  EXPECT_EQ(to_valid_utf8("\xE2\x82x"), kMark + "x");
  EXPECT_EQ(to_valid_utf8("\xC3"), kMark);
  EXPECT_EQ(to_valid_utf8("plain"), "plain");
}

}  // namespace
}  // namespace aipu::load

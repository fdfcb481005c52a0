// SPDX-License-Identifier: Apache-2.0
#include "hw/base/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "hw/base/error.h"

namespace aipu {
namespace {

using testing::HasSubstr;

enum class Policy { kOpen, kClosed };

struct Banks {
  std::uint32_t count = 16;
  Policy policy = Policy::kOpen;
};

struct Sample {
  std::uint32_t channels = 8;
  Bytes burst = 256_B;
  Bytes buffer = 64_KiB;
  double share = 0.5;
  bool ordered = true;
  std::string label = "plain";
  Banks banks;
};

Schema<Banks> banks_schema() {
  return Schema<Banks>("banks", "Memory banks")
      .field("count", &Banks::count, one_of(8U, 16U), "banks of a channel")
      .field("policy", &Banks::policy,
             EnumNames<Policy>{{"open", Policy::kOpen}, {"closed", Policy::kClosed}},
             "what happens to a row after its access");
}

Schema<Sample> sample_schema() {
  return Schema<Sample>("sample", "A block for these tests")
      .field("channels", &Sample::channels, between(1U, 64U), "independent channels")
      .field("burst", &Sample::burst, power_of_two(64_B, 4_KiB), "largest request")
      .field("buffer", &Sample::buffer, between(1_KiB, 512_KiB), "staging")
      .field("share", &Sample::share, between(0.0, 1.0), "share of the time")
      .field("ordered", &Sample::ordered, any(), "in order")
      .field("label", &Sample::label, any(), "free text")
      .group("banks", &Sample::banks, banks_schema())
      .require([](const Sample& s) { return s.buffer >= s.burst * s.channels; },
               "buffer must hold one burst for every channel");
}

/// A source made of nested lists; the place of everything is its key.
class Literal : public SchemaSource {
 public:
  using Map = std::vector<std::pair<std::string, const Literal*>>;
  explicit Literal(std::string text) : text_(std::move(text)) {}
  explicit Literal(Map map) : map_(std::move(map)), is_map_(true) {}

  bool is_map() const override { return is_map_; }
  bool is_scalar() const override { return !is_map_; }
  std::string text() const override { return text_; }
  std::string place() const override { return "at " + (is_map_ ? "map" : text_); }
  void visit(const Visitor& visitor) const override {
    for (const auto& [key, value] : map_)
      visitor(key, "key " + key, *value);
  }

 private:
  std::string text_;
  Map map_;
  bool is_map_ = false;
};

Sample read(const std::string& key, const std::string& text, Places* places = nullptr) {
  const Literal value(text);
  const Literal root(Literal::Map{{key, &value}});
  Sample sample;
  Places own;
  sample_schema().read(root, sample, places == nullptr ? own : *places);
  return sample;
}

std::string error_of(const std::string& key, const std::string& text) {
  try {
    read(key, text);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(SchemaTest, ReadsEveryKindOfMember) {
  EXPECT_EQ(read("channels", "12").channels, 12U);
  EXPECT_EQ(read("burst", "1 KiB").burst, 1_KiB);
  EXPECT_EQ(read("share", "0.25").share, 0.25);
  EXPECT_FALSE(read("ordered", "false").ordered);
  EXPECT_EQ(read("label", "64").label, "64");
}

TEST(SchemaTest, ReadsAGroupAndLeavesTheRest) {
  const Literal closed("closed");
  const Literal banks(Literal::Map{{"policy", &closed}});
  const Literal root(Literal::Map{{"banks", &banks}});
  Sample sample;
  Places places;
  sample_schema().read(root, sample, places);
  EXPECT_EQ(sample.banks.policy, Policy::kClosed);
  EXPECT_EQ(sample.banks.count, 16U);
  EXPECT_EQ(places.latest("banks"), "at closed");
}

TEST(SchemaTest, NamesTheNearestKey) {
  EXPECT_EQ(error_of("chanels", "1"),
            "key chanels: unknown key 'chanels'; did you mean 'channels'?");
  EXPECT_THAT(error_of("zzz", "1"), HasSubstr("known: channels, burst, buffer"));
}

TEST(SchemaTest, SaysWhatWouldBeValid) {
  EXPECT_EQ(error_of("channels", "65"), "at 65: channels: 65 is out of range; valid: 1..64");
  EXPECT_EQ(error_of("burst", "192 B"),
            "at 192 B: burst: 192 B is out of range; valid: a power of two, 64 B..4 KiB");
  EXPECT_THAT(error_of("banks", "7"), HasSubstr("is a group"));
  EXPECT_THAT(error_of("share", "1.5"), HasSubstr("valid: 0..1"));
  EXPECT_THAT(error_of("ordered", "yes"), HasSubstr("'yes' is not true or false"));
}

TEST(SchemaTest, ListsTheNamesOfAnEnumeration) {
  const Literal value("opne");
  const Literal banks(Literal::Map{{"policy", &value}});
  const Literal root(Literal::Map{{"banks", &banks}});
  Sample sample;
  Places places;
  try {
    sample_schema().read(root, sample, places);
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "at opne: banks.policy: 'opne' is not one of open, closed");
  }
}

TEST(SchemaTest, RefusesAKeyGivenTwice) {
  const Literal one("1");
  const Literal root(Literal::Map{{"channels", &one}, {"channels", &one}});
  Sample sample;
  Places places;
  EXPECT_THROW(sample_schema().read(root, sample, places), ConfigError);
}

TEST(SchemaTest, ARuleOverSeveralKeysPointsAtTheLatestOneItNames) {
  Places places;
  const Sample sample = read("buffer", "1 KiB", &places);
  places.note("label", "elsewhere");  // set later, and not to blame
  try {
    sample_schema().check(sample, places);
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "at 1 KiB: sample: buffer must hold one burst for every channel");
  }
}

TEST(SchemaTest, ARuleWithWordsOfItsOwnPointsAtTheKeyItBeginsWith) {
  Schema<Sample> schema = sample_schema();
  schema.refuse(
      [](const Sample& s) {
        return s.label == "plain" ? "" : "label: '" + s.label + "' hides the channels";
      },
      "label must be plain");
  EXPECT_NO_THROW(schema.check(Sample{}));
  EXPECT_EQ(schema.describe(Sample{}).requirements.back(), "label must be plain");
  Places places;
  const Sample sample = read("label", "loud", &places);
  places.note("channels", "elsewhere");  // set later, named by the words, and not to blame
  try {
    schema.check(sample, places);
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "at loud: sample: label: 'loud' hides the channels");
  }
}

TEST(SchemaTest, DescribesKeysWithValueAndDefault) {
  Sample sample;
  sample.burst = 1_KiB;
  const SchemaEntry entry = sample_schema().describe(sample);
  ASSERT_EQ(entry.entries.size(), 7U);
  const SchemaEntry& burst = entry.entries[1];
  EXPECT_EQ(burst.name, "burst");
  EXPECT_EQ(print_value(burst.type, burst.value), "1 KiB");
  EXPECT_EQ(print_value(burst.type, burst.fallback), "256 B");
  EXPECT_EQ(entry.entries[6].entries[1].name, "policy");
  EXPECT_EQ(std::get<std::string>(entry.entries[6].entries[1].value), "open");
}

}  // namespace
}  // namespace aipu

// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "sim/load/tokenizer.h"
#include "sim/load/utf8.h"
#include "tests/sim/load/naive_bpe.h"
#include "tests/sim/load/support.h"
#include "tests/support/tiny_model.h"

namespace aipu::load {
namespace {

using nlohmann::json;
using test::expect_user_error;
using Ids = std::vector<TokenId>;

class VocabJsonTest : public testing::Test {
 protected:
  std::unique_ptr<Tokenizer> tiny() {
    test::write_tiny_model(dir_.path(), {});
    return read_tokenizer(dir_.path());
  }
  std::unique_ptr<Tokenizer> from(const json& file) {
    test::write_file(dir_.file("vocab.json"), file.dump());
    return read_tokenizer(dir_.path());
  }

  test::TempDir dir_;
};

TEST_F(VocabJsonTest, ReferencePromptsAndTextsRoundTrip) {
  AIPU_NEEDS_REFERENCE();
  const auto tokenizer = read_tokenizer(test::reference_model());
  EXPECT_EQ(tokenizer->size(), 512U);
  EXPECT_EQ(tokenizer->prefix(), Ids{1});
  EXPECT_EQ(tokenizer->eos(), 2U);
  const auto runs = json::parse(test::read_file(test::reference_model() + "/expected_greedy.json"));
  for (const json& run : runs) {
    const auto ids = run.at("ids_after_bos").get<Ids>();
    const Ids prompt = tokenizer->encode(run.at("prompt").get<std::string>());
    ASSERT_LE(prompt.size(), ids.size());
    EXPECT_EQ(prompt, Ids(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(prompt.size())));
    EXPECT_EQ(tokenizer->decode(ids), run.at("text"));
    Ids with_bos{1};
    with_bos.insert(with_bos.end(), ids.begin(), ids.end());
    EXPECT_EQ(tokenizer->decode(with_bos), run.at("text"));
  }
}

TEST_F(VocabJsonTest, AgreesWithTheNaiveMethod) {
  const auto tokenizer = tiny();
  const json file = json::parse(test::read_file(dir_.file("vocab.json")));
  std::map<std::string, std::pair<TokenId, double>> pieces;
  for (const json& item : file.at("pieces")) {
    const auto id = static_cast<TokenId>(pieces.size());
    pieces.emplace(item[0], std::pair(id, item[1].get<double>()));
  }
  const auto rank = [&](const std::string& l, const std::string& r) -> std::optional<double> {
    const auto found = pieces.find(l + r);
    return found == pieces.end() ? std::nullopt : std::optional<double>(-found->second.second);
  };
  std::mt19937 random(2);
  for (int round = 0; round < 300; ++round) {
    std::string text;
    std::vector<std::string> symbols{" "};
    for (int i = 0; i < 40; ++i) {
      text += static_cast<char>(' ' + static_cast<int>(random() % 95));
      symbols.emplace_back(1, text.back());
    }
    Ids expected;
    for (const auto& piece : test::naive_bpe(symbols, rank))
      expected.push_back(pieces.at(piece).first);
    EXPECT_EQ(tokenizer->encode(text), expected) << text;
  }
}

TEST_F(VocabJsonTest, AnyBytesRoundTrip) {
  const auto tokenizer = tiny();
  EXPECT_EQ(tokenizer->encode(""), Ids{});
  EXPECT_EQ(tokenizer->encode("\xC3\xA9"), (Ids{259, 3 + 0xC3, 3 + 0xA9}));
  std::mt19937 random(8);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (auto i = random() % 30; i > 0; --i)
      text += static_cast<char>(random());
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
  }
}

TEST_F(VocabJsonTest, StreamingEqualsDecoding) {
  const auto tokenizer = tiny();
  const std::string text = "  two spaces, caf\xC3\xA9 \xF0\x9F\x98\x80 <s> <0x41>";
  const Ids ids = tokenizer->encode(text);
  Utf8Stream stream;
  std::string shown;
  std::optional<TokenId> previous = tokenizer->bos();
  for (const TokenId id : ids) {
    shown += stream.push(tokenizer->token_bytes(id, previous));
    previous = id;
  }
  EXPECT_EQ(shown + stream.finish(), text);
  EXPECT_EQ(tokenizer->token_bytes(1, std::nullopt), "");
  EXPECT_EQ(tokenizer->token_bytes(2, 300U), "");
  EXPECT_EQ(tokenizer->token_bytes(9999, 300U), "");
}

TEST_F(VocabJsonTest, IdsOutsideTheModelAreRefused) {
  const auto tokenizer = tiny();
  ModelConfig config = read_model_config(dir_.path());
  EXPECT_EQ(encode_for(config, *tokenizer, "abc"), tokenizer->encode("abc"));
  config.vocab = 260;
  expect_user_error(ExitCode::kUsage, "but vocab_size is 260",
                    [&] { encode_for(config, *tokenizer, "abc"); });
}

TEST_F(VocabJsonTest, MistakesAreNamed) {
  const json good = json::parse(R"({"type": "sentencepiece-bpe", "bos_id": 1, "eos_id": 2, "pieces":
      [["<unk>", 0], ["<s>", 0], ["</s>", 0], [" ", -1], ["a", -2]]})");
  EXPECT_EQ(from(good)->encode("a"), (Ids{3, 4}));
  expect_user_error(ExitCode::kUsage, "no piece for the byte <0x62>",
                    [&] { from(good)->encode("b"); });
  const auto expect_refused = [&](const char* key, const json& value, const std::string& part) {
    json bad = good;
    bad[key] = value;
    expect_user_error(ExitCode::kUsage, part, [&] { from(bad); });
  };
  expect_refused("type", "unigram", "type: \"unigram\" is not supported");
  expect_refused("type", nullptr, "type: missing");
  expect_refused("bos_id", 5, "bos_id: must be an integer from 0 to 4");
  expect_refused("pieces", json::array(), "pieces: must be a list");
  expect_refused("pieces", json::parse(R"([["a", 0], ["b", "c"]])"),
                 "pieces: entry 1 must be a pair");
  test::write_file(dir_.file("vocab.json"), "{");
  expect_user_error(ExitCode::kUsage, "not valid JSON", [&] { read_tokenizer(dir_.path()); });
  expect_user_error(ExitCode::kIo, "holds neither tokenizer.json nor vocab.json",
                    [&] { read_tokenizer(dir_.path() + "/none"); });
}

}  // namespace
}  // namespace aipu::load

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
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

// The pattern of Llama 3.
constexpr const char* kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

class TokenizerJsonTest : public testing::Test {
 protected:
  std::unique_ptr<Tokenizer> from(const json& file) {
    test::write_file(dir_.file("tokenizer.json"), file.dump());
    return read_tokenizer(dir_.path());
  }
  json tiny_byte_level() {
    test::TinyModelOptions options;
    options.tokenizer = test::TinyModelOptions::Tokenizer::kByteLevel;
    options.vocab = 600;
    test::write_tiny_model(dir_.path(), options);
    return json::parse(test::read_file(dir_.file("tokenizer.json")));
  }

  // Letters, bytes, a few merges; spaces are U+2581 as in Llama 2.
  static json sentencepiece() {
    json vocab{{"<unk>", 0}, {"<s>", 1}, {"</s>", 2}};
    for (unsigned byte = 0; byte < 256; ++byte) {
      vocab[fmt::format("<0x{:02X}>", byte)] = 3 + byte;
    }
    TokenId next = 259;
    for (const char* piece : {"▁", "a", "b", "c", "ab", "▁a", "▁ab", "abc", "é"})
      vocab[piece] = next++;
    return {{"added_tokens",
             {{{"id", 1}, {"content", "<s>"}, {"special", true}, {"normalized", false}},
              {{"id", 2}, {"content", "</s>"}, {"special", true}, {"normalized", false}}}},
            {"normalizer",
             {{"type", "Sequence"},
              {"normalizers",
               {{{"type", "Prepend"}, {"prepend", "▁"}},
                {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "▁"}}}}}},
            {"pre_tokenizer", nullptr},
            {"post_processor",
             {{"type", "TemplateProcessing"},
              {"single",
               {{{"SpecialToken", {{"id", "<s>"}, {"type_id", 0}}}},
                {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}}}},
            {"decoder",
             {{"type", "Sequence"},
              {"decoders",
               {{{"type", "Replace"}, {"pattern", {{"String", "▁"}}}, {"content", " "}},
                {{"type", "ByteFallback"}},
                {{"type", "Fuse"}},
                {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}}}}},
            {"model",
             {{"type", "BPE"},
              {"unk_token", "<unk>"},
              {"fuse_unk", true},
              {"byte_fallback", true},
              {"vocab", vocab},
              {"merges", {"a b", "▁ a", "▁ ab", "ab c"}}}}};
  }

  test::TempDir dir_;
};

TEST_F(TokenizerJsonTest, SentencepieceStyleMarksSpacesAndFallsBackToBytes) {
  const auto tokenizer = from(sentencepiece());
  EXPECT_EQ(tokenizer->prefix(), Ids{1});
  EXPECT_EQ(tokenizer->bos(), 1U);
  // "▁ab" is merged before "abc", whose merge "ab c" is listed later.
  EXPECT_EQ(tokenizer->encode("abc"), (Ids{265, 262}));
  EXPECT_EQ(tokenizer->encode("c ab"), (Ids{259, 262, 265}));
  EXPECT_EQ(tokenizer->encode("z"), (Ids{259, 3 + 'z'}));
  EXPECT_EQ(tokenizer->encode("é€"), (Ids{259, 267, 3 + 0xE2, 3 + 0x82, 3 + 0xAC}));
  EXPECT_EQ(tokenizer->encode(""), Ids{});
  EXPECT_EQ(tokenizer->encode("\xFF"), (Ids{259, 3 + 0xFF}));
  for (const char* text : {"abc", " abc", "  c  ", "\n€ z", "a\xFFz"}) {
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
  }
  EXPECT_EQ(tokenizer->token_bytes(265, 262U), " ab");
  EXPECT_EQ(tokenizer->token_bytes(265, 1U), "ab");
}

TEST_F(TokenizerJsonTest, SpecialTokensInTheTextAreFound) {
  const auto tokenizer = from(sentencepiece());
  // Each stretch between them is normalised by itself.
  EXPECT_EQ(tokenizer->encode("a</s>b"), (Ids{264, 2, 259, 261}));
  EXPECT_EQ(tokenizer->encode("<s>"), Ids{1});
  EXPECT_EQ(tokenizer->decode({264, 2, 261}), "ab");
}

TEST_F(TokenizerJsonTest, MetaspaceMarksTheFirstStretchOnly) {
  json file = sentencepiece();
  file["normalizer"] = nullptr;
  file["pre_tokenizer"] = {
      {"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "first"}, {"split", false}};
  EXPECT_EQ(from(file)->encode("a</s>b"), (Ids{264, 2, 261}));
  EXPECT_EQ(from(file)->encode(" ab"), Ids{265});
  file["pre_tokenizer"]["prepend_scheme"] = "always";
  file["pre_tokenizer"]["split"] = true;
  EXPECT_EQ(from(file)->encode("a</s>b a"), (Ids{264, 2, 259, 261, 264}));
  file["pre_tokenizer"]["prepend_scheme"] = "never";
  EXPECT_EQ(from(file)->encode("ab"), Ids{263});
  file["decoder"] = {{"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "always"}};
  EXPECT_EQ(from(file)->decode({265, 265}), "ab ab");
}

TEST_F(TokenizerJsonTest, UnknownCharactersFuseWhereTheModelSaysSo) {
  json file = sentencepiece();
  file["model"]["byte_fallback"] = false;
  EXPECT_EQ(from(file)->encode("zzbz"), (Ids{259, 0, 261, 0}));
  file["model"]["fuse_unk"] = false;
  EXPECT_EQ(from(file)->encode("zz"), (Ids{259, 0, 0}));
  file["model"]["unk_token"] = nullptr;
  expect_user_error(ExitCode::kUsage, "no piece for \"z\"", [&] { from(file)->encode("z"); });
}

TEST_F(TokenizerJsonTest, ByteLevelAgreesWithTheNaiveMethod) {
  const json file = tiny_byte_level();
  const auto tokenizer = from(file);
  std::map<std::pair<std::string, std::string>, double> ranks;
  for (const json& pair : file["model"]["merges"]) {
    ranks.emplace(std::pair(pair[0], pair[1]), static_cast<double>(ranks.size()));
  }
  const auto rank = [&](const std::string& l, const std::string& r) -> std::optional<double> {
    const auto found = ranks.find({l, r});
    return found == ranks.end() ? std::nullopt : std::optional<double>(found->second);
  };
  std::mt19937 random(4);
  for (int round = 0; round < 300; ++round) {
    // One word of letters is one stretch of the pattern.
    std::string text;
    std::vector<std::string> symbols;
    for (int i = 0; i < 50; ++i) {
      text += static_cast<char>('a' + static_cast<int>(random() % 26));
      symbols.emplace_back(1, text.back());
    }
    Ids expected;
    for (const auto& piece : test::naive_bpe(symbols, rank)) {
      expected.push_back(file["model"]["vocab"].at(piece).get<TokenId>());
    }
    EXPECT_EQ(tokenizer->encode(text), expected);
  }
}

TEST_F(TokenizerJsonTest, ByteLevelRoundTripsAnyText) {
  json file = tiny_byte_level();
  const auto plain = from(file);
  file["pre_tokenizer"] = {
      {"type", "Sequence"},
      {"pretokenizers",
       {{{"type", "Split"},
         {"pattern", {{"Regex", kLlama3Pattern}}},
         {"behavior", "Isolated"},
         {"invert", false}},
        {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}}}};
  const auto llama3 = from(file);
  std::mt19937 random(6);
  for (int round = 0; round < 600; ++round) {
    std::string text;
    for (auto i = random() % 40; i > 0; --i) {
      const auto kind = random() % 8;
      const std::uint32_t range = kind < 5 ? 128 : kind < 7 ? 0x3000 : 0x110000;
      auto code = static_cast<std::uint32_t>(random() % range);
      if (code >= 0xD800 && code < 0xE000) code = ' ';
      text += utf8_encode(code);
      if (round % 3 == 0 && random() % 5 == 0) text += static_cast<char>(random());
    }
    EXPECT_EQ(plain->decode(plain->encode(text)), text);
    EXPECT_EQ(llama3->decode(llama3->encode(text)), text);
  }
}

TEST_F(TokenizerJsonTest, TheSplitPatternDecidesWhatMayMerge) {
  json file = tiny_byte_level();
  json& model = file["model"];
  model["vocab"] = json::object();
  // Every byte by itself, and some words that only the right split can reach.
  TokenId next = 0;
  for (const char* piece : {"1", "2", "3", "4", "h", "i", "Ġ", "'", "S", "Ċ", "hi", "Ġhi", "'S",
                            "12", "123", "34", "ĠĠ", "ĊĊ"}) {
    model["vocab"][piece] = next++;
  }
  model["merges"] = {"1 2", "12 3", "3 4", "h i", "Ġ hi", "' S", "Ġ Ġ", "Ċ Ċ"};
  file["pre_tokenizer"] = {
      {"type", "Sequence"},
      {"pretokenizers",
       {{{"type", "Split"}, {"pattern", {{"Regex", kLlama3Pattern}}}, {"behavior", "Isolated"}},
        {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}}}}};
  auto tokenizer = from(file);
  EXPECT_EQ(tokenizer->encode("1234"), (Ids{14, 3}));          // digits in groups of three
  EXPECT_EQ(tokenizer->encode("hi hi"), (Ids{10, 11}));        // the space joins its word
  EXPECT_EQ(tokenizer->encode("hi   hi"), (Ids{10, 16, 11}));  // all spaces but the last
  EXPECT_EQ(tokenizer->encode("hi'S"), (Ids{10, 12}));         // contractions in any case
  EXPECT_EQ(tokenizer->encode("hi\n\n"), (Ids{10, 17}));
  file["pre_tokenizer"] = {{"type", "ByteLevel"}, {"add_prefix_space", true}};
  tokenizer = from(file);
  EXPECT_EQ(tokenizer->encode("hi"), Ids{11});
  EXPECT_EQ(tokenizer->encode("1234"), (Ids{6, 14, 3}));  // "1 2" and "12 3" come before "3 4"
}

TEST_F(TokenizerJsonTest, RemovedSplitsKeepWordsOrGaps) {
  json file = sentencepiece();
  file["normalizer"] = nullptr;
  file["pre_tokenizer"] = {
      {"type", "Split"}, {"pattern", {{"String", "c"}}}, {"behavior", "Removed"}};
  EXPECT_EQ(from(file)->encode("acab"), (Ids{260, 263}));
  file["pre_tokenizer"] = {{"type", "Split"},
                           {"pattern", {{"Regex", "[ab]+"}}},
                           {"behavior", "Removed"},
                           {"invert", true}};
  EXPECT_EQ(from(file)->encode("acab"), (Ids{260, 263}));
}

TEST_F(TokenizerJsonTest, IgnoreMergesTakesWholeWords) {
  json file = sentencepiece();
  file["normalizer"] = nullptr;
  file["model"]["merges"] = json::array();
  EXPECT_EQ(from(file)->encode("abc"), (Ids{260, 261, 262}));
  file["model"]["ignore_merges"] = true;
  EXPECT_EQ(from(file)->encode("abc"), Ids{266});
}

TEST_F(TokenizerJsonTest, BothSpellingsOfMergesMeanTheSame) {
  json file = sentencepiece();
  const Ids expected = from(file)->encode("abc ab");
  file["model"]["merges"] = json::parse(R"([["a", "b"], ["▁", "a"], ["▁", "ab"], ["ab", "c"]])");
  EXPECT_EQ(from(file)->encode("abc ab"), expected);
}

TEST_F(TokenizerJsonTest, AddedTokensPreferTheLongest) {
  json file = sentencepiece();
  for (const auto& [id, content] : {std::pair<int, const char*>{300, "<x>"}, {301, "<x><y>"}}) {
    file["added_tokens"].push_back(
        {{"id", id}, {"content", content}, {"special", false}, {"normalized", false}});
  }
  const auto tokenizer = from(file);
  EXPECT_EQ(tokenizer->encode("<x><y><x>"), (Ids{301, 300}));
  EXPECT_EQ(tokenizer->decode({301, 300}), "<x><y><x>");
  EXPECT_EQ(tokenizer->size(), 302U);
}

TEST_F(TokenizerJsonTest, TheConfigBesideItNamesTheEndToken) {
  json file = sentencepiece();
  EXPECT_FALSE(from(file)->eos().has_value());
  test::write_file(
      dir_.file("tokenizer_config.json"),
      R"({"eos_token": {"content": "</s>"}, "bos_token": "<s>", "add_bos_token": true})");
  EXPECT_EQ(from(file)->eos(), 2U);
  file["post_processor"] = nullptr;
  EXPECT_EQ(from(file)->prefix(), Ids{1});
  test::write_file(dir_.file("tokenizer_config.json"), R"({"eos_token": "<none>"})");
  expect_user_error(ExitCode::kUsage, "eos_token: \"<none>\" is not a token", [&] { from(file); });
}

TEST_F(TokenizerJsonTest, UnsupportedPartsAreNamed) {
  const auto expect_refused = [&](const char* pointer, const json& value, const std::string& part) {
    json file = sentencepiece();
    file[json::json_pointer(pointer)] = value;
    expect_user_error(ExitCode::kUsage, part, [&] { from(file); });
  };
  expect_refused("/normalizer", {{"type", "NFKC"}}, "normalizer.type: \"NFKC\" is not supported");
  expect_refused("/normalizer/normalizers/0", {{"type", "Sequence"}},
                 "normalizer.normalizers[0].type");
  expect_refused("/pre_tokenizer", {{"type", "Digits"}}, "pre_tokenizer.type: \"Digits\"");
  expect_refused("/pre_tokenizer",
                 {{"type", "Split"}, {"pattern", {{"Regex", "(a"}}}, {"behavior", "Isolated"}},
                 "pre_tokenizer: not a valid pattern");
  expect_refused("/pre_tokenizer",
                 {{"type", "Split"}, {"pattern", {{"String", "a"}}}, {"behavior", "Contiguous"}},
                 "pre_tokenizer.behavior: \"Contiguous\"");
  expect_refused("/decoder", {{"type", "WordPiece"}}, "decoder.type: \"WordPiece\"");
  expect_refused("/decoder", nullptr, "decoder: missing");
  expect_refused("/post_processor", {{"type", "BertProcessing"}}, "post_processor.type: \"BertPro");
  expect_refused("/post_processor/single/2", {{"SpecialToken", {{"id", "</s>"}}}},
                 "tokens after the text are not supported");
  expect_refused("/post_processor/single/0/SpecialToken/id", "<z>", "\"<z>\" is not a token");
  expect_refused("/model/type", "Unigram", "model.type: \"Unigram\" is not supported");
  expect_refused("/model/continuing_subword_prefix", "##", "model.continuing_subword_prefix");
  expect_refused("/model/merges/0", "abc", "model.merges: entry 0 must be");
  expect_refused("/model/merges/0", "a z", "model.merges: entry 0 needs \"z\"");
  expect_refused("/model/vocab/a", -4, "model.vocab.a: must be an id");
  expect_refused("/model/unk_token", "<z>", "model.unk_token: is not in vocab");
  expect_refused("/added_tokens/0/lstrip", true, "added_tokens[0].lstrip: only false");
  expect_refused("/added_tokens/0/id", 99'999'999, "added_tokens[0].id: must be an integer");
  expect_refused("/model", nullptr, "model: missing");
}

TEST_F(TokenizerJsonTest, RandomDamageNeverCrashes) {
  const std::string good = sentencepiece().dump();
  std::mt19937 random(9);
  for (int round = 0; round < 400; ++round) {
    std::string bad = good;
    if (round % 5 == 0) bad.resize(random() % bad.size());
    for (int flips = 0; flips < 2 && !bad.empty(); ++flips) {
      bad[random() % bad.size()] = static_cast<char>(random() % 128);
    }
    test::write_file(dir_.file("tokenizer.json"), bad);
    test::accepts([&] {
      const auto tokenizer = read_tokenizer(dir_.path());
      tokenizer->decode(tokenizer->encode("abc <s> \xFF é"));
    });
  }
}

}  // namespace
}  // namespace aipu::load

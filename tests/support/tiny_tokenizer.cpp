// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tiny_tokenizer.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

namespace aipu::test {

namespace {

using nlohmann::json;
using Tokenizer = TinyModelOptions::Tokenizer;

constexpr std::uint32_t kBytes = 256;
constexpr std::uint32_t kControls = 2;

// Two pieces that already exist, joined, until `count` pieces exist.
template <typename Joined>
void grow(std::vector<std::string>& pieces, std::size_t first, std::size_t count,
          std::uint64_t seed, Joined joined) {
  std::mt19937_64 bits(seed);
  std::set<std::string> known(pieces.begin(), pieces.end());
  while (pieces.size() < count) {
    const std::string left = pieces[first + bits() % (pieces.size() - first)];
    const std::string right = pieces[first + bits() % (pieces.size() - first)];
    if (left.size() + right.size() > 12 || !known.insert(left + right).second) continue;
    pieces.push_back(left + right);
    joined(left, right);
  }
}

// The printable stand-in of a byte: itself where Latin-1 prints, else the next code point from 256.
std::string stand_in(unsigned byte, unsigned& next) {
  const bool prints = (byte > 32 && byte < 127) || (byte > 160 && byte != 173);
  const unsigned code = prints ? byte : next++;
  if (code < 0x80) return {static_cast<char>(code)};
  return {static_cast<char>(0xC0U | (code >> 6U)), static_cast<char>(0x80U | (code & 0x3FU))};
}

}  // namespace

std::uint32_t tiny_bos(const TinyModelOptions& options) {
  return options.tokenizer == Tokenizer::kByteLevel ? options.vocab - 2 : 1;
}

std::uint32_t tiny_eos(const TinyModelOptions& options) {
  return options.tokenizer == Tokenizer::kByteLevel ? options.vocab - 1 : 2;
}

std::string tiny_vocab_json(const TinyModelOptions& options) {
  std::vector<std::string> pieces{"<unk>", "\n<s>\n", "\n</s>\n"};
  for (unsigned byte = 0; byte < kBytes; ++byte) {
    char text[8];
    std::snprintf(text, sizeof text, "<0x%02X>", byte);
    pieces.emplace_back(text);
  }
  const std::size_t first = pieces.size();
  for (char c = ' '; c <= '~'; ++c)
    pieces.emplace_back(1, c);
  if (options.vocab < pieces.size()) throw std::runtime_error("tiny vocab.json: vocab too small");
  grow(pieces, first, options.vocab, options.seed, [](const auto&, const auto&) {});
  json list = json::array();
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    list.push_back({pieces[i], i < first ? 0.0 : -static_cast<double>(i - first)});
  }
  return json{{"type", "sentencepiece-bpe"}, {"bos_id", 1}, {"eos_id", 2}, {"pieces", list}}.dump();
}

std::string tiny_tokenizer_json(const TinyModelOptions& options) {
  if (options.vocab < kBytes + kControls)
    throw std::runtime_error("tiny tokenizer: vocab too small");
  std::vector<std::string> pieces;
  unsigned next = 256;
  for (unsigned byte = 0; byte < kBytes; ++byte)
    pieces.push_back(stand_in(byte, next));
  json merges = json::array();
  grow(pieces, 0, options.vocab - kControls, options.seed,
       [&](const std::string& left, const std::string& right) {
         merges.push_back({left, right});
       });
  json vocab = json::object();
  for (std::size_t i = 0; i < pieces.size(); ++i)
    vocab[pieces[i]] = i;
  const auto control = [](const char* name, std::uint32_t id) {
    return json{{"id", id}, {"content", name}, {"special", true}, {"normalized", false}};
  };
  return json{{"added_tokens",
               {control("<|begin|>", tiny_bos(options)), control("<|end|>", tiny_eos(options))}},
              {"normalizer", nullptr},
              {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
              {"post_processor",
               {{"type", "TemplateProcessing"},
                {"single",
                 {{{"SpecialToken", {{"id", "<|begin|>"}, {"type_id", 0}}}},
                  {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}}}},
              {"decoder", {{"type", "ByteLevel"}}},
              {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", merges}}}}
      .dump();
}

}  // namespace aipu::test

// SPDX-License-Identifier: Apache-2.0
// `vocab.json` of type "sentencepiece-bpe": scored pieces, raw-byte pieces <0xNN>, spaces as they
// are.
#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

#include "hw/base/error.h"
#include "sim/load/bpe.h"
#include "sim/load/byte_piece.h"
#include "sim/load/json_file.h"
#include "sim/load/tokenizer.h"
#include "sim/load/utf8.h"

namespace aipu::load {

namespace {

constexpr std::uint64_t kMostPieces = 1U << 22U;
constexpr const char* kUnknown = "<unk>";

struct Piece {
  std::string text;
  double score = 0;
};

class SentencePiece : public Tokenizer {
 public:
  SentencePiece(std::string place, std::vector<Piece> pieces, TokenId bos, TokenId eos)
      : place_(std::move(place)), pieces_(std::move(pieces)), prefix_{bos}, eos_(eos) {
    for (TokenId id = 0; id < pieces_.size(); ++id) {
      const auto byte = byte_of_piece(pieces_[id].text);
      if (byte) {
        byte_ids_.emplace(*byte, id);
      } else if (!is_control(id)) {
        ids_.emplace(pieces_[id].text, id);
      }
    }
    learn_merges();
  }

  std::vector<TokenId> encode(std::string_view text) const override;
  std::string token_bytes(TokenId id, std::optional<TokenId> previous) const override;
  TokenId size() const override { return static_cast<TokenId>(pieces_.size()); }
  const std::vector<TokenId>& prefix() const override { return prefix_; }
  std::optional<TokenId> bos() const override { return prefix_.front(); }
  std::optional<TokenId> eos() const override { return eos_; }

 private:
  bool is_control(TokenId id) const {
    return id == prefix_.front() || id == eos_ || pieces_[id].text == kUnknown;
  }
  void learn_merges();
  void append_bytes(std::string_view character, std::vector<TokenId>& symbols) const;

  std::string place_;
  std::vector<Piece> pieces_;
  std::vector<TokenId> prefix_;
  TokenId eos_;
  std::unordered_map<std::string, TokenId> ids_;
  std::unordered_map<char, TokenId> byte_ids_;
  MergeTable merges_;
};

// Every way to cut a piece into two pieces is a merge; its rank follows the score, best first.
void SentencePiece::learn_merges() {
  std::map<double, std::uint32_t, std::greater<>> rank_of;
  for (const auto& [text, id] : ids_)
    rank_of.emplace(pieces_[id].score, 0);
  std::uint32_t next = 0;
  for (auto& [score, rank] : rank_of)
    rank = next++;
  for (const auto& [text, id] : ids_) {
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      const auto left = ids_.find(text.substr(0, cut));
      if (left == ids_.end()) continue;
      const auto right = ids_.find(text.substr(cut));
      if (right == ids_.end()) continue;
      merges_.add(left->second, right->second, rank_of.at(pieces_[id].score), id);
    }
  }
}

void SentencePiece::append_bytes(std::string_view character, std::vector<TokenId>& symbols) const {
  for (const char byte : character) {
    const auto found = byte_ids_.find(byte);
    if (found == byte_ids_.end()) {
      throw ConfigError(place_,
                        fmt::format("pieces: no piece for the byte {}, which the text needs",
                                    piece_of_byte(byte)));
    }
    symbols.push_back(found->second);
  }
}

std::vector<TokenId> SentencePiece::encode(std::string_view text) const {
  std::vector<TokenId> symbols;
  std::string spaced = text.empty() ? "" : " ";  // words are learnt with the space before them
  spaced += text;
  std::string_view rest = spaced;
  while (!rest.empty()) {
    const std::string_view character = rest.substr(0, std::max<std::size_t>(1, utf8_length(rest)));
    const auto found = ids_.find(std::string(character));
    if (found != ids_.end()) {
      symbols.push_back(found->second);
    } else {
      append_bytes(character, symbols);
    }
    rest.remove_prefix(character.size());
  }
  return merges_.merge(symbols);
}

std::string SentencePiece::token_bytes(TokenId id, std::optional<TokenId> previous) const {
  if (id >= pieces_.size() || is_control(id)) return {};
  const std::string& text = pieces_[id].text;
  if (const auto byte = byte_of_piece(text)) return {*byte};
  const bool opens = !previous || *previous == prefix_.front();
  return opens && !text.empty() && text.front() == ' ' ? text.substr(1) : text;
}

std::vector<Piece> read_pieces(const JsonObject& json) {
  const nlohmann::json& list = json.at("pieces");
  if (!list.is_array() || list.empty() || list.size() > kMostPieces) {
    json.fail("pieces", fmt::format("must be a list of 1 to {} [text, score] pairs", kMostPieces));
  }
  std::vector<Piece> pieces;
  for (const nlohmann::json& item : list) {
    if (!item.is_array() || item.size() != 2 || !item[0].is_string() || !item[1].is_number()) {
      json.fail("pieces", fmt::format("entry {} must be a pair [text, score], found {}",
                                      pieces.size(), describe(item)));
    }
    pieces.push_back({item[0].get<std::string>(), item[1].get<double>()});
  }
  return pieces;
}

}  // namespace

std::unique_ptr<Tokenizer> read_vocab_json(const std::string& path) {
  const nlohmann::json parsed = parse_json(read_text(path), path);
  const JsonObject json(parsed, path);
  const std::string type = json.text("type");
  if (type != "sentencepiece-bpe") {
    json.fail("type",
              fmt::format("{} is not supported; only \"sentencepiece-bpe\" is", describe(type)));
  }
  std::vector<Piece> pieces = read_pieces(json);
  const auto bos = static_cast<TokenId>(json.integer("bos_id", 0, pieces.size() - 1));
  const auto eos = static_cast<TokenId>(json.integer("eos_id", 0, pieces.size() - 1));
  return std::make_unique<SentencePiece>(path, std::move(pieces), bos, eos);
}

}  // namespace aipu::load

// SPDX-License-Identifier: Apache-2.0
#include "sim/load/bpe_model.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "hw/base/error.h"
#include "sim/load/byte_piece.h"
#include "sim/load/utf8.h"

namespace aipu::load {

namespace {

using Pair = std::pair<std::string, std::string>;

// "left right" in older files, ["left", "right"] in newer ones.
Pair read_pair(const JsonObject& model, const nlohmann::json& item, std::size_t index) {
  if (item.is_string()) {
    const auto text = item.get<std::string>();
    const std::size_t space = text.find(' ');
    if (space != std::string::npos && text.find(' ', space + 1) == std::string::npos) {
      return {text.substr(0, space), text.substr(space + 1)};
    }
  } else if (item.is_array() && item.size() == 2 && item[0].is_string() && item[1].is_string()) {
    return {item[0].get<std::string>(), item[1].get<std::string>()};
  }
  model.fail("merges", fmt::format("entry {} must be \"left right\" or [\"left\", \"right\"], "
                                   "found {}",
                                   index, describe(item)));
}

void refuse_unsupported(const JsonObject& model) {
  const std::string type = model.text("type", "BPE");
  if (type != "BPE") {
    model.fail("type", fmt::format("{} is not supported; only \"BPE\" is", describe(type)));
  }
  if (model.number("dropout", 0.0, 1.0, 0.0) != 0.0) model.fail("dropout", "only 0 is supported");
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (!model.text(key, "").empty()) model.fail(key, "is not supported; only null is");
  }
}

}  // namespace

BpeModel::BpeModel(const JsonObject& model) : place_(model.place()) {
  refuse_unsupported(model);
  read_vocab(model);
  read_merges(model);
  fuse_unknown_ = model.boolean("fuse_unk", false);
  byte_fallback_ = model.boolean("byte_fallback", false);
  ignore_merges_ = model.boolean("ignore_merges", false);
  if (model.has("unk_token")) {
    const auto found = vocab_.find(model.text("unk_token"));
    if (found == vocab_.end()) model.fail("unk_token", "is not in vocab");
    unknown_ = found->second;
  }
}

void BpeModel::read_vocab(const JsonObject& model) {
  const JsonObject vocab = model.object("vocab");
  for (const auto& item : model.at("vocab").items()) {
    const nlohmann::json& id = item.value();
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= kMostPieces) {
      vocab.fail(item.key(),
                 fmt::format("must be an id below {}, found {}", kMostPieces, describe(id)));
    }
    vocab_.emplace(item.key(), id.get<TokenId>());
  }
  if (vocab_.empty()) model.fail("vocab", "must not be empty");
}

void BpeModel::read_merges(const JsonObject& model) {
  const nlohmann::json& list = model.at("merges");
  if (!list.is_array()) model.fail("merges", "must be a list, found " + describe(list));
  std::uint32_t rank = 0;
  for (const nlohmann::json& item : list) {
    const auto [left, right] = read_pair(model, item, rank);
    const auto id_of = [&, at = rank](const std::string& piece) {
      const auto found = vocab_.find(piece);
      if (found == vocab_.end()) {
        model.fail("merges",
                   fmt::format("entry {} needs {}, which is not in vocab", at, describe(piece)));
      }
      return found->second;
    };
    const TokenId left_id = id_of(left);
    const TokenId right_id = id_of(right);
    merges_.add(left_id, right_id, rank, id_of(left + right));
    ++rank;
  }
}

bool BpeModel::append_bytes(std::string_view character, std::vector<TokenId>& symbols) const {
  std::vector<TokenId> ids;
  for (const char byte : character) {
    const auto found = vocab_.find(piece_of_byte(byte));
    if (found == vocab_.end()) return false;
    ids.push_back(found->second);
  }
  symbols.insert(symbols.end(), ids.begin(), ids.end());
  return true;
}

std::vector<TokenId> BpeModel::encode(const std::string& word) const {
  if (ignore_merges_) {
    const auto whole = vocab_.find(word);
    if (whole != vocab_.end()) return {whole->second};
  }
  std::vector<TokenId> symbols;
  bool last_unknown = false;
  for (std::string_view rest = word; !rest.empty();) {
    const std::string_view character = rest.substr(0, std::max<std::size_t>(1, utf8_length(rest)));
    rest.remove_prefix(character.size());
    const auto found = vocab_.find(std::string(character));
    if (found != vocab_.end()) {
      symbols.push_back(found->second);
      last_unknown = false;
    } else if (byte_fallback_ && append_bytes(character, symbols)) {
      last_unknown = false;
    } else if (unknown_) {
      if (!(fuse_unknown_ && last_unknown)) symbols.push_back(*unknown_);
      last_unknown = true;
    } else {
      throw ConfigError(place_, fmt::format("model.vocab: no piece for {}, which the text needs",
                                            describe(to_valid_utf8(character))));
    }
  }
  return merges_.merge(symbols);
}

}  // namespace aipu::load

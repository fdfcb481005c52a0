// SPDX-License-Identifier: Apache-2.0
// Hugging Face `tokenizer.json` with a BPE model. The order of the steps is that of the library:
// raw added tokens, normalizer, normalised added tokens, pre-tokenizer, model.
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "hw/base/error.h"
#include "sim/load/added_tokens.h"
#include "sim/load/bpe_model.h"
#include "sim/load/json_file.h"
#include "sim/load/tokenizer.h"
#include "sim/load/tokenizer_steps.h"

namespace aipu::load {

namespace {

class HubTokenizer : public Tokenizer {
 public:
  explicit HubTokenizer(const JsonObject& json)
      : normalizer_(read_normalizer(json)),
        pre_tokenizer_(read_pre_tokenizer(json)),
        decoder_(read_decoder(json)),
        model_(json.object("model")) {
    for (const auto& [piece, id] : model_.vocab())
      set_bytes(id, piece);
    if (json.has("added_tokens")) {
      for (const JsonObject& token : json.objects("added_tokens"))
        add_token(token);
    }
    for (const std::string& name : read_opening_tokens(json)) {
      const auto id = find(name);
      if (!id) json.fail("post_processor", fmt::format("{} is not a token", describe(name)));
      prefix_.push_back(*id);
    }
    if (!prefix_.empty()) bos_ = prefix_.front();
  }

  std::vector<TokenId> encode(std::string_view text) const override;
  std::string token_bytes(TokenId id, std::optional<TokenId> previous) const override;
  TokenId size() const override { return static_cast<TokenId>(bytes_.size()); }
  const std::vector<TokenId>& prefix() const override { return prefix_; }
  std::optional<TokenId> bos() const override { return bos_; }
  std::optional<TokenId> eos() const override { return eos_; }

  /// Key facts that live in the `tokenizer_config.json` beside it.
  void apply_config(const JsonObject& config);

 private:
  std::optional<TokenId> find(const std::string& name) const;
  std::optional<TokenId> named_token(const JsonObject& config, const char* key) const;
  void set_bytes(TokenId id, const std::string& piece);
  void add_token(const JsonObject& token);
  void encode_stretches(std::vector<Stretch> stretches, std::vector<TokenId>& ids) const;

  Normalizer normalizer_;
  PreTokenizer pre_tokenizer_;
  Decoder decoder_;
  BpeModel model_;
  AddedTokens raw_;
  AddedTokens normalized_;
  std::unordered_map<std::string, TokenId> added_ids_;
  std::unordered_set<TokenId> control_;
  std::vector<std::string> bytes_;  // by id
  std::vector<TokenId> prefix_;
  std::optional<TokenId> bos_;
  std::optional<TokenId> eos_;
};

std::optional<TokenId> HubTokenizer::find(const std::string& name) const {
  const auto added = added_ids_.find(name);
  if (added != added_ids_.end()) return added->second;
  const auto known = model_.vocab().find(name);
  if (known != model_.vocab().end()) return known->second;
  return std::nullopt;
}

void HubTokenizer::set_bytes(TokenId id, const std::string& piece) {
  if (id >= bytes_.size()) bytes_.resize(id + 1);
  bytes_[id] = decoder_.bytes_of(piece);
}

void HubTokenizer::add_token(const JsonObject& token) {
  const auto id = static_cast<TokenId>(token.integer("id", 0, BpeModel::kMostPieces - 1));
  const std::string content = token.text("content");
  for (const char* flag : {"single_word", "lstrip", "rstrip"}) {
    if (token.boolean(flag, false)) token.fail(flag, "only false is supported");
  }
  const bool special = token.boolean("special", false);
  if (token.boolean("normalized", !special)) {
    normalized_.add(normalizer_(content), id);
  } else {
    raw_.add(content, id);
  }
  set_bytes(id, content);
  if (special) control_.insert(id);
  added_ids_[content] = id;
}

void HubTokenizer::encode_stretches(std::vector<Stretch> stretches,
                                    std::vector<TokenId>& ids) const {
  for (const Stretch& stretch : pre_tokenizer_(std::move(stretches))) {
    const auto more = model_.encode(stretch.text);
    ids.insert(ids.end(), more.begin(), more.end());
  }
}

std::vector<TokenId> HubTokenizer::encode(std::string_view text) const {
  std::vector<TokenId> ids;
  bool opens = true;
  const auto token = [&](TokenId id) {
    ids.push_back(id);
    opens = false;
  };
  for (const AddedTokens::Part& part : raw_.split(text)) {
    if (part.token) {
      token(*part.token);
      continue;
    }
    const std::string normal = normalizer_(std::string(part.text));
    for (const AddedTokens::Part& inner : normalized_.split(normal)) {
      if (inner.token) {
        token(*inner.token);
      } else {
        encode_stretches({{std::string(inner.text), opens}}, ids);
        opens = false;
      }
    }
  }
  return ids;
}

std::string HubTokenizer::token_bytes(TokenId id, std::optional<TokenId> previous) const {
  if (id >= bytes_.size() || control_.count(id) != 0) return {};
  const std::string& text = bytes_[id];
  const bool opens =
      !previous || std::find(prefix_.begin(), prefix_.end(), *previous) != prefix_.end();
  const bool drop = decoder_.drop_first_space && opens && !text.empty() && text.front() == ' ';
  return drop ? text.substr(1) : text;
}

std::optional<TokenId> HubTokenizer::named_token(const JsonObject& config, const char* key) const {
  if (!config.has(key)) return std::nullopt;
  const std::string name =
      config.at(key).is_object() ? config.object(key).text("content") : config.text(key);
  const auto id = find(name);
  if (!id) config.fail(key, fmt::format("{} is not a token", describe(name)));
  return id;
}

void HubTokenizer::apply_config(const JsonObject& config) {
  eos_ = named_token(config, "eos_token");
  const auto bos = named_token(config, "bos_token");
  if (!bos_) bos_ = bos;
  if (prefix_.empty() && bos && config.boolean("add_bos_token", false)) prefix_ = {*bos};
}

}  // namespace

std::unique_ptr<Tokenizer> read_tokenizer_json(const std::string& path) {
  const nlohmann::json parsed = parse_json(read_text(path), path);
  auto tokenizer = std::make_unique<HubTokenizer>(JsonObject(parsed, path));
  const auto config = std::filesystem::path(path).parent_path() / "tokenizer_config.json";
  std::error_code ignored;
  if (std::filesystem::exists(config, ignored)) {
    const nlohmann::json beside = parse_json(read_text(config.string()), config.string());
    tokenizer->apply_config(JsonObject(beside, config.string()));
  }
  return tokenizer;
}

}  // namespace aipu::load

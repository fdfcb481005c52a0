// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sim/load/byte_piece.h"
#include "sim/load/tokenizer_steps.h"

namespace aipu::load {

namespace {

constexpr const char* kSupported =
    "Sequence, Replace, ByteFallback, Fuse, Strip, ByteLevel, Metaspace";

void add_strip(const JsonObject& part, bool fused, Decoder& decoder) {
  if (part.text("content") != " ") part.fail("content", "only \" \" is supported");
  if (part.integer("stop", 0, 0xFFFF) != 0) part.fail("stop", "only 0 is supported");
  const std::uint64_t start = part.integer("start", 0, 0xFFFF);
  if (start > 1) part.fail("start", "only 0 and 1 are supported");
  if (start == 1 && !fused) part.fail("type", "\"Strip\" is supported only after \"Fuse\"");
  decoder.drop_first_space = start == 1;
}

void add_metaspace(const JsonObject& part, Decoder& decoder) {
  const std::string mark = part.text("replacement");
  if (mark.empty()) part.fail("replacement", "must not be empty");
  decoder.replacements.emplace_back(mark, " ");
  const bool legacy_prefix = part.boolean("add_prefix_space", true);
  decoder.drop_first_space =
      part.text("prepend_scheme", legacy_prefix ? "always" : "never") != "never";
}

void add_replace(const JsonObject& part, Decoder& decoder) {
  const std::string from = part.object("pattern").text("String");
  if (from.empty()) part.fail("pattern", "must not be empty");
  decoder.replacements.emplace_back(from, part.text("content"));
}

void add_step(const JsonObject& part, bool may_nest, bool& fused, Decoder& decoder) {
  const std::string type = part.text("type");
  if (type == "Replace") {
    if (decoder.byte_fallback)
      part.fail("type",
                "\"Replace\" is supported only before "
                "\"ByteFallback\"");
    add_replace(part, decoder);
  } else if (type == "ByteFallback") {
    decoder.byte_fallback = true;
  } else if (type == "Fuse") {
    fused = true;
  } else if (type == "Strip") {
    add_strip(part, fused, decoder);
  } else if (type == "ByteLevel") {
    decoder.byte_level = true;
  } else if (type == "Metaspace") {
    add_metaspace(part, decoder);
  } else if (type == "Sequence" && may_nest) {
    for (const JsonObject& step : part.objects("decoders"))
      add_step(step, false, fused, decoder);
  } else {
    refuse_type(part, kSupported);
  }
}

void add_opening_tokens(const JsonObject& part, bool may_nest, std::vector<std::string>& names) {
  const std::string type = part.text("type");
  if (type == "ByteLevel") return;  // only moves offsets, which are not kept
  if (type == "Sequence" && may_nest) {
    for (const JsonObject& step : part.objects("processors")) {
      add_opening_tokens(step, false, names);
    }
    return;
  }
  if (type != "TemplateProcessing") refuse_type(part, "Sequence, TemplateProcessing, ByteLevel");
  bool text_seen = false;
  for (const JsonObject& item : part.objects("single")) {
    if (item.has("Sequence")) {
      text_seen = true;
    } else if (text_seen) {
      part.fail("single", "tokens after the text are not supported");
    } else {
      names.push_back(item.object("SpecialToken").text("id"));
    }
  }
}

}  // namespace

std::string Decoder::bytes_of(std::string piece) const {
  for (const auto& [from, to] : replacements)
    piece = replace_all(piece, from, to);
  if (byte_fallback) {
    if (const auto byte = byte_of_piece(piece)) return {*byte};
  }
  return byte_level ? bytes_of_symbols(piece) : piece;
}

Decoder read_decoder(const JsonObject& tokenizer) {
  if (!tokenizer.has("decoder")) {
    tokenizer.fail("decoder", fmt::format("missing; supported: {}", kSupported));
  }
  Decoder decoder;
  bool fused = false;
  add_step(tokenizer.object("decoder"), true, fused, decoder);
  return decoder;
}

std::vector<std::string> read_opening_tokens(const JsonObject& tokenizer) {
  std::vector<std::string> names;
  if (tokenizer.has("post_processor")) {
    add_opening_tokens(tokenizer.object("post_processor"), true, names);
  }
  return names;
}

}  // namespace aipu::load

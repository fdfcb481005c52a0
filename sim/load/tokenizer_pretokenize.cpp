// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/load/regex.h"
#include "sim/load/tokenizer_steps.h"
#include "sim/load/utf8.h"

namespace aipu::load {

namespace {

// Words of the ByteLevel pre-tokenizer: contractions, then letters, digits or other signs with the
// space before them, then white space (which leaves its last character to the next word).
constexpr const char* kByteLevelWords =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

using Finder = std::function<std::vector<Regex::Match>(std::string_view)>;

struct SplitRule {
  Finder find;
  bool keep_matches = true;
  bool keep_gaps = true;
};

std::vector<Stretch> split(const std::vector<Stretch>& stretches, const SplitRule& rule) {
  std::vector<Stretch> out;
  for (const Stretch& stretch : stretches) {
    std::size_t at = 0;
    const auto take = [&](std::size_t end, bool keep) {
      if (keep && end > at)
        out.push_back({stretch.text.substr(at, end - at), stretch.opens && at == 0});
      at = end;
    };
    for (const Regex::Match& match : rule.find(stretch.text)) {
      take(match.begin, rule.keep_gaps);
      take(match.end, rule.keep_matches);
    }
    take(stretch.text.size(), rule.keep_gaps);
  }
  return out;
}

Finder regex_finder(const std::string& pattern, const JsonObject& part) {
  const Regex regex(pattern, part.place() + ": pre_tokenizer");
  return [regex](std::string_view text) { return regex.find_all(text); };
}

Finder string_finder(const std::string& wanted) {
  return [wanted](std::string_view text) {
    std::vector<Regex::Match> matches;
    for (std::size_t hit = text.find(wanted); hit != std::string_view::npos;
         hit = text.find(wanted, hit + wanted.size())) {
      matches.push_back({hit, hit + wanted.size()});
    }
    return matches;
  };
}

PreTokenizer split_step(const JsonObject& part) {
  SplitRule rule;
  const JsonObject pattern = part.object("pattern");
  if (pattern.has("String")) {
    if (pattern.text("String").empty()) pattern.fail("String", "must not be empty");
    rule.find = string_finder(pattern.text("String"));
  } else {
    rule.find = regex_finder(pattern.text("Regex"), part);
  }
  const std::string behavior = part.text("behavior");
  const bool invert = part.boolean("invert", false);
  if (behavior == "Removed") {  // what matches is the separator, or with `invert` the word
    (invert ? rule.keep_gaps : rule.keep_matches) = false;
  } else if (behavior != "Isolated") {
    part.fail("behavior",
              fmt::format("{} is not supported; supported: Isolated, Removed", describe(behavior)));
  }
  return [rule](const std::vector<Stretch>& in) { return split(in, rule); };
}

PreTokenizer byte_level_step(const JsonObject& part) {
  const bool add_space = part.boolean("add_prefix_space", true);
  SplitRule words;
  const bool use_words = part.boolean("use_regex", true);
  if (use_words) words.find = regex_finder(kByteLevelWords, part);
  return [add_space, use_words, words](std::vector<Stretch> stretches) {
    if (add_space) {
      for (Stretch& s : stretches) {
        if (s.text.empty() || s.text.front() != ' ') s.text.insert(0, 1, ' ');
      }
    }
    if (use_words) stretches = split(stretches, words);
    for (Stretch& s : stretches) {
      std::string symbols;
      for (const char c : s.text)
        symbols += byte_symbol(static_cast<unsigned char>(c));
      s.text = std::move(symbols);
    }
    return stretches;
  };
}

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

// Cuts before every mark, so that each word keeps the mark in front of it.
void cut_at_marks(const Stretch& stretch, const std::string& mark, std::vector<Stretch>& out) {
  std::size_t at = 0;
  while (at < stretch.text.size()) {
    const std::size_t next = std::min(stretch.text.find(mark, at + 1), stretch.text.size());
    out.push_back({stretch.text.substr(at, next - at), stretch.opens && at == 0});
    at = next;
  }
}

PreTokenizer metaspace_step(const JsonObject& part) {
  const std::string mark = part.text("replacement");
  if (mark.empty()) part.fail("replacement", "must not be empty");
  const bool legacy_prefix = part.boolean("add_prefix_space", true);
  const std::string scheme = part.text("prepend_scheme", legacy_prefix ? "always" : "never");
  if (scheme != "always" && scheme != "first" && scheme != "never") {
    part.fail("prepend_scheme", fmt::format("{} is not supported; supported: always, first, never",
                                            describe(scheme)));
  }
  const bool cut = part.boolean("split", true);
  return [mark, scheme, cut](const std::vector<Stretch>& stretches) {
    std::vector<Stretch> out;
    for (const Stretch& stretch : stretches) {
      Stretch marked{replace_all(stretch.text, " ", mark), stretch.opens};
      const bool prepend = scheme == "always" || (scheme == "first" && stretch.opens);
      if (prepend && !starts_with(marked.text, mark)) marked.text.insert(0, mark);
      if (cut) {
        cut_at_marks(marked, mark, out);
      } else {
        out.push_back(std::move(marked));
      }
    }
    return out;
  };
}

PreTokenizer read_step(const JsonObject& part, bool may_nest) {
  const std::string type = part.text("type");
  if (type == "Split") return split_step(part);
  if (type == "ByteLevel") return byte_level_step(part);
  if (type == "Metaspace") return metaspace_step(part);
  if (type != "Sequence" || !may_nest) refuse_type(part, "Sequence, Split, ByteLevel, Metaspace");
  std::vector<PreTokenizer> steps;
  for (const JsonObject& step : part.objects("pretokenizers")) {
    steps.push_back(read_step(step, false));
  }
  return [steps](std::vector<Stretch> stretches) {
    for (const PreTokenizer& step : steps)
      stretches = step(std::move(stretches));
    return stretches;
  };
}

}  // namespace

PreTokenizer read_pre_tokenizer(const JsonObject& tokenizer) {
  if (!tokenizer.has("pre_tokenizer")) return [](std::vector<Stretch> in) { return in; };
  return read_step(tokenizer.object("pre_tokenizer"), true);
}

}  // namespace aipu::load

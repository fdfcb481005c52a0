// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/arguments.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <fmt/format.h>
#include <ostream>

#include "hw/base/nearest.h"
#include "hw/base/schema_value.h"
#include "hw/base/units.h"

namespace aipu::cli {
namespace {

namespace po = boost::program_options;

constexpr const char* kPositional = "positional";

po::options_description describe(const Usage& usage) {
  po::options_description all;
  all.add_options()("help,h", "");
  for (const Option& option : usage.options) {
    if (option.kind == Option::Kind::kFlag) {
      all.add_options()(option.name, "");
    } else if (option.kind == Option::Kind::kRepeated) {
      all.add_options()(option.name, po::value<std::vector<std::string>>());
    } else {
      all.add_options()(option.name, po::value<std::string>());
    }
  }
  return all;
}

std::vector<std::string> option_names(const Usage& usage) {
  std::vector<std::string> names{"--help"};
  for (const Option& option : usage.options)
    names.push_back("--" + long_name(option));
  return names;
}

/// Boost's errors in our words.
[[noreturn]] void explain(const Usage& usage, const po::error& error) {
  if (const auto* unknown = dynamic_cast<const po::unknown_option*>(&error)) {
    const std::string name = unknown->get_option_name();
    const std::string close = nearest(name, option_names(usage));
    throw UsageError(usage.verb,
                     fmt::format("unknown option '{}'{}", name,
                                 close.empty() ? "" : "; did you mean '" + close + "'?"));
  }
  std::string text = error.what();
  if (const auto* syntax = dynamic_cast<const po::invalid_command_line_syntax*>(&error)) {
    if (syntax->kind() == po::invalid_syntax::missing_parameter ||
        syntax->kind() == po::invalid_syntax::empty_adjacent_parameter) {
      text = fmt::format("option '{}' needs a value", syntax->get_option_name());
    }
  } else if (const auto* again = dynamic_cast<const po::multiple_occurrences*>(&error)) {
    text = fmt::format("option '{}' is given twice", again->get_option_name());
  }
  throw UsageError(usage.verb, text);
}

/// The message with a way to the right help, on one line.
std::string with_hint(const std::string& verb, const std::string& message) {
  const bool sentence = !message.empty() && message.back() == '?';
  const std::string help = verb.empty() ? "--help" : verb + " --help";
  return fmt::format("{}{}{} Try 'hc1000 {}'", verb.empty() ? "" : verb + ": ", message,
                     sentence ? "" : ".", help);
}

/// As a shell would need it.
std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string("-_=./,:+%@").find(c) != std::string::npos;
  });
  if (plain) return word;
  std::string text = "'";
  for (char c : word)
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

/// Options that say where results go, not what they are.
bool about_output(const std::string& name) {
  return name == "output" || name == "force" || name == "json" || name == "console";
}

/// Without options that say where results go, not what they are.
std::vector<Arguments::Word> words_of(const std::vector<po::option>& options) {
  std::vector<Arguments::Word> words;
  for (const po::option& option : options) {
    if (about_output(option.string_key)) continue;
    const bool loose = option.position_key >= 0;
    words.push_back({loose ? "" : option.string_key, option.value});
  }
  return words;
}

}  // namespace

UsageError::UsageError(const std::string& verb, const std::string& message)
    : UserError(ExitCode::kUsage, with_hint(verb, message)) {}

std::string long_name(const Option& option) {
  const std::string name = option.name;
  return name.substr(0, name.find(','));
}

std::vector<std::string> Arguments::options() const {
  std::vector<std::string> names;
  for (const auto& [name, values] : values_)
    names.push_back(name);
  return names;
}

std::string Arguments::text(const std::string& name) const {
  const auto given = values_.find(name);
  if (given != values_.end()) return given->second.empty() ? "" : given->second.front();
  const auto fallback = fallbacks_.find(name);
  return fallback == fallbacks_.end() ? "" : fallback->second;
}

const std::vector<std::string>& Arguments::all(const std::string& name) const {
  static const std::vector<std::string> none;
  const auto given = values_.find(name);
  return given == values_.end() ? none : given->second;
}

std::uint64_t Arguments::count(const std::string& name, std::uint64_t low,
                               std::uint64_t high) const {
  require(name);
  const std::string value = text(name);
  std::uint64_t number = 0;
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || stop != end || number < low || number > high) {
    throw UsageError(verb_, fmt::format("--{} {}: not a whole number of {}..{}", name,
                                        quoted(value), low, high));
  }
  return number;
}

std::uint64_t Arguments::size(const std::string& name, std::uint64_t low,
                              std::uint64_t high) const {
  require(name);
  const std::string value = text(name);
  const bool digits = value.find_first_not_of("0123456789") == std::string::npos;
  std::uint64_t bytes = 0;
  try {
    const Value parsed =
        parse_value(value_type<Bytes>(), digits ? value + " B" : value, {"", "--" + name});
    bytes = std::get<std::uint64_t>(parsed);
  } catch (const ConfigError& error) {
    throw UsageError(verb_, error.what());
  }
  if (bytes < low || bytes > high) {
    throw UsageError(verb_, fmt::format("--{} {}: not a size of {} B..{}", name, quoted(value), low,
                                        to_text(Bytes(high))));
  }
  return bytes;
}

std::string Arguments::word(const std::string& name, const std::vector<std::string>& valid) const {
  require(name);
  std::string value = text(name);
  if (std::find(valid.begin(), valid.end(), value) != valid.end()) return value;
  const std::string close = nearest(value, valid);
  throw UsageError(verb_, fmt::format("--{} {}: {}valid: {}", name, quoted(value),
                                      close.empty() ? "" : "did you mean '" + close + "'? ",
                                      fmt::join(valid, ", ")));
}

void Arguments::refuse(const std::string& name, const std::string& why) const {
  throw UsageError(verb_, fmt::format("--{} '{}': {}", name, text(name), why));
}

std::string Arguments::command() const {
  std::string text = "hc1000 " + verb_;
  for (const Word& word : words_) {
    if (!word.option.empty()) text += " --" + word.option;
    for (const std::string& value : word.values)
      text += " " + quoted(value);
  }
  return text;
}

Arguments Arguments::with(const std::string& option, const std::string& value) const {
  Arguments changed = *this;
  const std::vector<std::string> values =
      value.empty() ? std::vector<std::string>{} : std::vector<std::string>{value};
  for (Word& word : changed.words_) {
    if (word.option != option || option == "set") continue;
    word.values = values;
    return changed;
  }
  changed.words_.push_back({option, values});
  return changed;
}

void Arguments::require(const std::string& name) const {
  if (given(name) || !text(name).empty()) return;
  throw UsageError(verb_, fmt::format("option '--{}' is missing", name));
}

Arguments parse(const Usage& usage, const std::vector<std::string>& words) {
  Arguments result;
  result.verb_ = usage.verb;
  for (const Option& option : usage.options)
    result.fallbacks_[long_name(option)] = option.fallback;
  const bool takes_one = *usage.positional != '\0';
  const po::options_description options = describe(usage);
  po::positional_options_description positional;
  positional.add(kPositional, -1);
  po::options_description all;
  all.add(options).add_options()(kPositional, po::value<std::vector<std::string>>());
  try {
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    const auto parsed =
        po::command_line_parser(words).options(all).positional(positional).style(style).run();
    po::variables_map checked;
    po::store(parsed, checked);  // finds what is given twice
    for (const po::option& option : parsed.options) {
      auto& values = result.values_[option.string_key];
      values.insert(values.end(), option.value.begin(), option.value.end());
    }
    result.words_ = words_of(parsed.options);
  } catch (const po::error& error) {
    explain(usage, error);
  }
  const auto& loose = result.all(kPositional);
  if (loose.size() > (takes_one ? 1U : 0U)) {
    throw UsageError(usage.verb,
                     fmt::format("'{}' is one argument too many", loose[takes_one ? 1 : 0]));
  }
  if (loose.empty() && usage.positional_required && !result.given("help")) {
    throw UsageError(usage.verb, fmt::format("{} is missing", usage.positional));
  }
  return result;
}

void print_help(std::ostream& out, const Usage& usage) {
  const std::string positional = usage.positional;
  out << fmt::format("Usage: hc1000 {}{} [options]\n\n{}\n\nOptions:\n", usage.verb,
                     positional.empty()          ? ""
                     : usage.positional_required ? " " + positional
                                                 : " [" + positional + "]",
                     usage.summary);
  const auto line = [&](const std::string& left, const std::string& help) {
    out << fmt::format("  {:<28} {}\n", left, help);
  };
  for (const Option& option : usage.options) {
    const std::string name = option.name;
    const auto comma = name.find(',');
    std::string left =
        comma == std::string::npos ? "    " : fmt::format("-{}, ", name.substr(comma + 1));
    left += fmt::format("--{} {}", long_name(option), option.placeholder);
    std::string help = option.help;
    if (*option.fallback != '\0') help += fmt::format(" (default {})", option.fallback);
    line(left, help);
  }
  line("-h, --help", "this text");
  if (!usage.examples.empty()) out << "\nExamples:\n";
  for (const char* example : usage.examples)
    out << "  " << example << "\n";
}

}  // namespace aipu::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "hw/base/error.h"

namespace aipu::cli {

/// One option of a verb.
struct Option {
  enum class Kind { kValue, kRepeated, kFlag };
  const char* name;         ///< "aipus", or "output,o" with a short form
  const char* placeholder;  ///< of its value in the help, empty for a flag
  const char* help;
  const char* fallback = "";  ///< the value where it is not given
  Kind kind = Kind::kValue;
};

/// Everything that parsing and help of one verb need.
struct Usage {
  const char* verb;
  const char* summary;     ///< one line
  const char* positional;  ///< name of the one positional argument, empty for none
  bool positional_required;
  std::vector<Option> options;
  std::vector<const char*> examples;
};

/// A mistake on the command line: the message gets a hint at the verb's help, exit code 2.
class UsageError : public UserError {
 public:
  UsageError(const std::string& verb, const std::string& message);
};

/// The parsed arguments of a verb.
class Arguments {
 public:
  const std::string& verb() const { return verb_; }
  /// Whether the user wrote it.
  bool given(const std::string& name) const { return values_.count(name) != 0; }
  /// The names of all that the user wrote.
  std::vector<std::string> options() const;
  /// Its value or default; "positional" is the positional argument.
  std::string text(const std::string& name) const;
  const std::vector<std::string>& all(const std::string& name) const;
  bool flag(const std::string& name) const { return given(name); }
  /// A whole number of low..high.
  std::uint64_t count(const std::string& name, std::uint64_t low, std::uint64_t high) const;
  /// The same in bytes: "65536", "64 KiB" or "64KiB".
  std::uint64_t size(const std::string& name, std::uint64_t low, std::uint64_t high) const;
  /// One of the given words.
  std::string word(const std::string& name, const std::vector<std::string>& valid) const;
  /// Refuses the value of an option, and says why.
  [[noreturn]] void refuse(const std::string& name, const std::string& why) const;
  /// Refuses a command line without it.
  void require(const std::string& name) const;
  /// The command as it may be repeated, without where its results go.
  std::string command() const;
  /// The same with one option changed or added (`set` is always added); only for command().
  Arguments with(const std::string& option, const std::string& value) const;

  /// A part of the command line; without an option it is the positional argument.
  struct Word {
    std::string option;
    std::vector<std::string> values;
  };

 private:
  friend Arguments parse(const Usage& usage, const std::vector<std::string>& words);
  std::string verb_;
  std::vector<Word> words_;
  std::map<std::string, std::vector<std::string>> values_;
  std::map<std::string, std::string> fallbacks_;
};

/// Parses the words after the verb. `--help` is an option of every verb.
Arguments parse(const Usage& usage, const std::vector<std::string>& words);

void print_help(std::ostream& out, const Usage& usage);

/// The name of an option without its short form.
std::string long_name(const Option& option);

}  // namespace aipu::cli

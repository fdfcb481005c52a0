// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/command_log.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <string_view>

#include "hw/base/error.h"

namespace aipu::memory {
namespace {

using hbm::LoggedCommand;
using hbm::Tick;

constexpr std::string_view kHeader = "cycle,cmd,bankgroup,bank,row,col";
constexpr std::string_view kStackHeader = "cycle,cmd,stackid,bankgroup,bank,row,col";
constexpr Tick kLastCycle = Tick{1} << 53;

/// One line of a log, taken apart field by field.
class Line {
 public:
  Line(const std::string& path, std::size_t number, std::string_view text)
      : path_(path), number_(number), rest_(text) {}

  [[noreturn]] void fail(const std::string& message) const {
    throw ConfigError(fmt::format("{}:{}", path_, number_), message);
  }

  std::string_view field(const char* name) {
    if (over_) fail(fmt::format("no field '{}'; a line has as many as the first", name));
    const std::size_t comma = rest_.find(',');
    const std::string_view text = rest_.substr(0, comma);
    over_ = comma == std::string_view::npos;
    rest_.remove_prefix(over_ ? rest_.size() : comma + 1);
    return text;
  }
  void end() const {
    if (!over_) fail(fmt::format("'{}' is a field too many", rest_));
  }

  Tick time(Tick ticks_per_ck) {
    const std::string_view text = field("cycle");
    Tick cycles = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), cycles);
    const std::string_view fraction = text.substr(static_cast<std::size_t>(at - text.data()));
    const bool half = fraction == ".5" && ticks_per_ck == 2;
    if (error != std::errc() || cycles < 0 || cycles > kLastCycle || !(fraction.empty() || half)) {
      fail(fmt::format("'{}' is no cycle; valid: a number of CK{}", text,
                       ticks_per_ck == 2 ? " in steps of 0.5" : ""));
    }
    return cycles * ticks_per_ck + (half ? 1 : 0);
  }

  hbm::Command command() {
    const std::string_view text = field("cmd");
    const auto* const names = std::begin(hbm::kCommandNames);
    const auto* const found = std::find(names, std::end(hbm::kCommandNames), text);
    if (found == std::end(hbm::kCommandNames)) {
      fail(fmt::format("'{}' is no command; valid: {}", text, fmt::join(hbm::kCommandNames, ", ")));
    }
    return static_cast<hbm::Command>(found - names);
  }

  std::uint32_t number(const char* name) {
    const std::string_view text = field(name);
    if (text.empty()) return LoggedCommand::kNoField;
    std::uint32_t value = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || at != text.data() + text.size() ||
        value == LoggedCommand::kNoField) {
      fail(fmt::format("'{}' is no {}; valid: a whole number or nothing", text, name));
    }
    return value;
  }

 private:
  const std::string& path_;
  std::size_t number_;
  std::string_view rest_;
  bool over_ = false;
};

std::string next_line(std::istream& in) {
  std::string text;
  std::getline(in, text);
  if (!text.empty() && text.back() == '\r') text.pop_back();
  return text;
}

std::string field_text(std::uint32_t value) {
  return value == LoggedCommand::kNoField ? "" : fmt::format("{}", value);
}

}  // namespace

std::vector<LoggedCommand> read_command_log(const std::string& path, Tick ticks_per_ck) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw IoError(path, "is a directory, a file is expected");
  }
  std::ifstream in(path);
  if (!in) throw IoError(path, fmt::format("cannot be read: {}", std::strerror(errno)));
  const std::string header = next_line(in);
  const bool stacks = header == kStackHeader;
  if (!stacks && header != kHeader) {
    Line(path, 1, header)
        .fail(fmt::format("not a command log; the first line of one is '{}' or '{}'", kHeader,
                          kStackHeader));
  }
  std::vector<LoggedCommand> log;
  for (std::size_t number = 2; in.peek() != std::ifstream::traits_type::eof(); ++number) {
    const std::string text = next_line(in);
    if (text.empty()) continue;
    Line line(path, number, text);
    LoggedCommand command;
    command.at = line.time(ticks_per_ck);
    command.command = line.command();
    if (stacks) command.stack_id = line.number("stackid");
    command.bank_group = line.number("bankgroup");
    command.bank = line.number("bank");
    command.row = line.number("row");
    command.column = line.number("col");
    line.end();
    log.push_back(command);
  }
  if (in.bad()) throw IoError(path, "cannot be read to its end");
  return log;
}

CommandLogWriter::CommandLogWriter(const std::string& path, Tick ticks_per_ck,
                                   std::uint32_t stack_ids)
    : path_(path),
      ticks_per_ck_(ticks_per_ck),
      stacks_(stack_ids > 1),
      file_(std::fopen(path.c_str(), "wb")) {
  if (file_ == nullptr) {
    throw IoError(path_, fmt::format("cannot be written: {}", std::strerror(errno)));
  }
  put(fmt::format("{}\n", stacks_ ? kStackHeader : kHeader));
}

void CommandLogWriter::write(const LoggedCommand& c) {
  const bool half = c.at % ticks_per_ck_ != 0;
  std::string line = fmt::format("{}{},{},", c.at / ticks_per_ck_, half ? ".5" : "",
                                 hbm::kCommandNames[c.command]);
  if (stacks_) line += field_text(c.stack_id) + ',';
  line += field_text(c.bank_group) + ',' + field_text(c.bank) + ',' + field_text(c.row) + ',' +
          field_text(c.column) + '\n';
  put(line);
}

void CommandLogWriter::put(const std::string& line) {
  if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size()) {
    throw IoError(path_, fmt::format("cannot be written: {}", std::strerror(errno)));
  }
}

void CommandLogWriter::close() {
  if (std::fclose(file_.release()) != 0) {
    throw IoError(path_, fmt::format("cannot be written: {}", std::strerror(errno)));
  }
}

}  // namespace aipu::memory

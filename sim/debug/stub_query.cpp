// SPDX-License-Identifier: Apache-2.0
// What a debugger asks about the machine as a whole.
#include <algorithm>
#include <fmt/format.h>
#include <sstream>

#include "sim/debug/hex.h"
#include "sim/debug/packet.h"
#include "sim/debug/registers.h"
#include "sim/debug/stub.h"

namespace aipu::debug {
namespace {

constexpr const char* kMalformed = "E01";

/// The part "offset,length" of a document, marked as the last or not.
Answer part_of(const std::string& document, std::string_view rest) {
  const auto offset = take_number(rest);
  if (!offset || !take(rest, ",")) return kMalformed;
  const auto length = take_number(rest);
  if (!length || !rest.empty() || *offset > document.size()) return kMalformed;
  // Escaping may double a byte.
  const std::uint64_t most = std::min<std::uint64_t>(*length, kPacketBytes / 2 - 1);
  const std::string part = document.substr(*offset, most);
  return (*offset + part.size() < document.size() ? "m" : "l") + part;
}

std::string xml_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
        break;
    }
  }
  return out;
}

}  // namespace

Answer Stub::supported(std::string_view) {
  return fmt::format(
      "PacketSize={:x};QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;vContSupported+",
      kPacketBytes);
}

Answer Stub::no_acks(std::string_view) {
  acknowledges_ = false;
  return "OK";
}

Answer Stub::features(std::string_view rest) {
  return part_of(target_xml(target_.xlen()), rest);
}

std::string Stub::threads_xml() const {
  std::string xml = "<?xml version=\"1.0\"?>\n<threads>\n";
  for (std::size_t i = 0; i < target_.harts(); ++i) {
    xml += fmt::format("<thread id=\"{:x}\" name=\"{}\">{}</thread>\n", i + 1,
                       xml_text(target_.name(i)), xml_text(target_.activity(i)));
  }
  return xml + "</threads>\n";
}

Answer Stub::threads(std::string_view rest) {
  if (rest.substr(0, 2) == "0,") threads_xml_ = threads_xml();  // all its parts are of one moment
  return part_of(threads_xml_, rest);
}

Answer Stub::first_threads(std::string_view) {
  std::string text = "m";
  for (std::size_t i = 0; i < target_.harts(); ++i)
    text += fmt::format("{}{:x}", i == 0 ? "" : ",", i + 1);
  return text;
}

Answer Stub::last_threads(std::string_view) {
  return "l";
}

Answer Stub::thread_text(std::string_view rest) {
  bool all = false;
  const auto hart = take_thread(rest, all);
  if (!hart || all || !rest.empty()) return kMalformed;
  return to_hex(target_.name(*hart) + ": " + target_.activity(*hart));
}

Answer Stub::current_thread(std::string_view rest) {
  if (!rest.empty()) return "";  // another query that begins alike
  return fmt::format("QC{:x}", selected_ + 1);
}

Answer Stub::attached(std::string_view) {
  return "1";  // so that a debugger that quits detaches
}

Answer Stub::symbols(std::string_view) {
  return "OK";  // none wanted
}

Answer Stub::command(std::string_view rest) {
  const auto line = from_hex(rest);
  if (!line) return kMalformed;
  std::istringstream stream(*line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;)
    words.push_back(word);
  if (words.empty()) words = {"help"};
  const auto text = target_.monitor(selected_, words);
  std::string_view left = text ? *text : std::string_view();
  const std::string unknown =
      fmt::format("unknown monitor command '{}'; 'monitor help' lists them\n", words.front());
  if (!text) left = unknown;
  Answer answer;
  constexpr std::size_t kChunk = kPacketBytes / 2 - 1;
  for (; !left.empty(); left.remove_prefix(std::min(kChunk, left.size())))
    answer.replies.push_back("O" + to_hex(left.substr(0, kChunk)));
  answer.replies.emplace_back("OK");
  return answer;
}

}  // namespace aipu::debug

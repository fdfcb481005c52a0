// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/memory_transfer.h"

#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

#include "hw/base/assert.h"
#include "hw/base/schema_value.h"
#include "hw/base/units.h"

namespace aipu::cli {
namespace {

/// A decimal or 0x number; nothing else.
std::optional<std::uint64_t> number(std::string_view text) {
  const bool hex = text.rfind("0x", 0) == 0;
  if (hex) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [stop, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
  const bool whole = error == std::errc() && stop == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

/// The number behind a word, as in "core5".
std::optional<std::uint64_t> numbered(std::string_view word, std::string_view text) {
  if (text.rfind(word, 0) != 0) return std::nullopt;
  return number(text.substr(word.size()));
}

std::optional<std::uint64_t> size_of(const std::string& text) {
  if (const auto plain = number(text)) return plain;
  try {
    return std::get<std::uint64_t>(parse_value(value_type<Bytes>(), text, {}));
  } catch (const ConfigError&) {
    return std::nullopt;
  }
}

std::vector<std::uint8_t> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IoError(path, std::strerror(errno));
  std::vector<std::uint8_t> bytes((std::istreambuf_iterator<char>(file)),
                                  std::istreambuf_iterator<char>());
  if (file.bad()) throw IoError(path, "cannot be read");
  return bytes;
}

/// Bytes of the memory behind an address: all, or those that timing-only mode keeps.
std::uint64_t memory_size(const config::Board& board, Gaddr at, bool kept) {
  switch (at.space()) {
    case Gaddr::Space::kHbm:
      return kept ? board.simulation.real_hbm.count : board.aipu.hbm.capacity.count;
    case Gaddr::Space::kShared:
      return kept ? 0 : board.aipu.sram.shared_size.count;
    case Gaddr::Space::kCore:
      return kept ? board.simulation.real_sram.count : board.aipu.sram.core_size.count;
  }
  AIPU_ASSERT(false, "address space {}", at.space_code());
}

}  // namespace

std::vector<Option> MemoryTransfers::options() {
  using Kind = Option::Kind;
  return {
      {"load", "FILE@PLACE",
       "fills memory before the run; PLACE is hbm:OFFSET, shared:OFFSET or coreM:OFFSET, with "
       "aipuN. before it for one AIPU; may be repeated",
       "", Kind::kRepeated},
      {"dump", "PLACE:BYTES=FILE", "writes memory to a file after the run; may be repeated", "",
       Kind::kRepeated},
  };
}

MemoryTransfers::MemoryTransfers(const Arguments& arguments, const config::Board& board)
    : verb_(arguments.verb()), board_(board) {
  for (const std::string& text : arguments.all("load"))
    loads_.push_back(parse_load(text));
  for (const std::string& text : arguments.all("dump"))
    dumps_.push_back(parse_dump(text));
}

void MemoryTransfers::refuse(const std::string& option, const std::string& why) const {
  throw UsageError(verb_, fmt::format("--{}", option) + ": " + why);
}

MemoryTransfers::Place MemoryTransfers::parse_place(const std::string& option,
                                                    const std::string& text) const {
  const auto bad = [&] {
    refuse(option, fmt::format("'{}' is no place; valid: hbm:OFFSET, shared:OFFSET, coreM:OFFSET, "
                               "each with aipuN. before it or not",
                               text));
  };
  std::string_view rest = text;
  Place place;
  if (const auto dot = rest.find('.'); dot != std::string_view::npos) {
    const auto aipu = numbered("aipu", rest.substr(0, dot));
    if (!aipu) bad();
    if (*aipu >= board_.aipus)
      refuse(option, fmt::format("'{}': there are AIPUs 0..{}", text, board_.aipus - 1));
    place.aipu = static_cast<std::uint32_t>(*aipu);
    rest.remove_prefix(dot + 1);
  }
  const auto colon = rest.find(':');
  if (colon == std::string_view::npos) bad();
  const std::string_view memory = rest.substr(0, colon);
  const auto offset = number(rest.substr(colon + 1));
  if (!offset) bad();
  if (memory == "hbm") {
    place.at = Gaddr::hbm(*offset);
  } else if (memory == "shared") {
    place.at = Gaddr::shared(*offset);
  } else if (const auto core = numbered("core", memory)) {
    if (*core >= board_.aipu.cores)
      refuse(option, fmt::format("'{}': there are cores 0..{}", text, board_.aipu.cores - 1));
    place.at = Gaddr::core(static_cast<std::uint32_t>(*core), *offset);
  } else {
    bad();
  }
  if (place.at.offset() != *offset) refuse(option, fmt::format("'{}': no such offset", text));
  return place;
}

void MemoryTransfers::check(const std::string& option, const Place& place, std::uint64_t bytes,
                            bool phantom) const {
  const bool timing = board_.simulation.data == config::DataMode::kTiming;
  const std::uint64_t size = memory_size(board_, place.at, phantom && timing);
  const std::uint64_t offset = place.at.offset();
  if (offset <= size && bytes <= size - offset) return;
  refuse(option,
         fmt::format("{} bytes at {:#x} do not lie in the {} that this memory {}", bytes, offset,
                     to_text(Bytes(size)), phantom && timing ? "keeps with --timing" : "has"));
}

MemoryTransfers::Load MemoryTransfers::parse_load(const std::string& text) const {
  const auto at = text.rfind('@');
  if (at == std::string::npos || at == 0)
    refuse("load", fmt::format("'{}' is not FILE@PLACE, as in weights.bin@hbm:0x10000000", text));
  Load load{parse_place("load", text.substr(at + 1)), read_file(text.substr(0, at))};
  check("load", load.place, load.bytes.size(), false);
  return load;
}

MemoryTransfers::Dump MemoryTransfers::parse_dump(const std::string& text) const {
  const auto equals = text.find('=');
  const auto colon = text.rfind(':', equals);
  const auto bytes = equals == std::string::npos || colon == std::string::npos
                         ? std::nullopt
                         : size_of(text.substr(colon + 1, equals - colon - 1));
  if (!bytes || *bytes == 0 || equals + 1 == text.size()) {
    refuse("dump",
           fmt::format("'{}' is not PLACE:BYTES=FILE, as in hbm:0x10000000:4096=out.bin", text));
  }
  Dump dump{parse_place("dump", text.substr(0, colon)), *bytes, text.substr(equals + 1)};
  check("dump", dump.place, dump.bytes, true);
  return dump;
}

void MemoryTransfers::load(const board::Board& board) const {
  for (const Load& load : loads_) {
    for (std::uint32_t aipu = 0; aipu < board.aipus.size(); ++aipu) {
      if (load.place.aipu && *load.place.aipu != aipu) continue;
      const bool ok =
          board.aipus[aipu]->loader.write(load.place.at, load.bytes.data(), load.bytes.size());
      AIPU_ASSERT(ok, "{} checked bytes do not fit", load.bytes.size());
    }
  }
}

void MemoryTransfers::dump(const board::Board& board) const {
  for (const Dump& dump : dumps_) {
    std::vector<std::uint8_t> bytes(dump.bytes);
    const bool ok = board.aipus[dump.place.aipu.value_or(0)]->loader.read(
        dump.place.at, bytes.data(), bytes.size());
    AIPU_ASSERT(ok, "{} checked bytes are not there", bytes.size());
    std::ofstream file(dump.file, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) throw IoError(dump.file, "cannot be written");
  }
}

}  // namespace aipu::cli

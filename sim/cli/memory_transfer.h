// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hw/base/gaddr.h"
#include "hw/config/board.h"
#include "sim/cli/arguments.h"
#include "tlm/board/board.h"

namespace aipu::cli {

/// Files that fill memory before a run and that take its contents afterwards.
///
///   --load FILE@PLACE           --dump PLACE:BYTES=FILE
///
/// PLACE is `[aipuN.]hbm:OFFSET`, `[aipuN.]shared:OFFSET` or `[aipuN.]coreM:OFFSET`, OFFSET a
/// decimal or 0x number of bytes from the start of that memory, BYTES the same or a size with a
/// unit. Without `aipuN.` a load goes to every AIPU and a dump comes from AIPU 0.
class MemoryTransfers {
 public:
  /// Reads the files to load and checks every range. Throws UsageError for one that is not written
  /// so or lies outside its memory, IoError for a file that cannot be read.
  MemoryTransfers(const Arguments& arguments, const config::Board& board);

  static std::vector<Option> options();

  void load(const board::Board& board) const;
  /// Throws IoError where a file cannot be written.
  void dump(const board::Board& board) const;

 private:
  struct Place {
    std::optional<std::uint32_t> aipu;
    Gaddr at;
  };
  struct Load {
    Place place;
    std::vector<std::uint8_t> bytes;
  };
  struct Dump {
    Place place;
    std::uint64_t bytes = 0;
    std::string file;
  };

  Load parse_load(const std::string& text) const;
  Dump parse_dump(const std::string& text) const;
  Place parse_place(const std::string& option, const std::string& text) const;
  /// A range that the memory does not hold; `phantom`: nor one without bytes (--timing).
  void check(const std::string& option, const Place& place, std::uint64_t bytes,
             bool phantom) const;
  [[noreturn]] void refuse(const std::string& option, const std::string& why) const;

  const std::string verb_;
  const config::Board& board_;
  std::vector<Load> loads_;
  std::vector<Dump> dumps_;
};

}  // namespace aipu::cli

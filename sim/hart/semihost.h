// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/hart/semihost_folder.h"
#include "tlm/cpu/bus.h"

namespace aipu {

/// Serves the semihosting calls of one hart: slli x0,x0,31; ebreak; srai x0,x0,7 with the number of
/// the call in a0 and its block of parameters in a1, as picolibc's semihost library makes them.
///
/// Time: the three instructions, nothing for the host's work. Clocks tell simulated time, so a run
/// repeats. Limits: no standard input (reads find its end), no system(), no temporary names.
class Semihost : public cpu::EbreakHandler {
 public:
  /// What a call needs of its hart. Addresses are the hart's.
  struct Guest {
    unsigned word_bytes = 4;  ///< 4 or 8: of a parameter
    std::function<bool(std::uint64_t address, std::uint8_t* data, std::uint64_t bytes)> read;
    std::function<bool(std::uint64_t address, const std::uint8_t* data, std::uint64_t bytes)> write;
    std::function<void(const std::string& text)> print;
    std::function<void(std::uint32_t code)> exit;  ///< ends the hart after this call
    std::function<std::uint64_t()> cycles;         ///< of the hart's clock since time zero
    std::uint64_t frequency = 1;                   ///< of that clock, Hz
    std::string command_line;
  };

  /// Without a folder it serves nothing: every ebreak traps, and the first that was a call is
  /// printed as such.
  Semihost(std::shared_ptr<const SemihostFolder> folder, Guest guest);
  ~Semihost() override;

  std::optional<std::uint64_t> ebreak(std::uint64_t pc, std::uint64_t a0,
                                      std::uint64_t a1) override;
  /// Whether the ebreak at `pc` is a semihosting call.
  bool is_call(std::uint64_t pc) const;

 private:
  struct File;
  using Call = std::uint64_t (Semihost::*)(std::uint64_t);
  static const std::map<std::uint64_t, Call>& calls();

  std::uint64_t open(std::uint64_t block);
  std::uint64_t close(std::uint64_t block);
  std::uint64_t write_char(std::uint64_t address);
  std::uint64_t write_text(std::uint64_t address);
  std::uint64_t write(std::uint64_t block);
  std::uint64_t read(std::uint64_t block);
  std::uint64_t read_char(std::uint64_t block);
  std::uint64_t is_error(std::uint64_t block);
  std::uint64_t is_tty(std::uint64_t block);
  std::uint64_t seek(std::uint64_t block);
  std::uint64_t length(std::uint64_t block);
  std::uint64_t remove(std::uint64_t block);
  std::uint64_t rename(std::uint64_t block);
  std::uint64_t clock(std::uint64_t block);
  std::uint64_t time(std::uint64_t block);
  std::uint64_t last_error(std::uint64_t block);
  std::uint64_t command_line(std::uint64_t block);
  std::uint64_t heap(std::uint64_t block);
  std::uint64_t exit(std::uint64_t block);
  std::uint64_t exit_extended(std::uint64_t block);
  std::uint64_t elapsed(std::uint64_t address);
  std::uint64_t frequency(std::uint64_t block);
  std::uint64_t refused(std::uint64_t block);

  std::uint64_t failed(int error);
  std::uint64_t signed_word(std::int64_t value) const;
  std::optional<std::uint64_t> word(std::uint64_t block, unsigned index) const;
  std::optional<std::string> text(std::uint64_t address, std::uint64_t bytes) const;
  File* file(std::uint64_t block);

  const std::shared_ptr<const SemihostFolder> folder_;
  const Guest guest_;
  std::map<std::uint64_t, std::unique_ptr<File>> files_;
  std::uint64_t next_handle_ = 3;  ///< 0, 1 and 2 mean the console to many a C library
  int errno_ = 0;
  bool told_ = false;  ///< that nobody serves its calls
};

}  // namespace aipu

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "sim/memory/source.h"

namespace aipu::memory {

/// Requests of a text file, one a line: `<arrival in CK> <R|W> <byte address in hexadecimal>`.
/// Blank lines count for nothing, nor does what follows a `#`. An address means the atom that
/// contains it.
///
/// Read as it is consumed, a buffer of fixed size at a time. Throws IoError for a file that cannot
/// be read, and ConfigError (`file:line: what is wrong`) where a line is reached that is no
/// request, goes back in time or beyond the capacity, or when the file ends without one.
class TraceSource : public Source {
 public:
  TraceSource(const std::string& path, Bytes capacity);
  void next(std::vector<Request>& batch, std::size_t most) override;

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  bool at_line();
  bool refill();
  bool parse_line(Request& request);
  [[noreturn]] void fail(const std::string& message) const;
  [[noreturn]] void fail_word(const char* at, const std::string& message) const;

  const std::string path_;
  const std::uint64_t capacity_;
  std::unique_ptr<std::FILE, Closer> file_;
  std::vector<char> buffer_;
  const char* at_ = nullptr;   // the next line...
  const char* end_ = nullptr;  // ...and what has been read; a line break always stands there
  bool last_ = false;          // the file ends at `end_`
  std::uint64_t line_ = 0;
  std::int64_t latest_ = 0;
  bool any_ = false;
};

}  // namespace aipu::memory

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtkwave/fstapi.h>
#include <map>
#include <stdexcept>
#include <string>

namespace aipu::test {

/// A wave file (FST), read by the reader that Verilator brings.
class WaveReader {
 public:
  explicit WaveReader(const std::string& path) : file_(fstReaderOpen(path.c_str())) {
    if (file_ == nullptr) throw std::runtime_error(path + " is no FST file");
    std::string scope;
    while (fstHier* const entry = fstReaderIterateHier(file_)) {
      if (entry->htyp == FST_HT_SCOPE) scope += std::string(entry->u.scope.name) + ".";
      if (entry->htyp == FST_HT_UPSCOPE) {
        scope.pop_back();
        scope.resize(scope.rfind('.') + 1);
      }
      if (entry->htyp != FST_HT_VAR) continue;
      std::string name = entry->u.var.name;
      if (const std::size_t space = name.find(' '); space != std::string::npos)
        name.erase(space, 1);
      signals_[scope + name] = entry->u.var.handle;
    }
  }
  WaveReader(const WaveReader&) = delete;
  WaveReader& operator=(const WaveReader&) = delete;
  ~WaveReader() { fstReaderClose(file_); }

  bool has(const std::string& signal) const { return signals_.count(signal) != 0; }
  std::size_t count() const { return signals_.size(); }
  std::uint64_t start() const { return fstReaderGetStartTime(file_); }
  std::uint64_t end() const { return fstReaderGetEndTime(file_); }
  int exponent() const { return fstReaderGetTimescale(file_); }
  /// Bits, highest first.
  std::string at(const std::string& signal, std::uint64_t time) const {
    std::string bits(4'096, '\0');
    const char* const found =
        fstReaderGetValueFromHandleAtTime(file_, time, signals_.at(signal), bits.data());
    return found == nullptr ? "" : found;
  }

 private:
  void* const file_;
  std::map<std::string, fstHandle> signals_;
};

}  // namespace aipu::test

// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/new_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

#include "hw/base/error.h"

namespace aipu::memory {

namespace fs = std::filesystem;

NewFile::NewFile(const std::string& path) : path_(path), temporary_(path + ".tmp") {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  if (path.empty()) throw IoError("''", "is no name of a file");
  if (fs::is_directory(status)) throw IoError(path, "is a directory, a file is expected");
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw IoError(path, "is no regular file and cannot be replaced");
  }
  if (!std::ofstream(temporary_)) {
    throw IoError(path, fmt::format("cannot be written: {}", std::strerror(errno)));
  }
}

NewFile::~NewFile() {
  std::error_code ignored;
  if (!finished_) fs::remove(temporary_, ignored);
}

void NewFile::finish() {
  std::error_code error;
  fs::rename(temporary_, path_, error);
  if (error) throw IoError(path_, "cannot be written: " + error.message());
  finished_ = true;
}

void write_file(const std::string& path, const std::string& text) {
  NewFile file(path);
  std::ofstream out(file.temporary(), std::ios::binary);
  out << text;
  out.close();
  if (!out) throw IoError(path, "cannot be written");
  file.finish();
}

}  // namespace aipu::memory

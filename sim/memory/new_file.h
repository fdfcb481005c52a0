// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace aipu::memory {

/// A file that gets its name only when it is complete: before that, and after an error, there is no
/// such file, or the one from before. Throws IoError for a path that can be no file.
class NewFile {
 public:
  explicit NewFile(const std::string& path);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// Where to write until then: beside it, so that renaming is one step.
  const std::string& temporary() const { return temporary_; }
  /// What was written and closed is complete. Throws IoError when it cannot get its name.
  void finish();

 private:
  const std::string path_;
  const std::string temporary_;
  bool finished_ = false;
};

/// A whole file of text at once.
void write_file(const std::string& path, const std::string& text);

}  // namespace aipu::memory

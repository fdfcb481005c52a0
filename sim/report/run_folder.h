// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>

namespace aipu::report {

/// The folder of one run: summary.json, console.log, config.resolved.yaml. Files appear whole or
/// not at all; only console.log grows while the run goes on.
class RunFolder {
 public:
  /// `path`: what the user named, or empty for the next free runs/VERB-NNNN. Throws UserError: exit
  /// code 2 for a folder that exists and is not to be overwritten, 4 for one that cannot be
  /// written.
  RunFolder(const std::string& verb, const std::string& path, bool overwrite);

  const std::string& path() const { return path_; }
  /// Writes a file under a temporary name and renames it.
  void write(const std::string& name, const std::string& text) const;
  void console(const std::string& line);

 private:
  std::string path_;
  std::ofstream console_;
};

}  // namespace aipu::report

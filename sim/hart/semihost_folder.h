// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace aipu {

/// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  int number() const { return number_; }
  bool valid() const { return number_ >= 0; }

 private:
  int release();
  int number_;
};

/// The one folder whose files a guest may reach. Names are relative to it; `..`, absolute names and
/// symbolic links on the way are refused (EACCES), as is whatever is no regular file.
class SemihostFolder {
 public:
  /// Throws IoError where there is no such folder.
  explicit SemihostFolder(const std::string& path);

  /// As open(2) with O_CREAT files of mode 0666; invalid with errno set where it is refused.
  Descriptor open(const std::string& name, int flags) const;
  /// 0, or -1 with errno set.
  int remove(const std::string& name) const;
  int rename(const std::string& from, const std::string& to) const;

 private:
  struct Place {
    Descriptor folder;
    std::string name;
  };
  /// The folder that holds `name`; its descriptor is invalid, errno set, where it may not be
  /// reached.
  Place find(const std::string& name) const;

  Descriptor root_;
};

}  // namespace aipu

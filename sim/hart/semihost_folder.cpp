// SPDX-License-Identifier: Apache-2.0
#include "sim/hart/semihost_folder.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "hw/base/error.h"

namespace aipu {
namespace {

constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
constexpr mode_t kMode = 0666;

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this == &other) return *this;
  if (number_ >= 0) ::close(number_);
  number_ = other.release();
  return *this;
}

int Descriptor::release() {
  return std::exchange(number_, -1);
}

SemihostFolder::SemihostFolder(const std::string& path) : root_(::open(path.c_str(), kFolder)) {
  if (!root_.valid())
    throw IoError(path, std::string("cannot be the semihosting folder: ") + std::strerror(errno));
}

SemihostFolder::Place SemihostFolder::find(const std::string& name) const {
  Place place{Descriptor(::openat(root_.number(), ".", kFolder)), {}};
  const bool absolute = !name.empty() && name.front() == '/';
  std::size_t begin = 0;
  while (!absolute && begin <= name.size() && place.folder.valid()) {
    const std::size_t end = name.find('/', begin);
    const std::string part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string::npos) break;
    if (end == std::string::npos) {
      place.name = part;
      return place;
    }
    place.folder = Descriptor(::openat(place.folder.number(), part.c_str(), kFolder | O_NOFOLLOW));
    if (!place.folder.valid()) return place;
    begin = end + 1;
  }
  errno = EACCES;
  return {Descriptor(), {}};
}

Descriptor SemihostFolder::open(const std::string& name, int flags) const {
  const Place place = find(name);
  if (!place.folder.valid()) return Descriptor();
  // Not blocking on a pipe, which is refused below, nor truncating what is not a file.
  Descriptor file(::openat(place.folder.number(), place.name.c_str(),
                           (flags & ~O_TRUNC) | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, kMode));
  if (!file.valid()) return file;
  struct stat status {};
  const bool regular = ::fstat(file.number(), &status) == 0 && S_ISREG(status.st_mode);
  const bool emptied = regular && ((flags & O_TRUNC) == 0 || ::ftruncate(file.number(), 0) == 0);
  if (emptied) return file;
  errno = EACCES;
  return Descriptor();
}

int SemihostFolder::remove(const std::string& name) const {
  const Place place = find(name);
  return place.folder.valid() ? ::unlinkat(place.folder.number(), place.name.c_str(), 0) : -1;
}

int SemihostFolder::rename(const std::string& from, const std::string& to) const {
  const Place old = find(from), fresh = find(to);
  if (!old.folder.valid() || !fresh.folder.valid()) return -1;
  return ::renameat(old.folder.number(), old.name.c_str(), fresh.folder.number(),
                    fresh.name.c_str());
}

}  // namespace aipu

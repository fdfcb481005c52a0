// SPDX-License-Identifier: Apache-2.0
#include "sim/hart/semihost.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace aipu {
namespace {

// The RISC-V semihosting specification: a slli and a srai into x0 around the ebreak.
constexpr std::array<std::uint32_t, 3> kSequence{0x01f01013, 0x00100073, 0x40705013};
constexpr std::uint64_t kInstruction = 4;

constexpr std::uint64_t kLongestName = 4096;  // characters of a name, and of a text
constexpr std::size_t kPiece = 65536;         // bytes moved at a time
constexpr std::size_t kMostFiles = 64;        // open at a time
constexpr std::uint64_t kGood = 0;
constexpr std::uint64_t kApplicationExit = 0x20026;  // the reason of an exit with code 0
constexpr const char* kConsole = ":tt";
constexpr const char* kFeatures = ":semihosting-features";
constexpr const char* kFeatureBytes = "SHFB\x03";  // extended exit; stdout and stderr are two

/// open(2) flags of the modes r, r+, w, w+, a, a+; each has a twin for binary files.
constexpr std::array<int, 6> kFlags{O_RDONLY,
                                    O_RDWR,
                                    O_WRONLY | O_CREAT | O_TRUNC,
                                    O_RDWR | O_CREAT | O_TRUNC,
                                    O_WRONLY | O_CREAT | O_APPEND,
                                    O_RDWR | O_CREAT | O_APPEND};

}  // namespace

/// What a handle stands for: a file of the folder, the console, or bytes of the host's.
struct Semihost::File {
  Descriptor descriptor;
  bool console = false;
  std::string bytes;
  std::size_t position = 0;

  std::int64_t read(std::uint8_t* to, std::size_t count) {
    if (descriptor.valid()) return ::read(descriptor.number(), to, count);
    const std::size_t n = std::min(count, bytes.size() - position);
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(position), n, to);
    position += n;
    return static_cast<std::int64_t>(n);
  }
};

Semihost::Semihost(std::shared_ptr<const SemihostFolder> folder, Guest guest)
    : folder_(std::move(folder)), guest_(std::move(guest)) {}

Semihost::~Semihost() = default;

const std::map<std::uint64_t, Semihost::Call>& Semihost::calls() {
  static const std::map<std::uint64_t, Call> all{
      {0x01, &Semihost::open},          {0x02, &Semihost::close},    {0x03, &Semihost::write_char},
      {0x04, &Semihost::write_text},    {0x05, &Semihost::write},    {0x06, &Semihost::read},
      {0x07, &Semihost::read_char},     {0x08, &Semihost::is_error}, {0x09, &Semihost::is_tty},
      {0x0a, &Semihost::seek},          {0x0c, &Semihost::length},   {0x0d, &Semihost::refused},
      {0x0e, &Semihost::remove},        {0x0f, &Semihost::rename},   {0x10, &Semihost::clock},
      {0x11, &Semihost::time},          {0x12, &Semihost::refused},  {0x13, &Semihost::last_error},
      {0x15, &Semihost::command_line},  {0x16, &Semihost::heap},     {0x18, &Semihost::exit},
      {0x20, &Semihost::exit_extended}, {0x30, &Semihost::elapsed},  {0x31, &Semihost::frequency},
  };
  return all;
}

bool Semihost::is_call(std::uint64_t pc) const {
  std::array<std::uint32_t, kSequence.size()> found{};
  if (pc < kInstruction) return false;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!guest_.read(pc - kInstruction + i * kInstruction,
                     reinterpret_cast<std::uint8_t*>(&found[i]), kInstruction))
      return false;
  }
  return found == kSequence;
}

std::optional<std::uint64_t> Semihost::ebreak(std::uint64_t pc, std::uint64_t a0,
                                              std::uint64_t a1) {
  if (!is_call(pc)) return std::nullopt;
  if (!folder_) {
    if (!told_) guest_.print("a semihosting call traps: no --semihost DIR serves it\n");
    told_ = true;
    return std::nullopt;
  }
  const auto call = calls().find(a0);
  return (this->*(call == calls().end() ? &Semihost::refused : call->second))(a1);
}

std::uint64_t Semihost::signed_word(std::int64_t value) const {
  const auto bits = static_cast<std::uint64_t>(value);
  return guest_.word_bytes == sizeof bits ? bits : static_cast<std::uint32_t>(bits);
}

std::uint64_t Semihost::failed(int error) {
  errno_ = error;
  return signed_word(-1);
}

std::optional<std::uint64_t> Semihost::word(std::uint64_t block, unsigned index) const {
  std::uint64_t value = 0;
  const bool there = guest_.read(block + std::uint64_t{index} * guest_.word_bytes,
                                 reinterpret_cast<std::uint8_t*>(&value), guest_.word_bytes);
  return there ? std::optional(value) : std::nullopt;
}

std::optional<std::string> Semihost::text(std::uint64_t address, std::uint64_t bytes) const {
  if (bytes > kLongestName) return std::nullopt;
  std::string text(bytes, '\0');
  if (!guest_.read(address, reinterpret_cast<std::uint8_t*>(text.data()), bytes))
    return std::nullopt;
  return text;
}

/// Of the handle that is the first word of the block; null, errno set, where there is none.
Semihost::File* Semihost::file(std::uint64_t block) {
  const auto handle = word(block, 0);
  const auto found = handle ? files_.find(*handle) : files_.end();
  if (found != files_.end()) return found->second.get();
  errno_ = EBADF;
  return nullptr;
}

std::uint64_t Semihost::open(std::uint64_t block) {
  const auto address = word(block, 0), mode = word(block, 1), bytes = word(block, 2);
  if (!address || !mode || !bytes) return failed(EFAULT);
  const auto name = text(*address, *bytes);
  if (!name) return failed(EFAULT);
  if (*mode >= 2 * kFlags.size()) return failed(EINVAL);
  if (files_.size() >= kMostFiles) return failed(EMFILE);
  auto file = std::make_unique<File>();
  file->console = *name == kConsole;
  if (*name == kFeatures) {
    file->bytes = kFeatureBytes;
  } else if (!file->console) {
    file->descriptor = folder_->open(*name, kFlags[*mode / 2]);
    if (!file->descriptor.valid()) return failed(errno);
  }
  files_.emplace(next_handle_, std::move(file));
  return next_handle_++;
}

std::uint64_t Semihost::close(std::uint64_t block) {
  if (file(block) == nullptr) return failed(EBADF);
  files_.erase(*word(block, 0));
  return kGood;
}

std::uint64_t Semihost::write_char(std::uint64_t address) {
  const auto one = text(address, 1);
  if (one) guest_.print(*one);
  return kGood;
}

std::uint64_t Semihost::write_text(std::uint64_t address) {
  std::string line;
  for (std::uint8_t c = 0; line.size() < kLongestName && guest_.read(address, &c, 1) && c != 0;
       ++address)
    line.push_back(static_cast<char>(c));
  guest_.print(line);
  return kGood;
}

/// The bytes that were not written.
std::uint64_t Semihost::write(std::uint64_t block) {
  File* const to = file(block);
  const auto address = word(block, 1), bytes = word(block, 2);
  if (!address || !bytes) return failed(EFAULT);
  std::uint64_t left = *bytes, from = *address;
  std::vector<std::uint8_t> piece(std::min<std::uint64_t>(kPiece, left));
  while (to != nullptr && left != 0) {
    const std::size_t n = std::min<std::uint64_t>(piece.size(), left);
    if (!guest_.read(from, piece.data(), n)) {
      errno_ = EFAULT;
      break;
    }
    auto done = static_cast<ssize_t>(n);
    if (to->console) {
      guest_.print({reinterpret_cast<const char*>(piece.data()), n});
    } else {
      done = ::write(to->descriptor.number(), piece.data(), n);
    }
    if (done <= 0) {
      errno_ = errno;
      break;
    }
    left -= static_cast<std::uint64_t>(done);
    from += static_cast<std::uint64_t>(done);
  }
  return left;
}

/// The bytes that were not read: all of them at the end of the file.
std::uint64_t Semihost::read(std::uint64_t block) {
  File* const source = file(block);
  const auto address = word(block, 1), bytes = word(block, 2);
  if (!address || !bytes) return failed(EFAULT);
  std::uint64_t left = *bytes, to = *address;
  std::vector<std::uint8_t> piece(std::min<std::uint64_t>(kPiece, left));
  while (source != nullptr && left != 0) {
    const std::int64_t n = source->read(piece.data(), std::min<std::uint64_t>(piece.size(), left));
    if (n < 0) errno_ = errno;
    if (n <= 0) break;
    const auto got = static_cast<std::uint64_t>(n);
    if (!guest_.write(to, piece.data(), got)) {
      errno_ = EFAULT;
      break;
    }
    left -= got;
    to += got;
  }
  return left;
}

std::uint64_t Semihost::read_char(std::uint64_t) {
  return signed_word(-1);
}

std::uint64_t Semihost::is_error(std::uint64_t block) {
  const auto status = word(block, 0);
  return !status || (*status >> (8 * guest_.word_bytes - 1)) != 0 ? 1 : 0;
}

std::uint64_t Semihost::is_tty(std::uint64_t block) {
  const File* const which = file(block);
  return which != nullptr && which->console ? 1 : 0;
}

std::uint64_t Semihost::seek(std::uint64_t block) {
  File* const which = file(block);
  const auto position = word(block, 1);
  if (which == nullptr || !position) return signed_word(-1);
  if (!which->descriptor.valid()) {
    if (which->console || *position > which->bytes.size()) return failed(ESPIPE);
    which->position = *position;
    return kGood;
  }
  const bool moved =
      ::lseek(which->descriptor.number(), static_cast<off_t>(*position), SEEK_SET) >= 0;
  return moved ? kGood : failed(errno);
}

std::uint64_t Semihost::length(std::uint64_t block) {
  const File* const which = file(block);
  if (which == nullptr) return signed_word(-1);
  if (!which->descriptor.valid()) return which->bytes.size();
  struct stat status {};
  if (::fstat(which->descriptor.number(), &status) != 0) return failed(errno);
  return static_cast<std::uint64_t>(status.st_size);
}

std::uint64_t Semihost::remove(std::uint64_t block) {
  const auto address = word(block, 0), bytes = word(block, 1);
  const auto name = address && bytes ? text(*address, *bytes) : std::nullopt;
  if (!name) return failed(EFAULT);
  return folder_->remove(*name) == 0 ? kGood : failed(errno);
}

std::uint64_t Semihost::rename(std::uint64_t block) {
  std::array<std::string, 2> names;
  for (unsigned i = 0; i < names.size(); ++i) {
    const auto address = word(block, 2 * i), bytes = word(block, 2 * i + 1);
    const auto name = address && bytes ? text(*address, *bytes) : std::nullopt;
    if (!name) return failed(EFAULT);
    names[i] = *name;
  }
  return folder_->rename(names[0], names[1]) == 0 ? kGood : failed(errno);
}

std::uint64_t Semihost::clock(std::uint64_t) {
  constexpr std::uint64_t kHundredths = 100;
  const std::uint64_t seconds = guest_.cycles() / guest_.frequency;
  const std::uint64_t rest = guest_.cycles() % guest_.frequency;
  return seconds * kHundredths + rest * kHundredths / guest_.frequency;
}

std::uint64_t Semihost::time(std::uint64_t) {
  return guest_.cycles() / guest_.frequency;
}

std::uint64_t Semihost::last_error(std::uint64_t) {
  return static_cast<std::uint64_t>(errno_);
}

std::uint64_t Semihost::command_line(std::uint64_t block) {
  const auto address = word(block, 0), room = word(block, 1);
  const std::string& line = guest_.command_line;
  if (!address || !room || *room <= line.size()) return failed(EFAULT);
  const std::uint64_t length = line.size();
  const bool good =
      guest_.write(*address, reinterpret_cast<const std::uint8_t*>(line.c_str()), length + 1) &&
      guest_.write(block + guest_.word_bytes, reinterpret_cast<const std::uint8_t*>(&length),
                   guest_.word_bytes);
  return good ? kGood : failed(EFAULT);
}

/// Zeros: the program's own linker script knows better.
std::uint64_t Semihost::heap(std::uint64_t block) {
  constexpr unsigned kWords = 4;
  const auto address = word(block, 0);
  const std::vector<std::uint8_t> none(std::size_t{kWords} * guest_.word_bytes);
  return address && guest_.write(*address, none.data(), none.size()) ? kGood : failed(EFAULT);
}

/// On RV32 the argument is the reason itself, on RV64 a block of reason and code.
std::uint64_t Semihost::exit(std::uint64_t argument) {
  if (guest_.word_bytes == sizeof(std::uint64_t)) return exit_extended(argument);
  guest_.exit(argument == kApplicationExit ? 0 : 1);
  return kGood;
}

std::uint64_t Semihost::exit_extended(std::uint64_t block) {
  const auto reason = word(block, 0), code = word(block, 1);
  guest_.exit(reason && code && *reason == kApplicationExit ? static_cast<std::uint32_t>(*code)
                                                            : 1);
  return kGood;
}

std::uint64_t Semihost::elapsed(std::uint64_t address) {
  const std::uint64_t ticks = guest_.cycles();
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&ticks);
  return guest_.write(address, bytes, sizeof ticks) ? kGood : failed(EFAULT);
}

std::uint64_t Semihost::frequency(std::uint64_t) {
  return guest_.frequency;
}

std::uint64_t Semihost::refused(std::uint64_t) {
  return failed(ENOSYS);
}

}  // namespace aipu

// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/trace.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>

#include "hw/base/error.h"

namespace aipu::memory {
namespace {

constexpr std::size_t kBuffer = 1U << 20U;      // bytes; no line may be longer
constexpr std::int64_t kLatest = 1LL << 48U;    // CK: in picoseconds they still have 64 bits
constexpr std::ptrdiff_t kShown = 40;           // characters of a word that is not one
constexpr std::uint64_t kShift = 4;             // of a hexadecimal digit
constexpr std::uint64_t kHighest = 1ULL << 59;  // addresses below take another digit

constexpr std::uint8_t kNoDigit = 16;
std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t i = 0; i < 10; ++i)
    digits['0' + i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 10; i < 16; ++i)
    digits['a' + i - 10] = digits['A' + i - 10] = static_cast<std::uint8_t>(i);
  return digits;
}

std::uint8_t hex_digit(char c) {
  static const std::array<std::uint8_t, 256> digits = make_digits();
  return digits[static_cast<unsigned char>(c)];
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}
/// A word ends here.
bool is_end(char c) {
  return is_blank(c) || c == '\n' || c == '#';
}
const char* skip_blanks(const char* at) {
  while (is_blank(*at))
    ++at;
  return at;
}

}  // namespace

TraceSource::TraceSource(const std::string& path, Bytes capacity)
    : path_(path), capacity_(capacity.count), file_(std::fopen(path.c_str(), "rb")) {
  if (file_ == nullptr) throw IoError(path, "cannot be read");
  buffer_.resize(kBuffer + 1);
  at_ = end_ = buffer_.data();
  refill();
}

/// Moves what is left to the front and reads on; false when there is no whole line even then.
bool TraceSource::refill() {
  const auto left = static_cast<std::size_t>(end_ - at_);
  std::memmove(buffer_.data(), at_, left);
  const std::size_t got = std::fread(buffer_.data() + left, 1, kBuffer - left, file_.get());
  if (std::ferror(file_.get()) != 0) throw IoError(path_, "cannot be read");
  last_ = std::feof(file_.get()) != 0;
  at_ = buffer_.data();
  end_ = at_ + left + got;
  buffer_[left + got] = '\n';
  return got != 0;
}

/// Whether a line begins at `at_`, which is then in the buffer as a whole.
bool TraceSource::at_line() {
  while (at_ <= end_) {
    if (std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_)) != nullptr) return true;
    if (last_) return at_ < end_;
    if (refill() || last_) continue;
    ++line_;
    fail("the line is longer than 1 MiB");
  }
  return false;
}

void TraceSource::next(std::vector<Request>& batch, std::size_t most) {
  batch.clear();
  Request request;
  while (batch.size() < most && at_line()) {
    if (parse_line(request)) batch.push_back(request);
  }
  any_ |= !batch.empty();
  if (!any_) throw ConfigError(path_, "no request in it; a line reads `<arrival CK> <R|W> <hex>`");
}

/// Reads the line at `at_` and passes it; false for one without a request.
bool TraceSource::parse_line(Request& request) {
  ++line_;
  const char* at = skip_blanks(at_);
  if (*at == '\n' || *at == '#') {
    at_ = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end_ - at) + 1)) +
          1;
    return false;
  }
  const char* word = at;
  std::int64_t arrival = 0;
  for (; *at >= '0' && *at <= '9' && arrival <= kLatest; ++at)
    arrival = arrival * 10 + (*at - '0');
  if (arrival > kLatest) fail_word(word, "is an arrival beyond 2^48 CK");
  if (at == word || !is_end(*at)) fail_word(word, "is no arrival; valid: a whole number of CK");
  if (arrival < latest_) {
    fail(fmt::format("arrival {} lies before that of an earlier request, {}", arrival, latest_));
  }
  word = at = skip_blanks(at);
  if (*at == 'R' || *at == 'W') ++at;
  if (at == word || !is_end(*at)) fail_word(word, "is no direction; valid: R, W");
  request.direction = *word == 'W' ? hbm::kWrite : hbm::kRead;

  word = at = skip_blanks(at);
  if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) at += 2;
  const char* digits = at;
  std::uint64_t address = 0;
  for (; hex_digit(*at) != kNoDigit && address < kHighest; ++at)
    address = (address << kShift) | hex_digit(*at);
  if (at == digits || (!is_end(*at) && hex_digit(*at) == kNoDigit)) {
    fail_word(word, "is no address; valid: a hexadecimal number");
  }
  if (address >= capacity_) {
    fail_word(word, fmt::format("lies beyond the device, which ends at {:x}", capacity_));
  }
  at = skip_blanks(at);
  if (!is_end(*at)) fail_word(at, "is a word too many; a line reads `<arrival CK> <R|W> <hex>`");
  if (*at == '#')
    at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end_ - at) + 1));
  at_ = at + 1;
  latest_ = request.arrival = arrival;
  request.address = address;
  return true;
}

void TraceSource::fail(const std::string& message) const {
  throw ConfigError(fmt::format("{}:{}", path_, line_), message);
}

void TraceSource::fail_word(const char* at, const std::string& message) const {
  const char* end = at;
  while (!is_end(*end) && end - at < kShown)
    ++end;
  std::string word(at, end);
  for (char& c : word) {
    if (static_cast<unsigned char>(c) < 0x20U || static_cast<unsigned char>(c) > 0x7EU) c = '?';
  }
  if (word.empty()) fail("ends too early; a line reads `<arrival CK> <R|W> <hex>`");
  fail(fmt::format("'{}' {}", word, message));
}

}  // namespace aipu::memory

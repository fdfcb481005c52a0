// SPDX-License-Identifier: Apache-2.0
#include "sim/hart/bare_machine.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "hw/base/error.h"

namespace aipu {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kSlack = 16U << 20U;  // behind each segment: heap and stack
constexpr std::uint64_t kUsualBase = 0x80000000U;
constexpr std::uint64_t kUsualBytes = 128U << 20U;
constexpr std::uint64_t kLargest = 4ULL << 30U;
constexpr std::uint64_t kSlice = 1000;       // cycles between looks at the timer and the limit
constexpr std::uint64_t kPollSlices = 1000;  // of them between looks at the debugger

constexpr std::uint64_t kTimerBase = 0x02000000U;
constexpr std::uint64_t kTimerBytes = 0x10000;
constexpr std::uint64_t kMsip = 0x0, kMtimecmp = 0x4000, kMtime = 0xbff8;

// System calls of the host interface, by their Linux numbers, and errors.
constexpr std::uint64_t kWrite = 64, kExit = 93;
constexpr std::uint64_t kNoSuchCall = ~std::uint64_t{37}, kBadAddress = ~std::uint64_t{13};
constexpr std::uint64_t kBadFile = ~std::uint64_t{8};

struct Span {
  std::uint64_t low, high;
};

/// The memory around the segments: some more behind each, what then meets in one piece.
std::vector<Span> memory_map(const load::Elf& elf, std::uint64_t top) {
  std::vector<Span> spans = {{kUsualBase, std::min(kUsualBase + kUsualBytes, top)}};
  for (const auto& segment : elf.segments) {
    const std::uint64_t low = segment.address / kPage * kPage;
    const std::uint64_t high = std::min(align_up(segment.end(), kPage), top);
    std::uint64_t slack = std::min(kSlack, top - high);
    // The timer stays visible, unless the program itself lies there.
    if (high <= kTimerBase) slack = std::min(slack, kTimerBase - high);
    spans.push_back({low, high + slack});
  }
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.low < b.low; });
  std::vector<Span> merged;
  for (const Span& span : spans) {
    if (merged.empty() || span.low > merged.back().high) {
      merged.push_back(span);
    } else {
      merged.back().high = std::max(merged.back().high, span.high);
    }
  }
  return merged;
}

}  // namespace

template <typename U>
BareMachine<U>::BareMachine(const load::Elf& elf, const cpu::Config& config, cpu::Dispatch dispatch,
                            Tohost::Print print)
    : print_(std::move(print)),
      tohost_(elf.symbol("tohost"), print_, [this](std::uint64_t block) { system_call(block); }),
      fromhost_(elf.symbol("fromhost")),
      core_(config, *this, 0, dispatch) {
  add_regions(elf);
  for (const auto& segment : elf.segments) {
    std::copy(segment.bytes.begin(), segment.bytes.end(),
              host(segment.address, segment.bytes.size()));
  }
  choose_window(elf.entry);
  core_.reset(elf.entry, 0, 0);
}

template <typename U>
void BareMachine<U>::add_regions(const load::Elf& elf) {
  constexpr std::uint64_t kTop = sizeof(U) == 4 ? 1ULL << 32U : ~std::uint64_t{0} / kPage * kPage;
  for (const auto& segment : elf.segments) {
    if (segment.memory_bytes > kLargest || segment.end() > kTop) {
      throw UserError(ExitCode::kUsage,
                      fmt::format("the segment at {:#x} of {:#x} bytes is larger than 4 GiB or "
                                  "reaches the last page of the address space",
                                  segment.address, segment.memory_bytes));
    }
  }
  for (const Span& span : memory_map(elf, kTop)) {
    regions_.push_back({span.low, std::make_unique<Storage>(Bytes(span.high - span.low))});
  }
}

/// The part of the main region before or behind `tohost`, so that stores to that come over the bus.
template <typename U>
void BareMachine<U>::choose_window(std::uint64_t entry) {
  for (const Region& region : regions_) {
    std::uint64_t low = region.base;
    std::uint64_t high = low + region.storage->size().count;
    if (entry < low || entry >= high) continue;
    if (const auto at = tohost_.address(); at && *at >= low && *at < high) {
      if (*at - low > high - *at) {
        high = *at;
      } else {
        low = std::min(*at + 8, high);
      }
    }
    core_.set_memory(low, region.storage->at(low - region.base), high - low);
  }
}

template <typename U>
std::uint8_t* BareMachine<U>::host(std::uint64_t address, std::uint64_t bytes) const {
  for (const Region& region : regions_) {
    const std::uint64_t offset = address - region.base;
    if (region.storage->contains(offset, bytes)) return region.storage->at(offset);
  }
  return nullptr;
}

template <typename U>
std::optional<std::uint8_t> BareMachine<U>::byte(std::uint64_t address) const {
  const std::uint8_t* at = host(address, 1);
  if (at == nullptr) return std::nullopt;
  return *at;
}

template <typename U>
std::uint8_t* BareMachine<U>::memory(std::uint64_t address, std::uint64_t bytes) {
  return tohost_.covers(address, static_cast<unsigned>(bytes)) ? nullptr : host(address, bytes);
}

/// Four double words: number, arguments; the result replaces the number, then fromhost becomes 1.
template <typename U>
void BareMachine<U>::system_call(std::uint64_t block) {
  std::uint64_t words[4] = {};
  std::uint8_t* const at = host(block, sizeof words);
  if (at != nullptr) {
    std::memcpy(words, at, sizeof words);
    std::uint64_t result = kNoSuchCall;
    if (words[0] == kWrite) result = console_write(words[1], words[2], words[3]);
    if (words[0] == kExit) tohost_.end((words[1] & 0xffffffffU) << 1U | 1U);
    std::memcpy(at, &result, sizeof result);
  }
  constexpr std::uint64_t kAnswered = 1;
  if (std::uint8_t* const flag = fromhost_ ? host(*fromhost_, sizeof kAnswered) : nullptr) {
    std::memcpy(flag, &kAnswered, sizeof kAnswered);
  }
}

template <typename U>
std::uint64_t BareMachine<U>::console_write(std::uint64_t file, std::uint64_t from,
                                            std::uint64_t bytes) {
  constexpr std::uint64_t kOutput = 1, kErrors = 2;
  if (file != kOutput && file != kErrors) return kBadFile;
  const std::uint8_t* const text = host(from, bytes);
  if (text == nullptr) return kBadAddress;
  std::for_each(text, text + bytes, [this](std::uint8_t c) { print_(static_cast<char>(c)); });
  return bytes;
}

template <typename U>
std::optional<std::uint16_t> BareMachine<U>::fetch(std::uint64_t address) {
  const std::uint8_t* at = host(address, sizeof(std::uint16_t));
  if (at == nullptr) return std::nullopt;
  std::uint16_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <typename U>
cpu::Bus::Status BareMachine<U>::access(Access& access) {
  if (std::uint8_t* at = host(access.address, access.bytes); at != nullptr) {
    access.device = false;
    if (!access.write) {
      access.value = 0;
      std::memcpy(&access.value, at, access.bytes);
      return Status::kDone;
    }
    if (!tohost_.covers(access.address, access.bytes)) {
      std::memcpy(at, &access.value, access.bytes);
      return Status::kDone;
    }
    // Reads as zero: the host has taken it already.
    tohost_.write(access.address, access.bytes, access.value);
    if (tohost_.result()) core_.request_exit();
    return Status::kDone;
  }
  if (access.address - kTimerBase >= kTimerBytes) return Status::kFault;
  if (access.address % access.bytes != 0) return Status::kMisaligned;
  return timer(access) ? Status::kDone : Status::kFault;
}

template <typename U>
bool BareMachine<U>::timer(Access& access) {
  const std::uint64_t offset = access.address - kTimerBase;
  const std::uint64_t part = offset % 8;
  std::uint64_t value = 0;
  switch (offset - part) {
    case kMsip:
      value = msip_;
      break;
    case kMtimecmp:
      value = mtimecmp_;
      break;
    case kMtime:
      value = access.cycles + mtime_offset_;
      break;
    default:
      return false;
  }
  if (access.bytes < 4) return false;
  auto* const bytes = reinterpret_cast<std::uint8_t*>(&value) + part;
  if (!access.write) {
    access.value = 0;
    std::memcpy(&access.value, bytes, access.bytes);
    return true;
  }
  std::memcpy(bytes, &access.value, access.bytes);
  if (offset - part == kMtimecmp) mtimecmp_ = value;
  if (offset - part == kMtime) {
    mtime_offset_ = value - access.cycles;
    core_.set_time_offset(mtime_offset_);
  }
  if (offset - part == kMsip) msip_ = static_cast<std::uint32_t>(value) & 1U;
  core_.set_line(cpu::Interrupt::kSoftware, msip_ != 0);
  core_.set_line(cpu::Interrupt::kTimer, access.cycles + mtime_offset_ >= mtimecmp_);
  core_.request_yield();
  return true;
}

template <typename U>
void BareMachine<U>::update_timer() {
  core_.set_line(cpu::Interrupt::kTimer, mtime() >= mtimecmp_);
}

template <typename U>
cpu::Stop BareMachine<U>::run_slice(std::uint64_t cycles) {
  cpu::Stop why = core_.run(cycles);
  while (why == cpu::Stop::kBreakpoint && !killed_) {
    killed_ = !attendant_->halted();
    if (!killed_) why = core_.resume();
  }
  if (attendant_ != nullptr && ++slices_ % kPollSlices == 0 && !attendant_->poll()) killed_ = true;
  return why;
}

template <typename U>
typename BareMachine<U>::End BareMachine<U>::run(std::uint64_t max_instructions) {
  while (core_.retired() < max_instructions) {
    const std::uint64_t left = max_instructions - core_.retired();  // an instruction takes a cycle
    const std::uint64_t due = mtimecmp_ > mtime() ? mtimecmp_ - mtime() : kSlice;
    const cpu::Stop why = run_slice(std::min({kSlice, left, due}));
    if (killed_) return End::kKilled;
    tohost_.settle();
    if (tohost_.result()) return End::kTohost;
    if (why == cpu::Stop::kFault) return End::kFault;
    update_timer();
    if (why == cpu::Stop::kWfi && !core_.csrs().wakes()) {
      tohost_.flush();
      if (tohost_.result()) return End::kTohost;
      if (mtimecmp_ == ~std::uint64_t{0} || mtimecmp_ <= mtime()) return End::kAsleep;
      core_.advance_to(core_.cycles() + (mtimecmp_ - mtime()), &cpu::Clocks::wfi);
      update_timer();
      if (!core_.csrs().wakes()) return End::kAsleep;
    }
  }
  tohost_.flush();
  return tohost_.result() ? End::kTohost : End::kLimit;
}

template class BareMachine<std::uint32_t>;
template class BareMachine<std::uint64_t>;

}  // namespace aipu

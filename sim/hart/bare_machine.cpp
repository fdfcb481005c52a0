// SPDX-License-Identifier: Apache-2.0
#include "sim/hart/bare_machine.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "hw/base/error.h"

namespace aipu {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kSlack = 1U << 20U;
constexpr std::uint64_t kUsualBase = 0x80000000U;
constexpr std::uint64_t kLargest = 4ULL << 30U;
constexpr std::uint64_t kSlice = 1000;  // cycles between looks at the timer and the limit

constexpr std::uint64_t kTimerBase = 0x02000000U;
constexpr std::uint64_t kTimerBytes = 0x10000;
constexpr std::uint64_t kMsip = 0x0, kMtimecmp = 0x4000, kMtime = 0xbff8;

}  // namespace

template <typename U>
BareMachine<U>::BareMachine(const load::Elf& elf, const cpu::Config& config, cpu::Dispatch dispatch,
                            Tohost::Print print)
    : tohost_(elf.symbol("tohost"), std::move(print)), core_(config, *this, 0, dispatch) {
  constexpr std::uint64_t kTop = sizeof(U) == 4 ? 1ULL << 32U : ~std::uint64_t{0} - kSlack;
  const std::uint64_t low = elf.segments.front().address / kPage * kPage;
  const std::uint64_t high = std::min(align_up(elf.segments.back().end(), kPage) + kSlack, kTop);
  if (high - low > kLargest) {
    throw UserError(ExitCode::kUsage,
                    fmt::format("segments from {:#x} to {:#x} span more than 4 GiB", low, high));
  }
  const bool meets = low <= kUsualBase + kSlack && kUsualBase <= high;
  add_region(meets ? std::min(low, kUsualBase) : low,
             meets ? std::max(high, kUsualBase + kSlack) : high);
  if (!meets) add_region(kUsualBase, kUsualBase + kSlack);
  for (const auto& segment : elf.segments) {
    std::copy(segment.bytes.begin(), segment.bytes.end(),
              host(segment.address, segment.bytes.size()));
  }
  choose_window(elf.entry);
  core_.reset(elf.entry, 0, 0);
}

template <typename U>
void BareMachine<U>::add_region(std::uint64_t low, std::uint64_t high) {
  regions_.push_back({low, std::make_unique<Storage>(Bytes(high - low))});
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
std::optional<std::uint32_t> BareMachine<U>::word(std::uint64_t address) const {
  const std::uint8_t* at = host(address, sizeof(std::uint32_t));
  if (at == nullptr) return std::nullopt;
  std::uint32_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
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
  if (offset - part == kMtime) mtime_offset_ = value - access.cycles;
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
Semihost::Guest BareMachine<U>::guest() {
  Semihost::Guest guest;
  guest.word_bytes = sizeof(U);
  guest.read = [this](std::uint64_t address, std::uint8_t* data, std::uint64_t bytes) {
    const std::uint8_t* const at = host(address, bytes);
    if (at != nullptr) std::copy_n(at, bytes, data);
    return at != nullptr;
  };
  guest.write = [this](std::uint64_t address, const std::uint8_t* data, std::uint64_t bytes) {
    std::uint8_t* const at = host(address, bytes);
    if (at == nullptr) return false;
    std::copy_n(data, bytes, at);
    core_.invalidate(address, bytes);
    return true;
  };
  guest.exit = [this](std::uint32_t code) {
    exit_code_ = code;
    core_.request_exit();
  };
  guest.cycles = [this] { return core_.cycles(); };
  return guest;
}

template <typename U>
void BareMachine<U>::serve(std::shared_ptr<const SemihostFolder> folder,
                           const std::string& command_line, std::uint64_t frequency,
                           std::function<void(const std::string&)> print) {
  Semihost::Guest own = guest();
  own.print = std::move(print);
  own.frequency = frequency;
  own.command_line = command_line;
  semihost_ = std::make_unique<Semihost>(std::move(folder), std::move(own));
  core_.set_ebreak_handler(semihost_.get());
}

template <typename U>
typename BareMachine<U>::End BareMachine<U>::run(std::uint64_t max_instructions) {
  while (core_.retired() < max_instructions) {
    const std::uint64_t left = max_instructions - core_.retired();  // an instruction takes a cycle
    const std::uint64_t due = mtimecmp_ > mtime() ? mtimecmp_ - mtime() : kSlice;
    const cpu::Stop why = core_.run(std::min({kSlice, left, due}));
    tohost_.settle();
    if (tohost_.result()) return End::kTohost;
    if (exit_code_) return End::kExit;
    if (why == cpu::Stop::kFault) return End::kFault;
    update_timer();
    if (why == cpu::Stop::kWfi && !core_.csrs().wakes()) {
      if (mtimecmp_ == ~std::uint64_t{0} || mtimecmp_ <= mtime()) return End::kAsleep;
      core_.advance_to(core_.cycles() + (mtimecmp_ - mtime()), &cpu::Clocks::wfi);
      update_timer();
      if (!core_.csrs().wakes()) return End::kAsleep;
    }
  }
  return End::kLimit;
}

template class BareMachine<std::uint32_t>;
template class BareMachine<std::uint64_t>;

}  // namespace aipu

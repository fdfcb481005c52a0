// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hw/base/gaddr.h"
#include "hw/config/board.h"
#include "hw/program/launch.h"
#include "sim/kernel/parameters.h"

namespace aipu::kernel {

/// Memory, data and launches of a case, the same addresses on every AIPU. What is written as
/// control data is read by harts and exists in every mode; other data exist in functional runs
/// only.
class Builder {
 public:
  struct Write {
    std::uint32_t aipu;
    Gaddr at;
    std::vector<std::uint8_t> bytes;
  };

  Builder(const config::Board& board, std::uint32_t aipus);

  const config::Board& board() const { return board_; }
  std::uint32_t cores() const { return board_.aipu.cores; }
  std::uint32_t aipus() const { return static_cast<std::uint32_t>(launches_.size()); }
  bool functional() const { return board_.simulation.data == config::DataMode::kFunctional; }

  /// Addresses of `bytes` bytes: HBM that is real in every mode, other HBM (both aligned to
  /// 4 KiB), shared SRAM (aligned to 64). Throws ConfigError where there is no room.
  Gaddr control(std::uint64_t bytes);
  Gaddr hbm(std::uint64_t bytes);
  Gaddr shared(std::uint64_t bytes);

  /// Bytes that memory has at the start. Outside control memory only in functional runs.
  void write(std::uint32_t aipu, Gaddr at, const void* data, std::uint64_t bytes);
  template <typename T>
  void write(std::uint32_t aipu, Gaddr at, const std::vector<T>& data) {
    write(aipu, at, data.data(), data.size() * sizeof(T));
  }

  /// The next kernel of an AIPU. Its args, cores and signals are the caller's.
  void launch(std::uint32_t aipu, const hc_launch_t& entry);
  /// Launches up to here prepare; the time of those after is measured. At most once an AIPU.
  void measure(std::uint32_t aipu);

  const std::vector<Write>& writes() const { return writes_; }
  const std::vector<hc_launch_t>& launches(std::uint32_t aipu) const { return launches_[aipu]; }
  std::size_t first_measured(std::uint32_t aipu) const { return first_[aipu]; }

 private:
  Gaddr take(Gaddr (*make)(std::uint64_t), std::uint64_t& next, std::uint64_t limit,
             std::uint64_t bytes, std::uint64_t alignment, const char* memory);

  const config::Board& board_;
  std::uint64_t next_control_, next_hbm_, next_shared_ = 0;
  std::vector<Write> writes_;
  std::vector<std::vector<hc_launch_t>> launches_;
  std::vector<std::size_t> first_;
};

/// What the launches of a case must have done on all AIPUs together, to the last byte. What is
/// absent is not checked.
struct Expected {
  std::map<std::string, std::uint64_t> commands;  ///< load, store, tensor, vector, directcom
  std::optional<std::uint64_t> hbm_read, hbm_written, flops;
};

/// Reads memory after a functional run.
using Reader =
    std::function<std::vector<std::uint8_t>(std::uint32_t aipu, Gaddr at, std::uint64_t bytes)>;

/// One kernel on one shape.
class Case {
 public:
  Case() = default;
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;
  virtual ~Case() = default;

  virtual std::uint32_t aipus() const { return 1; }
  /// Called once, before anything else below.
  virtual void build(Builder& builder) = 0;
  virtual Expected expected() const = 0;
  /// Least seconds of the measured launches by resource: hbm, tensor, special, vector, link, sram;
  /// the largest is the roofline. `hbm` at the peak of the device.
  virtual std::map<std::string, double> bounds() const = 0;
  /// Largest error as a part of what the formats allow: 1 and less passes.
  virtual double error(const Reader& read) const = 0;
};

/// A kernel that can be measured.
struct Kind {
  std::string name;
  std::string help;
  std::vector<Parameter> parameters;
  double bar;  ///< share of the roofline that it must attain on its usual shape; 0: none
  std::function<std::unique_ptr<Case>(const Parameters&, const config::Board&)> make;
};

/// All kinds, in the order of the table. A name that is none: ConfigError with the nearest.
const std::vector<Kind>& kinds();
const Kind& find_kind(const std::string& name);

/// The lists of kinds, one for each family.
std::vector<Kind> stream_kinds();
std::vector<Kind> dense_kinds();
std::vector<Kind> attention_kinds();
std::vector<Kind> cache_kinds();
std::vector<Kind> heads_kinds();
std::vector<Kind> row_kinds();
std::vector<Kind> sampling_kinds();
std::vector<Kind> moe_kinds();

}  // namespace aipu::kernel

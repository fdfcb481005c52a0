// SPDX-License-Identifier: Apache-2.0
// The yardstick: HBM read once, by every core, with nothing done to it.
#include <algorithm>

#include "sim/kernel/case.h"

namespace aipu::kernel {
namespace {

constexpr std::uint32_t kMostTile = 256U << 10U;

class Stream : public Case {
 public:
  Stream(const Parameters& p, const config::Board& board)
      : bytes_(std::uint64_t{p.count("kib", 1, 1U << 24U)} << 10U),
        tile_(p.count("tile", 64, kMostTile)),
        cores_(p.count("cores", 1, board.aipu.cores)),
        peak_(static_cast<double>(hbm::peak_bytes_per_second(board.aipu.hbm))) {}

  void build(Builder& builder) override {
    hc_launch_t e{};
    e.kernel = HC_KERNEL_STREAM;
    e.core_count = e.phase_signals = cores_;
    e.args.stream.src = builder.hbm(bytes_).raw;
    e.args.stream.bytes = bytes_;
    e.args.stream.tile = tile_;
    builder.launch(0, e);
  }
  Expected expected() const override {
    const std::uint64_t tiles = (bytes_ + tile_ - 1) / tile_;
    Expected e;
    // A fence ends the share of a core.
    e.commands = {{"load", tiles}, {"store", cores_}, {"tensor", 0}, {"vector", 0}};
    e.hbm_read = bytes_;
    e.hbm_written = 0;
    return e;
  }
  std::map<std::string, double> bounds() const override {
    return {{"hbm", static_cast<double>(bytes_) / peak_}};
  }
  double error(const Reader&) const override { return 0; }

 private:
  const std::uint64_t bytes_;
  const std::uint32_t tile_, cores_;
  const double peak_;
};

}  // namespace

std::vector<Kind> stream_kinds() {
  return {{"stream",
           "reads HBM once by all cores: what memory gives",
           {{"kib", "65536", "KiB read"},
            {"tile", "32768", "bytes of a load"},
            {"cores", "32", "that take part"}},
           0,
           [](const Parameters& p, const config::Board& board) {
             return std::make_unique<Stream>(p, board);
           }}};
}

}  // namespace aipu::kernel

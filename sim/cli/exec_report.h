// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "hw/config/board.h"
#include "sim/platform/platform.h"
#include "sim/report/snapshot.h"

namespace aipu::cli {

/// What `hc1000 exec` knows at the end of a run.
struct ExecRecord {
  struct Exit {
    CoreId core;
    std::uint32_t code = 0;
    std::uint64_t time_ps = 0;
  };
  /// Sums over one AIPU's harts that ran the program.
  struct Harts {
    std::uint64_t instructions = 0, cycles = 0;
  };

  std::string program, command;
  config::Board board;
  std::uint32_t cores = 0;  ///< of every AIPU
  platform::Ending ending;
  std::vector<Exit> exits;  ///< in order of time
  std::vector<Harts> harts;
  report::Snapshot snapshot;

  double seconds() const { return static_cast<double>(ending.elapsed_ps) * 1e-12; }
  std::uint64_t hbm_read() const, hbm_written() const;
  /// Bytes per second of all AIPUs, over the whole run.
  double hbm_bandwidth() const;
  double hbm_peak() const;
  /// Busy part of the engines of one kind, of those cores that ran; 0..1.
  double busy(const char* kind) const;
};

/// summary.json, without host times: equal runs, equal bytes.
std::string exec_json(const ExecRecord& record);

/// Some lines for a terminal.
void print_exec(std::ostream& out, const ExecRecord& record);

}  // namespace aipu::cli

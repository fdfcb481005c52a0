// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/load/elf.h"
#include "sim/profile/code_map.h"
#include "sim/profile/engine_probe.h"
#include "sim/profile/hart_probe.h"
#include "sim/profile/mark_probe.h"
#include "sim/profile/request.h"
#include "sim/profile/result.h"
#include "tlm/board/board.h"
#include "tlm/core/host_port.h"

namespace aipu::profile {

/// "aipu3.core17", or "aipu3.control" for the core after the compute cores.
std::string core_name(CoreId id, std::uint32_t compute_cores);

/// Throws ConfigError where the request's glob names no core of such a board.
void check_cores(const Request& request, std::uint32_t aipus, std::uint32_t compute_cores);

/// Follows the harts, engines and markers of a board from its construction to its destruction: make
/// it before the harts start, destroy it after the board has stopped for good. Changes no simulated
/// time. The request has passed check_cores().
class Collector {
 public:
  Collector(const Request& request, board::Board& board, Hertz clock, const load::Elf& core,
            const load::Elf& control);
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  /// Firmware wrote this word to `mark`, now.
  void mark(CoreId id, std::uint32_t word);
  /// Everything up to now; once, after the run.
  Result result();

 private:
  struct Probe;
  void follow(chip::Core& core, bool control);

  const Request request_;
  board::Board& board_;
  const Hertz clock_;
  const CodeMap core_map_, control_map_;
  Records records_;
  std::vector<std::unique_ptr<Probe>> probes_;
};

}  // namespace aipu::profile

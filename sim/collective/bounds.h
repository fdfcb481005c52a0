// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "hw/config/board.h"
#include "sim/collective/spec.h"

namespace aipu::collective {

/// The alpha-beta model of a module (hw/docs/collectives.md, "Bounds").
struct Fabric {
  double alpha_s = 0;           ///< a message of one flit of payload: command to effect, no memory
  double bytes_per_second = 0;  ///< payload of an AIPU per direction: header flits taken off
};
Fabric fabric_of(const config::Board& board);

/// The least time of a collective by its closed form, in seconds. `algorithm` is not kAuto.
double bound_s(const Spec& spec, Algorithm algorithm, const Fabric& fabric);

/// The algorithm of least bound; the first one of equals.
Algorithm choose_algorithm(const Spec& spec, const Fabric& fabric);

/// Below so many bytes one-shot has the smaller bound: alpha B / (p - 1 - 2 (p - 1) / p).
double one_shot_limit(std::uint32_t ranks, const Fabric& fabric);

/// busbw / algbw by the definitions of nccl-tests.
double bus_factor(const Spec& spec);

}  // namespace aipu::collective

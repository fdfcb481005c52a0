// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/hbm/config.h"
#include "sim/memory/replay.h"
#include "sim/memory/source.h"

namespace aipu::memory {

/// The same as replay() through the SystemC model hbm::Subsystem and a stock TLM-2.0 initiator: a
/// simple_initiator_socket, four phases, payloads of one atom from a pool, no extension. One
/// BEGIN_REQ at a time, at the later of its arrival and the end of the request before it.
///
/// With one pseudo-channel and `front_queue` 0 every number is that of replay(), but for devices
/// with half CK and `open_buffer`, where it may see half a CK late that a place has become free;
/// with several this source waits for each of them. A process can do this once: it holds one
/// simulation.
Replay replay_through_tlm(const hbm::Config& device, Source& source,
                          const std::vector<hbm::CommandSink*>& sinks = {});

}  // namespace aipu::memory

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
/// With one pseudo-channel, `front_queue` 0 and `open_buffer` 0 every number is that of replay();
/// with several this source waits for each of them, and with an open buffer it may see that a place
/// has become free a cycle off. A process can do this once: it holds one simulation.
Replay replay_through_tlm(const hbm::Config& device, Source& source,
                          const std::vector<hbm::CommandSink*>& sinks = {});

}  // namespace aipu::memory

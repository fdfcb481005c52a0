// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm>

#include "tlm/core/stats.h"
#include "tlm/core/storage.h"

namespace aipu::sram {

/// What the memories of this block count.
struct Stats : StatGroup {
  Counter reads{*this, "reads", Unit::kCount, "read requests served"};
  Counter writes{*this, "writes", Unit::kCount, "write requests served"};
  Counter read{*this, "read", Unit::kBytes, "bytes read by requests"};
  Counter written{*this, "written", Unit::kBytes, "bytes written by requests"};
  Counter errors{*this, "errors", Unit::kCount, "requests outside the memory"};
};

/// Serves the bytes of a payload from `storage` and sets its response: byte enables and streaming
/// width are honoured, phantom bytes have none (PhantomExtension). Counts in `stats`.
/// Returns whether the access was legal.
bool access(Storage& storage, tlm::tlm_generic_payload& payload, Stats& stats);

/// transport_dbg: as access(), without statistics; returns the number of bytes, none of a phantom.
unsigned debug_access(Storage& storage, tlm::tlm_generic_payload& payload);

/// Grants the real part of `storage` for reading and writing.
bool grant_dmi(Storage& storage, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);

}  // namespace aipu::sram

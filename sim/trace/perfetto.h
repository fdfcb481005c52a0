// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/profile/result.h"

namespace aipu::trace {

inline constexpr const char* kTraceFile = "trace.pftrace.gz";

/// The single records of a profile as a gzip-compressed Perfetto trace (TrackEvent protobufs). Same
/// result, same bytes.
///
/// Tracks: AIPU > core > `hart`, `markers`, and one for each queue; a queue that runs several
/// commands at once has as many tracks as it needs. Times are nanoseconds, rounded down; every
/// slice carries its exact begin and length as arguments `begin_ps` and `ps`.
std::string perfetto_trace(const profile::Result& result);

}  // namespace aipu::trace

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "sim/fabric/load_run.h"
#include "sim/fabric/setup.h"

namespace aipu::fabric {

/// One object: the setup, the measures of all traffic, those of each class (`classes`), of each
/// tier (`tiers`) and of each direction of each link (`links`).
std::string to_json(const Setup& setup, const LoadResult& result);
/// The same of a sweep: the setup, and under `points` the measures of each load, without links.
std::string to_json(const Setup& setup, const std::vector<LoadResult>& sweep);

/// The verdict in the first line, then tables.
void print(std::ostream& out, const Setup& setup, const LoadResult& result);
/// A line for each load.
void print(std::ostream& out, const Setup& setup, const std::vector<LoadResult>& sweep);

}  // namespace aipu::fabric

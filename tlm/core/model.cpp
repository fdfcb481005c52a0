// SPDX-License-Identifier: Apache-2.0
#include "tlm/core/model.h"

namespace aipu {

Model::Model(const sc_core::sc_module_name& name) : sc_module(name) {}
Model::~Model() = default;

std::vector<TimeShare> Model::time_shares(std::uint64_t) const {
  return {};
}

}  // namespace aipu

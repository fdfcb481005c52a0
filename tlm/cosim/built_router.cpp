// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/built_router.h"

namespace aipu::cosim {

bool built_router_has_twin() {
  return AIPU_RTL_HAS_TWIN;
}

}  // namespace aipu::cosim

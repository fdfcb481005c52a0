// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/built_router.h"

namespace aipu::cosim {

bool built_router_has_twin() {
  return AIPU_RTL_HAS_TWIN;
}

const char* no_rtl() {
  return "this build has no RTL switch: install Verilator (Debian package verilator) and configure "
         "again with -DAIPU_RTL=ON";
}

}  // namespace aipu::cosim

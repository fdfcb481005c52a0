// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace aipu::cosim {

/// Whether this build's router has the cycles of SwitchCore, so that lockstep makes sense. False
/// for a user's own, built with AIPU_RTL_TIMING=any (hw/docs/rtl.md, "Another router").
bool built_router_has_twin();

/// What to tell who asks for RTL where none is built, without a place.
const char* no_rtl();

}  // namespace aipu::cosim

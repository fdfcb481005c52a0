# SPDX-License-Identifier: Apache-2.0
# find_package(hc1000): the firmware SDK and the program (hc1000_PROGRAM). Found with the prefix in
# CMAKE_PREFIX_PATH, or its bin folder in PATH.
cmake_path(SET hc1000_prefix NORMALIZE ${CMAKE_CURRENT_LIST_DIR}/../../..)
include(${hc1000_prefix}/share/hc1000/firmware/sdk/hc1000-firmware.cmake)
set(hc1000_PROGRAM ${hc1000_prefix}/bin/hc1000)

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <systemc>

// SystemC's library calls sc_main only from its own main(); tests bring their own main and never
// leave elaboration to it, so the symbol only has to exist.
int sc_main(int, char**);
int sc_main(int, char**) {
  return 0;
}

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

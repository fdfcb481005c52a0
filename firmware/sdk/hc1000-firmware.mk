# SPDX-License-Identifier: Apache-2.0
# Firmware by make: `include PREFIX/share/hc1000/firmware/sdk/hc1000-firmware.mk` gives the rule
#
#   NAME.elf: a.o b.o      with `include` first and the objects of the program named
#
# and the variables HC1000_SDK, HC1000_CC, HC1000_CFLAGS, HC1000_LDFLAGS.
HC1000_FLAGS_DIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
HC1000_SDK := $(abspath $(HC1000_FLAGS_DIR)/../..)
HC1000_CC ?= riscv64-unknown-elf-gcc
HC1000_CFLAGS := @$(HC1000_FLAGS_DIR)/gcc.flags @$(HC1000_FLAGS_DIR)/common.flags -I$(HC1000_SDK) -I$(HC1000_SDK)/generated
HC1000_LDFLAGS := @$(HC1000_FLAGS_DIR)/link.flags -T$(HC1000_SDK)/firmware/boot/core.ld
HC1000_RUN_TIME := $(addprefix $(HC1000_SDK)/firmware/,boot/crt0.S boot/start.c boot/memory.c rt/rt.c rt/collective.c)

%.o: %.c
	$(HC1000_CC) $(HC1000_CFLAGS) -MMD -c $< -o $@

%.elf:
	$(HC1000_CC) $(HC1000_CFLAGS) $(HC1000_LDFLAGS) $(HC1000_RUN_TIME) $^ -o $@

-include $(wildcard *.d)

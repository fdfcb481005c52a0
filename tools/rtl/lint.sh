#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The RTL as three tools read it: Verilator with every warning an error, Yosys to registers and logic
# without latches or loops, Icarus. Run from the root by `tools/dev rtl`.
set -euo pipefail
mapfile -t files < rtl/files.txt
mapfile -t sva < <(cat rtl/sva/files.txt rtl/cover/files.txt)
readonly top=directcom_switch
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for ports in 4 5 16 32; do
  for speedup in 1 2; do
    verilator --lint-only -Wall --unroll-count 4 --top-module $top -GPorts=$ports \
      -GSpeedup=$speedup "${files[@]}"
    verilator --lint-only -Wall --assert --unroll-count 4 --top-module $top -GPorts=$ports \
      -GSpeedup=$speedup -Irtl/sva -Irtl/cover "${files[@]}" "${sva[@]}"
  done
done

for speedup in 1 2; do
  yosys -q -p "read_verilog -defer -sv ${files[*]}
    chparam -set Ports 4 -set Speedup $speedup -set PoolWidth 2 -set Depth 64 $top
    hierarchy -check -top $top; proc; opt_clean
    select -assert-none t:\$dlatch t:\$_DLATCH_*; check -assert" >"$work/yosys.log" 2>&1 ||
    { tail -5 "$work/yosys.log"; exit 1; }
done

# Notes that whole vectors are in a sensitivity list are harmless.
if iverilog -g2012 -o "$work/switch.vvp" -s $top "${files[@]}" 2>&1 | grep -v -e sorry -e 'warning: A for statement'; then
  exit 1
fi
[[ -s $work/switch.vvp ]]
echo "rtl: clean"

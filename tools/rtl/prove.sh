#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The proofs of rtl/formal with Yosys and ABC's PDR, unbounded. Run from the root by `tools/dev formal`.
set -euo pipefail
mapfile -t files < rtl/files.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

prove() { # the name of a proof
  local log=$work/$1.log
  yosys -q -p "read_verilog -defer -formal -sv ${files[*]} rtl/formal/$1.sv; hierarchy -check -top $1
    prep -flatten -top $1; async2sync; dffunmap; memory_map; setundef -undriven -anyseq; opt_clean
    techmap; opt -fast -nosdff; dffunmap; abc -g AND -fast; opt_clean; write_aiger -zinit $work/$1.aig" >"$log" 2>&1 || { cat "$log"; return 1; }
  yosys-abc -c "read_aiger $work/$1.aig; fold; strash; pdr -T ${2:-60}" >>"$log" 2>&1
  if grep -q "Property proved" "$log"; then
    echo "$1: proved"
  else
    tail -5 "$log"
    echo "$1: NOT proved"
    return 1
  fi
}

for proof in rr_pick_proof slot_stack_proof packet_lists_proof; do
  prove $proof
done

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The proofs of rtl/formal/proofs.yaml with Yosys and ABC. Run from the root by `tools/dev formal`.

Prints a line for each: module, bound, what came out, and which of its controls were found. A control
is the same proof on a copy of the RTL with a bug put in, or with an assumption left out: it must
fail, or the proof says nothing. Exit status 1 when anything is not as listed, 2 for a bad table.
"""
import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

TABLE = Path("rtl/formal/proofs.yaml")
SOURCES = Path("rtl/files.txt")
SKIPPED = 77  # exit status, as ctest knows it
PROVED, FAILED, OPEN = "proved", "fails", "open"
KEYS = {"name", "top", "says", "engine", "cycles", "seconds", "long", "parameters", "when", "proved",
        "controls"}

READ = ("read_verilog -defer -formal -sv {files}\n{chparam}\nhierarchy -check -top {top}\n"
        "prep -flatten -nomem -top {top}\nasync2sync\ndffunmap\n")
ARRAYS = "memory_collect\nmemory_map\n"
# Registers without a start value start with any.
AIGER = ("opt_clean\ntechmap\nsetundef -undriven -anyseq\nsetundef -anyseq\n"
         "aigmap\nopt_clean\nwrite_aiger -zinit {aiger}\n")
# From any state, by Yosys' own solver. Arrays become registers, so that a write is a change. What
# Yosys makes of variables in clocked blocks are not registers of the design: any value.
STATE = ("read_verilog -defer -formal -sv {files}\n{chparam}\nhierarchy -check -top {top}\n"
         "proc\nflatten\n"
         "select -set variables w:*unnamed_block* w:*fordecl_block* w:*memwr* w:*mem2reg_* "
         "w:*bitselwrite* w:*lookahead* %u %u %u %u %u %ci1 t:$dff t:$adff %u %i\n"
         "delete @variables\nmemory_collect\nmemory_map\nasync2sync\ndffunmap\n"
         "select -assert-none t:$dffe t:$adff* t:$sdff* t:$aldff* t:$dffsr* t:$dlatch* t:$_* t:$mem*\n")
# One step: before anything is optimised, the assertion that every register keeps its value.
KEEPS = ("techmap -map rtl/formal/keeps_value.v -max_iter 1\nselect -assert-any t:$assert\n"
         "sat -prove-asserts -seq 1 {when} -timeout {seconds}\n")
# In the cycle behind any: `proved`, where `when` holds; a name with `now` in front only there.
FOLLOWS = "sat -seq 2 -prove-skip 1 -prove {claim} {when} -timeout {seconds}\n"
SOLVED = r"SAT proof finished - no model found: SUCCESS"
# What ABC is told, and prints for a proof; for a counterexample it prints the last.
ENGINES = {"pdr": ("pdr -T {seconds}", r"Property proved"),
           "bmc": ("bmc3 -F {cycles} -T {seconds}", r"No output asserted in {cycles} frames"),
           "keeps": (KEEPS, SOLVED), "follows": (FOLLOWS, SOLVED)}
COUNTEREXAMPLE = r"was asserted in frame|SAT proof finished - model found: FAIL"


class TableError(Exception):
    """The table does not fit the files."""


def read_table():
    proofs = yaml.safe_load(TABLE.read_text())
    for proof in proofs:
        unknown = set(proof) - KEYS
        if unknown:
            raise TableError(f"{TABLE}: {proof.get('name')}: unknown {sorted(unknown)}")
        if not proof.get("controls"):
            raise TableError(f"{TABLE}: {proof['name']}: a proof needs a control")
        if any(control.get("without") not in (None, *proof.get("when", []))
               for control in proof["controls"]):
            raise TableError(f"{TABLE}: {proof['name']}: a control leaves out what is not assumed")
        if proof["engine"] not in ENGINES:
            raise TableError(f"{TABLE}: {proof['name']}: engine {proof['engine']}; "
                             f"one of {', '.join(ENGINES)}")
    return proofs


def sources(proof, control, folder):
    """The files of a run: those of the tree, with the control's bug in a copy."""
    files = SOURCES.read_text().split()
    if proof["engine"] in ("pdr", "bmc"):
        files.append(f"rtl/formal/{proof['top']}.sv")
    if not control or "in" not in control:
        return files
    text = Path(control["in"]).read_text()
    if text.count(control["replace"]) != 1:
        raise TableError(f"{TABLE}: `{control['replace']}` is {text.count(control['replace'])} "
                         f"times in {control['in']}, not once")
    copy = folder / Path(control["in"]).name
    copy.write_text(text.replace(control["replace"], control["with"]))
    return [str(copy) if name == control["in"] else name for name in files]


def run(command, log):
    result = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            check=False)
    log.write_text(log.read_text() + result.stdout if log.exists() else result.stdout)
    return result


def assumed(proof, control):
    """What the solver assumes: `SIGNAL VALUE` in every cycle, `now SIGNAL VALUE` in the last."""
    lines = [line for line in proof.get("when", []) if line != (control or {}).get("without")]
    return " ".join(f"-set-at 2 {line[4:]}" if line.startswith("now ") else f"-set {line}"
                    for line in lines)


def conclude(text, proved):
    if re.search(COUNTEREXAMPLE, text):
        return FAILED
    return PROVED if re.search(proved, text) else OPEN


def attempt(proof, control, folder):
    """Runs a proof, or one of its controls, in its own folder: (result, seconds, log)."""
    folder.mkdir()
    begin = time.monotonic()
    parameters = {**proof.get("parameters", {}), **((control or {}).get("parameters", {}))}
    seconds = proof.get("seconds", 60)
    chparam = "chparam " + " ".join(f"-set {k} {v}" for k, v in parameters.items()) if parameters \
        else ""
    fill = {"files": " ".join(sources(proof, control, folder)), "top": proof["top"],
            "chparam": f"{chparam} {proof['top']}" if chparam else "",
            "when": assumed(proof, control), "claim": proof.get("proved"),
            "aiger": folder / "proof.aig", "seconds": seconds, "cycles": proof.get("cycles")}
    log = folder / "log"
    script = folder / "script.ys"
    command, proved = (text.format(**fill) for text in ENGINES[proof["engine"]])
    by_abc = proof["engine"] in ("pdr", "bmc")
    script.write_text((READ + ARRAYS + AIGER).format(**fill) if by_abc
                      else STATE.format(**fill) + command)
    made = run(["yosys", "-Q", "-T", str(script)], log)
    if made.returncode == 0 and by_abc:
        made = run(["yosys-abc", "-c", f"read_aiger {fill['aiger']}; fold; strash; {command}"], log)
    result = conclude(made.stdout, proved) if made.returncode == 0 else OPEN
    return result, time.monotonic() - begin, log


def bound(proof):
    return {"pdr": "unbounded", "keeps": "any state", "follows": "any state"}.get(proof["engine"],
                                                         f"{proof.get('cycles')} cycles")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="only these (default: all but the long ones)")
    parser.add_argument("--long", action="store_true", help="the long ones too")
    parser.add_argument("--list", action="store_true", help="only lists")
    parser.add_argument("-j", type=int, default=os.cpu_count(), help="runs at a time")
    arguments = parser.parse_args()
    proofs = read_table()
    unknown = set(arguments.names) - {proof["name"] for proof in proofs}
    if unknown:
        raise TableError(f"no proof {', '.join(sorted(unknown))} in {TABLE}; there are " +
                         ", ".join(proof["name"] for proof in proofs))
    if arguments.names:
        proofs = [proof for proof in proofs if proof["name"] in arguments.names]
    elif not arguments.long:
        proofs = [proof for proof in proofs if not proof.get("long")]
    if arguments.list:
        for proof in proofs:
            print(f"{proof['name']:22} {bound(proof):11} {proof['top']:24} {proof['says']}")
        return 0
    if not shutil.which("yosys"):
        print("prove: skipped, Yosys is not here (Debian package `yosys`)", file=sys.stderr)
        return SKIPPED
    with tempfile.TemporaryDirectory() as work:
        return prove_all(proofs, arguments.j, Path(work))


def prove_all(proofs, jobs, work):
    good = True
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        runs = {proof["name"]: [pool.submit(attempt, proof, control, work / f"{proof['name']}{k}")
                                for k, control in enumerate([None, *proof["controls"]])]
                for proof in proofs}
        for proof in proofs:
            (result, seconds, log), *controls = [run.result() for run in runs[proof["name"]]]
            found = sum(control[0] == FAILED for control in controls)
            print(f"{proof['name']:22} {bound(proof):11} {result:7} {seconds:5.1f} s   "
                  f"controls found {found} of {len(controls)}", flush=True)
            if result != PROVED:
                print("".join(log.read_text().splitlines(True)[-8:]), end="")
            for control, (outcome, _, control_log) in zip(proof["controls"], controls):
                if outcome != FAILED:
                    print(f"  NOT found ({outcome}): {control}")
                    if outcome == OPEN:
                        print("".join(control_log.read_text().splitlines(True)[-4:]), end="")
            good = good and result == PROVED and found == len(controls)
    print(f"{len(proofs)} proofs, {time.monotonic() - begin:.0f} s: "
          f"{'all as listed' if good else 'NOT as listed'}")
    return 0 if good else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (TableError, OSError, yaml.YAMLError) as error:
        print(f"prove: {error}", file=sys.stderr)
        sys.exit(2)

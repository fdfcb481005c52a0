#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the switch costs in hardware, by Yosys. Run from the root by `tools/dev synth`; writes
Markdown to standard output (or --out FILE), progress to standard error.

Whole switch: operators, flop bits and arrays before they become gates. An array with one write and
one read port counts as RAM (block RAM if its read is clocked), one with more as a register file.
Parts: generic gates and path after ABC, and what `synth_ecp5` maps, of one instance.
"""
import argparse
import re
import subprocess
import sys
import tempfile
import time
from math import ceil, log2
from pathlib import Path

SOURCES = Path("rtl/files.txt")
TOP = "directcom_switch"
CLASSES = 4
# Parameters of the Verilated switches (tools/cmake/AipuRtl.cmake).
BUILT = {"FlitWidth": 128, "Nodes": 1024, "PoolWidth": 5, "CreditWidth": 17, "Pipeline": 4,
         "OutFlits": 66}
DEPTH_PER_PORT = 2048

READ = "read_verilog -defer -sv {files}\nchparam {chparam} {top}\n"
ARRAYS = READ + """hierarchy -check -top {top}
proc
opt_clean
opt -fast
wreduce
memory -nomap
flatten
opt_clean
dump -o {folder}/arrays t:$mem_v2
tee -o {folder}/stat stat -width
"""
GATES = READ + """hierarchy -check -top {top}
synth -flatten -top {top} -run begin:fine
opt -fast -full
techmap
opt -fast
abc -fast
opt_clean
tee -o {folder}/stat stat
tee -o {folder}/path ltp -noff
"""
ECP5 = READ + """synth_ecp5 -top {top}
tee -o {folder}/stat stat
"""


class Failed(Exception):
    """Yosys gave up, or took too long."""


def yosys(script, top, parameters, seconds, folder):
    chparam = " ".join(f"-set {name} {value}" for name, value in parameters.items())
    path = folder / "script.ys"
    path.write_text(script.format(files=" ".join(SOURCES.read_text().split()), chparam=chparam,
                                  top=top, folder=folder))
    try:
        made = subprocess.run(["yosys", "-q", str(path)], text=True, capture_output=True,
                              check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Failed(f"not done in {seconds} s") from None
    if made.returncode != 0:
        raise Failed(made.stderr.strip().splitlines()[-1])
    found = re.findall(r"^\s+(\S+)\s+(\d+)\s*$", (folder / "stat").read_text(), re.M)
    return {name: int(count) for name, count in found}


def arrays(folder):
    """(name, bits, write ports, read ports, its read is clocked) of every array."""
    result = []
    for cell in re.split(r"(?=\n\s*cell \$mem_v2)", (folder / "arrays").read_text())[1:]:
        def number(name, text=cell):
            return int(re.search(rf"parameter(?: signed)? \\{name} (\d+)", text).group(1))
        name = re.search(r'MEMID "([^"]+)"', cell).group(1).lstrip("\\")
        clocked = re.search(r"RD_CLK_ENABLE \d+'(1+)\b", cell) is not None
        result.append((name, number("SIZE") * number("WIDTH"), number("WR_PORTS"),
                       number("RD_PORTS"), clocked))
    return result


def kib(bits):
    return f"{bits / 8192:,.1f}"


def whole(ports, speedup, seconds, folder):
    parameters = {**BUILT, "Ports": ports, "Speedup": speedup, "Depth": DEPTH_PER_PORT * ports + 1}
    counts = yosys(ARRAYS, TOP, parameters, seconds, folder)
    flops = sum(n * int(name.rsplit("_", 1)[1]) for name, n in counts.items()
                if re.match(r"\$a?(s?)dff", name))
    operators = sum(n for name, n in counts.items() if name.startswith("$")) - \
        sum(n for name, n in counts.items() if re.match(r"\$(a?s?dff|mem)", name))
    found = arrays(folder)
    flits = [array for array in found if array[0].endswith("data_mem")]
    wanted = ports * speedup  # of the inputs, and the FIFOs of the outputs
    if len(flits) != wanted or any(array[2:] != (1, 1, True) for array in flits):
        raise Failed(f"{len(flits)} flit memories inferred as block RAM, not {wanted}: {flits}")
    block = sum(bits for _, bits, write, read, clocked in found if (write, read) == (1, 1) and clocked)
    small = sum(bits for _, bits, write, read, clocked in found
                if (write, read) == (1, 1) and not clocked)
    files = sum(bits for _, bits, write, read, _ in found if (write, read) != (1, 1))
    widest = max(found, key=lambda array: array[2] * array[3])
    name = widest[0].rsplit(".", 1)[-1]
    return (f"{parameters['Depth']:,} | {ports * 32 * CLASSES:,} | {operators:,} | {flops:,} | "
            f"{kib(block)} | {kib(small)} | {kib(files)} | `{name}`, {widest[2]} and {widest[3]}")


def parts(ports):
    port = ceil(log2(ports))
    depth = DEPTH_PER_PORT * ports + 1
    slot = ceil(log2(depth))
    wide = {"Ports": ports, "PortWidth": port}
    return {"rr_pick": {"Width": ports, "IndexWidth": port},
            "accept_arbiter": wide, "kept_pick": wide, "turn_counters": wide,
            "class_scheduler": {}, "credit_step": {},
            "crossbar": {**wide, "FlitWidth": BUILT["FlitWidth"]},
            "flit_store": {"Depth": depth, "SlotWidth": slot, "FlitWidth": BUILT["FlitWidth"]},
            "output_unit": wide}


def part(name, parameters, seconds, folder):
    counts = yosys(GATES, name, parameters, seconds, folder)
    flops = sum(n for cell, n in counts.items() if re.match(r"\$_S?A?DFF", cell))
    gates = sum(n for cell, n in counts.items() if cell.startswith("$_")) - flops
    path = re.search(r"length=(\d+)", (folder / "path").read_text()).group(1)
    row = f"{gates:,} | {flops:,} | {path}"
    counts = yosys(ECP5, name, parameters, seconds, folder)
    cells = ("LUT4", "CCU2C", "TRELLIS_FF", "TRELLIS_DPR16X4", "DP16KD")
    return row + "".join(f" | {counts.get(cell, 0):,}" for cell in cells)


def measured(title, work):
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            row = work(Path(folder))
        except Failed as failure:
            row = str(failure)
    print(f"synth: {title}: {row} ({time.monotonic() - begin:.0f} s)", file=sys.stderr)
    return row


def heading(title, says, head):
    return [f"## {title}", "", says, "", f"| {head} |", "|" + "---|" * (head.count("|") + 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ports", type=int, nargs="*", default=[4, 5, 16], help="whole switches")
    parser.add_argument("--speedups", type=int, nargs="*", default=[1, 2], help="of them")
    parser.add_argument("--part-ports", type=int, nargs="*", default=[4, 16], help="parts")
    parser.add_argument("--seconds", type=int, default=600, help="limit of one run of Yosys")
    parser.add_argument("--out", type=Path, help="the file to write")
    arguments = parser.parse_args()
    lines = heading("The whole switch",
                    "Flits of 128 bit, 4 classes, 32 pools, 1,024 nodes, credit counters of 17 bit "
                    "(`tools/cmake/AipuRtl.cmake`). Arrays in KiB. Most ports: write and read.",
                    "ports | speed-up | flits an input | credit counters | operators | flops | "
                    "block RAM | other RAM | register files | array of most ports")
    for ports in arguments.ports:
        for speedup in arguments.speedups:
            row = measured(f"{ports} ports x {speedup}",
                           lambda folder, p=ports, s=speedup: whole(p, s, arguments.seconds, folder))
            lines.append(f"| {ports} | {speedup} | {row} |")
    lines += [""] + heading("Parts", "One instance each, same parameters: generic gates, flops and "
                            "longest path in gates (arrays stay arrays), then ECP5 cells.",
                            "ports | part | gates | flops | path | LUT4 | carry | flops | RAM 16x4 | "
                            "RAM 18 kbit")
    for ports in arguments.part_ports:
        for name, parameters in parts(ports).items():
            row = measured(f"{name}, {ports} ports",
                           lambda folder, n=name, p=parameters: part(n, p, arguments.seconds, folder))
            lines.append(f"| {ports} | `{name}` | {row} |")
    text = "\n".join(lines) + "\n"
    if arguments.out:
        arguments.out.write_text(text)
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())

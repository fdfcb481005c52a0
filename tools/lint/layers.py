#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may include whom: judges every `#include "room/block/file"` by the table below.

    layers.py [ROOT]

prints `file:line: room/block must not include room/block` for each other pair; exit code 1 if any.
"""
import re
import sys
from pathlib import Path

# One line per including part, first match decides. `@` stands for the including block's own name,
# `*` for any; "regs" are the headers generated from hw/regs. Everything may include itself.
ALLOWED = (
    ("hw/base", ()),
    ("hw/config", ("hw/*",)),
    ("hw/*", ("hw/base", "regs")),
    ("tlm/core", ("hw/base", "regs")),
    ("tlm/chip", ("hw/*", "tlm/*", "regs", "!tlm/board")),
    ("tlm/board", ("hw/*", "tlm/*", "regs")),
    ("tlm/cosim", ("hw/*", "tlm/core", "tlm/directcom", "regs")),
    ("tlm/host", ("hw/base", "hw/program", "tlm/core", "regs")),
    ("tlm/*", ("hw/base", "hw/@", "tlm/core", "regs")),
    ("sim/*", ("hw/*", "tlm/*", "sim/*", "regs")),
    # Firmware is C: it shares the machine's numbers (generated) and the layout of programs, no C++.
    ("firmware/hal", ("regs",)),
    ("firmware/rt", ("firmware/hal", "hw/program", "regs")),
    ("firmware/kernels", ("firmware/rt", "firmware/hal", "hw/program", "regs")),
    ("firmware/*", ("firmware/*", "hw/program", "regs")),
    ("tests/*", ("hw/*", "tlm/*", "sim/*", "firmware/*", "rtl/*", "tests/*", "regs")),
)
ROOMS = ("hw", "tlm", "sim", "firmware", "tests")
SUFFIXES = (".h", ".cpp", ".c", ".inc", ".S")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def part(path):
    """`hw/dma/plan.h` is of part hw/dma; files right below a room are of the room itself."""
    names = path.split("/")
    if names[0] in ("regs", "generated"):
        return "regs"
    return "/".join(names[:2]) if len(names) > 2 else names[0]


def matches(pattern, name, own):
    pattern = pattern.replace("@", own.split("/")[-1])
    if pattern.endswith("/*"):
        return name.split("/")[0] == pattern[:-2]
    return pattern == name


def allowed(source, target):
    if source == target:
        return True
    rule = next((targets for who, targets in ALLOWED if matches(who, source, source)), ())
    if any(t.startswith("!") and matches(t[1:], target, source) for t in rule):
        return False
    return any(matches(t, target, source) for t in rule if not t.startswith("!"))


def check(root):
    """Yields (place, message) for every include that breaks the table."""
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix not in SUFFIXES or not path.is_file():
                continue
            name = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                found = INCLUDE.match(line)
                if not found:
                    continue
                target = found.group(1)
                if "/" not in target or target.startswith("."):
                    own = room == "tests" or part(name) == "firmware/sdk"
                    if not own:  # guest programs of tests and the skeleton of users stand on their own
                        yield f"{name}:{number}", f'"{target}" is not written from the root'
                elif not allowed(part(name), part(target)):
                    yield f"{name}:{number}", f"{part(name)} must not include {part(target)} ({target})"


def main(arguments):
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2]
    errors = list(check(root))
    for place, message in errors:
        print(f"{place}: {message}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes one copy of the RTL that holds all mutants, each selected at run time.

    mutate.py ROOT FILES.txt MUTANTS.yaml OUT

Every place of a mutant becomes `(mutant_pkg::selected == N ? (mutated) : (original))`, where N is its
place in the table, from 1 on; with another number the copy is the original. OUT gets the copies,
`files.txt` (all files, in order) and `mutants.inc` (rows for C++). An anchor that is not found exactly
once is an error: one line, exit code 1.
"""
import re
import sys
from pathlib import Path

import yaml

PACKAGE = """// SPDX-License-Identifier: Apache-2.0
// Which mutant is on: 0 none. Asked once, when the model starts.
package mutant_pkg;
  import "DPI-C" function int mutant_selected();
  int selected = mutant_selected();
endpackage
"""
KEYS = {"id", "file", "in", "original", "mutated", "breaks", "found_by", "speedup"}


class Refused(Exception):
    """What is wrong with the table, in one line."""


def pattern(text):
    """The text, whatever its white space."""
    return re.compile(r"\s+".join(re.escape(word) for word in text.split()))


def find(text, wanted, where):
    found = list(pattern(wanted).finditer(text))
    if len(found) != 1:
        raise Refused(f"{where}: '{wanted}' is there {len(found)} times, must be once")
    return found[0].span()


def place(mutant, text):
    """Where the original expression is in the text of its file."""
    where = f"mutant {mutant['id']}, {mutant['file']}"
    begin = 0
    if "in" in mutant:
        begin, end = find(text, mutant["in"], where)
        text = text[begin:end]
    low, high = find(text, mutant["original"], where)
    return begin + low, begin + high


def mutate(text, mutants):
    """The text with all (number, mutant) of its file; several may share one place."""
    places = {}
    for number, mutant in mutants:
        places.setdefault(place(mutant, text), []).append((number, mutant))
    ordered = sorted(places)
    for before, after in zip(ordered, ordered[1:]):
        if after[0] < before[1]:
            names = [places[p][0][1]["id"] for p in (before, after)]
            raise Refused(f"mutants {names[0]} and {names[1]} overlap")
    for span in reversed(ordered):
        original = text[span[0]:span[1]]
        choice = f"({original})"
        for number, mutant in places[span]:
            choice = f"((mutant_pkg::selected == {number}) ? ({mutant['mutated']}) : {choice})"
        text = text[:span[0]] + choice + text[span[1]:]
    return text


def check(mutants):
    seen = set()
    for mutant in mutants:
        name = mutant.get("id", "?")
        missing = KEYS - {"in", "speedup"} - set(mutant)
        if missing or set(mutant) - KEYS:
            odd = sorted(missing or set(mutant) - KEYS)
            raise Refused(f"mutant {name}: {'missing' if missing else 'unknown'} {', '.join(odd)}")
        if name in seen:
            raise Refused(f"mutant {name} is there twice")
        seen.add(name)


def row(number, mutant):
    def text(key):
        return '"' + str(mutant[key]).replace("\\", "\\\\").replace('"', '\\"') + '"'
    found = ", ".join(text(key) for key in ("id", "file", "breaks", "found_by"))
    return f"{{{number}, {mutant.get('speedup', 1)}, {found}}},\n"


def write(path, text):
    """Only what is new: its time stamp makes the build."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main(root, files, table, out):
    root, out = Path(root), Path(out)
    mutants = list(enumerate(yaml.safe_load(Path(table).read_text()), 1))
    check([mutant for _, mutant in mutants])
    out.mkdir(parents=True, exist_ok=True)
    names = [line.strip() for line in (root / files).read_text().splitlines() if line.strip()]
    unknown = {mutant["file"] for _, mutant in mutants} - set(names)
    if unknown:
        raise Refused(f"{sorted(unknown)[0]} is not in {files}")
    write(out / "mutant_pkg.sv", PACKAGE)
    listed = ["mutant_pkg.sv"]
    for name in names:
        mine = [(number, mutant) for number, mutant in mutants if mutant["file"] == name]
        write(out / Path(name).name, mutate((root / name).read_text(), mine))
        listed.append(Path(name).name)
    write(out / "files.txt", "".join(name + "\n" for name in listed))
    write(out / "mutants.inc", "".join(row(number, mutant) for number, mutant in mutants))


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except Refused as refused:
        sys.exit(f"mutate.py: {refused}")

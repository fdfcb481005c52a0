#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Generates C++, C and SystemVerilog headers and a Markdown page from each YAML file of hw/regs.

    generate.py OUT_DIR FILE.yaml...

writes OUT_DIR/regs/NAME.h (C++), OUT_DIR/c/regs/NAME.h (C11), OUT_DIR/sv/NAME_pkg.sv and
OUT_DIR/md/NAME.md, and OUT_DIR/md/index.md for all of them. A file describes a register `block`, a `command` (words and opcodes of a queue
entry), the common `abi`, or the address `map`. Overlapping registers, fields or words, keys that are
unknown or given twice, and bad values end with `file:line: message` and exit code 2.
"""
import re
import sys
from pathlib import Path

import yaml

ACCESS = {"ro", "rw", "wo", "rw1c"}
SYNC = {"none": 0, "read": 1, "write": 2, "both": 3}
TOP_KEYS = {"doc", "stride", "registers", "words", "opcodes", "enums", "windows"}
REGISTER_KEYS = {"name", "offset", "count", "access", "reset", "sync", "doc", "fields"}
WORD_KEYS = {"name", "index", "doc", "fields"}
FIELD_KEYS = {"name", "bits", "doc"}
ENUM_KEYS = {"doc", "values"}
WINDOW_KEYS = {"name", "block", "base", "size", "doc", "instances"}
KINDS = ("block", "command", "abi", "map")
NAME = re.compile(r"[a-z][a-z0-9_]*")


class Bad(Exception):
    """A mistake in a description; `item` is the mapping it was found in."""

    def __init__(self, item, message):
        super().__init__(message)
        self.line = getattr(item, "line", 1)


class Map(dict):
    """A YAML mapping that knows its line, and the document what was written behind its opcodes."""

    notes = {}


class Loader(yaml.SafeLoader):
    def construct_lined_map(self, node):
        result = Map()
        result.line = node.start_mark.line + 1
        yield result
        for key, _ in node.value:
            name = self.construct_object(key)
            if name in result:
                key_map = Map()
                key_map.line = key.start_mark.line + 1
                raise Bad(key_map, f"key '{name}' is given twice")
            result[name] = None
        result.update(self.construct_mapping(node, deep=True))


Loader.add_constructor("tag:yaml.org,2002:map", Loader.construct_lined_map)


def need(condition, item, message):
    if not condition:
        raise Bad(item, message)


def camel(name):
    return "k" + "".join(part.capitalize() for part in name.split("_"))


def check_keys(item, allowed, needed, where):
    need(isinstance(item, dict), item, f"{where}: must be a mapping")
    for key in item:
        need(key in allowed, item, f"{where}: unknown key '{key}' (one of {', '.join(sorted(allowed))})")
    for key in needed:
        need(key in item, item, f"{where}: needs '{key}'")


def check_word(item, value, where):
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 32
    need(fits, item, f"{where}: {value} is not an unsigned 32-bit number")


def check_values(item, values, where):
    """Names of codes: spelled as identifiers, each code once."""
    seen = {}
    for name, value in values.items():
        need(NAME.fullmatch(str(name)), values, f"{where}: '{name}' is not a lower-case name")
        check_word(values, value, f"{where}.{name}")
        need(value not in seen, values, f"{where}.{name}: has the code of {seen.get(value)}")
        seen[value] = name


def check_named(items, allowed, needed):
    """The members of a list: known keys, identifiers, each name once."""
    seen = set()
    for item in items:
        name = item.get("name") if isinstance(item, dict) else item
        check_keys(item, allowed, ("name", *needed), name)
        need(NAME.fullmatch(str(name)), item, f"'{name}' is not a lower-case name")
        need(name not in seen, item, f"{name}: is listed twice")
        seen.add(name)


def span(field):
    """(high, low) of a field's `bits`; (-1, 0) when they do not read high:low."""
    bits = re.fullmatch(r"(\d+):(\d+)", str(field["bits"]))
    return tuple(int(x) for x in bits.groups()) if bits else (-1, 0)


def check_fields(owner):
    used = 0
    check_named(owner.get("fields", []), FIELD_KEYS, ("bits",))
    for field in owner.get("fields", []):
        where = f"{owner['name']}.{field['name']}"
        high, low = span(field)
        need(31 >= high >= low, field, f"{where}: bits {field['bits']} are not high:low in 31..0")
        mask = ((1 << (high - low + 1)) - 1) << low
        need(not used & mask, field, f"{where}: bits overlap another field")
        used |= mask


def check_registers(doc):
    taken = {}
    check_named(doc.get("registers", []), REGISTER_KEYS, ("offset", "access"))
    for reg in doc.get("registers", []):
        name = reg["name"]
        need(reg["access"] in ACCESS, reg, f"{name}: access must be one of {sorted(ACCESS)}")
        need(reg.get("sync", "none") in SYNC, reg, f"{name}: sync must be one of {sorted(SYNC)}")
        for key in ("offset", "count", "reset"):
            check_word(reg, reg.get(key, 0), f"{name}.{key}")
        need(reg["offset"] % 4 == 0, reg, f"{name}: offset must be a multiple of 4")
        need(reg.get("count", 1) >= 1, reg, f"{name}: count must be at least 1")
        for i in range(reg.get("count", 1)):
            at = reg["offset"] + 4 * i
            need(at not in taken, reg, f"{name}: overlaps {taken.get(at)} at {at:#x}")
            need(at < doc.get("stride", 1 << 32), reg, f"{name}: lies behind the stride")
            taken[at] = name
        check_fields(reg)


def check_words(doc):
    taken = {}
    check_named(doc.get("words", []), WORD_KEYS, ("index",))
    for word in doc.get("words", []):
        name, index = word["name"], word["index"]
        need(isinstance(index, int) and 0 <= index < 32, word, f"{name}: index must be 0..31")
        need(index not in taken, word, f"{name}: overlaps {taken.get(index)}")
        taken[index] = name
        check_fields(word)


def check_windows(doc):
    windows = doc.get("windows", [])
    check_named(windows, WINDOW_KEYS, ("base", "size"))
    for window in windows:
        name = window["name"]
        for key in ("base", "size"):
            check_word(window, window[key], f"{name}.{key}")
        need(window["size"] > 0 and window["base"] + window["size"] <= 1 << 32, window,
             f"{name}: does not fit into 32 bits of address")
        for other in windows:
            apart = (window["base"] + window["size"] <= other["base"]
                     or other["base"] + other["size"] <= window["base"])
            need(window is other or apart, window, f"{name}: overlaps {other['name']}")


def check(doc):
    need(isinstance(doc, dict), doc, "the file must be one mapping")
    kind = next((k for k in KINDS if k in doc), None)
    need(kind, doc, f"no kind: one of {', '.join(KINDS)} must name it")
    check_keys(doc, TOP_KEYS | {kind}, ("doc",), doc[kind])
    need(NAME.fullmatch(str(doc[kind])), doc, f"'{doc[kind]}' is not a lower-case name")
    check_registers(doc)
    check_words(doc)
    check_windows(doc)
    check_values(doc, doc.get("opcodes", {}), "opcodes")
    for enum, body in doc.get("enums", {}).items():
        check_keys(body, ENUM_KEYS, ("values",), f"enums.{enum}")
        check_values(body, body["values"], f"enums.{enum}")
    return kind, doc[kind]


def constants(doc, kind):
    """Yields (upper-case C name, value, comment): the one list behind every output language."""
    for window in doc.get("windows", []):
        yield f"{window['name']}_base", window["base"], window.get("doc", f"block {window.get('block')}")
        yield f"{window['name']}_size", window["size"], ""
    if "stride" in doc:
        yield "stride", doc["stride"], "bytes between instances"
    for reg in doc.get("registers", []):
        yield reg["name"], reg["offset"], f"{reg['access']}: {reg.get('doc', '')}"
        if "count" in reg:
            yield f"{reg['name']}_count", reg["count"], ""
        yield from field_constants(reg)
    for word in doc.get("words", []):
        yield f"w_{word['name']}", word["index"], word.get("doc", "")
        yield from field_constants(word)
    for name, value in doc.get("opcodes", {}).items():
        yield f"op_{name}", value, ""
    for enum, body in doc.get("enums", {}).items():
        for name, value in body["values"].items():
            yield f"{enum}_{name}", value, ""


def field_constants(owner):
    for field in owner.get("fields", []):
        high, low = span(field)
        yield f"{owner['name']}_{field['name']}_shift", low, field.get("doc", "")
        yield f"{owner['name']}_{field['name']}_width", high - low + 1, ""


def number(value):
    return f"{value:#x}" if value > 9 else str(value)


def cpp(doc, kind, name):
    lines = ["// Generated by tools/regs/generate.py; edit hw/regs instead.", "#pragma once", "",
             "#include <cstdint>", "", f"/// {doc['doc'].strip()}", f"namespace aipu::regs::{name} {{", ""]
    for const, value, comment in constants(doc, kind):
        tail = f"  ///< {comment}" if comment else ""
        lines.append(f"constexpr std::uint32_t {camel(const)} = {number(value)}U;{tail}")
    if doc.get("registers"):
        lines += ["", "enum class Access : std::uint8_t { kRo, kRw, kWo, kRw1c };",
                  "enum class Sync : std::uint8_t { kNone, kRead, kWrite, kBoth };",
                  "struct Register {", "  const char* name;", "  std::uint32_t offset;",
                  "  std::uint32_t count;", "  Access access;", "  Sync sync;",
                  "  std::uint32_t reset;", "};", "constexpr Register kRegisters[] = {"]
        for reg in doc["registers"]:
            lines.append(f'    {{"{reg["name"]}", {number(reg["offset"])}U, {reg.get("count", 1)}U, '
                         f'Access::{camel(reg["access"])}, Sync::{camel(reg.get("sync", "none"))}, '
                         f'{number(reg.get("reset", 0))}U}},')
        lines.append("};")
    for enum, body in named_sets(doc):
        lines += ["", f"/// Name of a value of `{enum}`, or \"?\".",
                  f"constexpr const char* {enum}_name(std::uint32_t value) {{", "  switch (value) {"]
        lines += [f'    case {number(v)}U: return "{n}";' for n, v in body.items()]
        lines += ['    default: return "?";', "  }", "}"]
    lines += ["", f"}}  // namespace aipu::regs::{name}", ""]
    return "\n".join(lines)


def named_sets(doc):
    if "opcodes" in doc:
        yield "opcode", doc["opcodes"]
    for enum, body in doc.get("enums", {}).items():
        yield enum, body["values"]


def c_header(doc, kind, name):
    lines = ["/* Generated by tools/regs/generate.py; edit hw/regs instead. */", "#pragma once", "",
             f"/* {doc['doc'].strip()} */"]
    for const, value, comment in constants(doc, kind):
        tail = f" /* {comment} */" if comment else ""
        lines.append(f"#define HC_{name.upper()}_{const.upper()} {number(value)}u{tail}")
    return "\n".join(lines) + "\n"


def sv(doc, kind, name):
    lines = ["// Generated by tools/regs/generate.py; edit hw/regs instead.", f"package {name}_pkg;"]
    for const, value, comment in constants(doc, kind):
        upper = "".join(part.capitalize() for part in const.split("_"))
        tail = f"  // {comment}" if comment else ""
        lines.append(f"  localparam int unsigned {upper} = 32'h{value:x};{tail}")
    lines.append("endpackage")
    return "\n".join(lines) + "\n"


TITLES = {"block": "register block", "command": "command queue entry", "abi": "common words and codes",
          "map": "address map"}


def table(head, rows):
    """A Markdown table behind an empty line; none without rows."""
    if not rows:
        return []
    cells = [[str(c).replace("|", "\\|") for c in row] for row in rows]
    return ["", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + [f"| {' | '.join(r)} |" for r in cells]


def field_rows(owners):
    return [(f"`{o['name']}.{f['name']}`", f["bits"], o.get("access", ""), f.get("doc", ""))
            for o in owners for f in o.get("fields", [])]


def opcode_notes(text):
    """What stands behind the opcodes in the file: `add: 1  # dst = src0 + src1`."""
    notes, inside = {}, False
    for line in text.splitlines():
        if not line.startswith(" "):
            inside = line.startswith("opcodes:")
        found = re.match(r"\s+(\w+):\s*\d+\s*#\s*(.*)", line)
        if inside and found:
            notes[found.group(1)] = found.group(2).strip()
    return notes


def markdown(doc, kind, name):
    lines = [f"# {name}: {TITLES[kind]}", "", "From `hw/regs` by `tools/regs/generate.py`. [All pages](index.md)", "",
             doc["doc"].strip()]
    if "stride" in doc:
        lines += ["", f"One instance every {doc['stride']:#x} bytes."]
    lines += table(("window", "base", "size", "block", "instances"),
                   [(f"`{w['name']}`", f"{w['base']:#010x}", f"{w['size']:#x}",
                     f"[{w['block']}]({w['block']}.md)" if "block" in w else w.get("doc", ""),
                     ", ".join(w.get("instances", []))) for w in doc.get("windows", [])])
    lines += table(("register", "offset", "access", "sync", "reset", "meaning"),
                   [(f"`{r['name']}[{r['count']}]`" if "count" in r else f"`{r['name']}`", f"{r['offset']:#x}",
                     r["access"], r.get("sync", "none"), f"{r.get('reset', 0):#x}", r.get("doc", ""))
                    for r in doc.get("registers", [])])
    if kind == "command":
        lines += ["", "Words 0 to 4 (waits and adds) are those of [every command](abi.md)."]
    lines += table(("opcode", "code", "what it does"),
                   [(f"`{n}`", v, doc.notes.get(n, "")) for n, v in doc.get("opcodes", {}).items()])
    lines += table(("word", "index", "meaning"),
                   [(f"`{w['name']}`", w["index"], w.get("doc", "")) for w in doc.get("words", [])])
    lines += table(("field", "bits", "access", "meaning"),
                   field_rows(doc.get("registers", []) + doc.get("words", [])))
    for enum, body in doc.get("enums", {}).items():
        lines += ["", f"`{enum}`: {body.get('doc', '')}"]
        lines += table((enum, "code"), [(f"`{n}`", f"{v:#x}") for n, v in body["values"].items()])
    return "\n".join(lines) + "\n"


def index(docs):
    """The page of all pages."""
    lines = ["# Registers and commands", "",
             "What firmware reads, writes and enqueues; made from `hw/regs/*.yaml`. Access: ro, rw, wo, rw1c (a write",
             "clears). Sync: an access of this kind lets simulated time catch up with the hart first."]
    lines += table(("page", "kind", "registers, opcodes, codes"),
                   [(f"[{name}]({name}.md)", TITLES[kind],
                     ", ".join(f"`{n}`" for n in [*(r["name"] for r in doc.get("registers", [])),
                                                  *doc.get("opcodes", {}), *doc.get("enums", {}),
                                                  *(w["name"] for w in doc.get("windows", []))]))
                    for doc, kind, name in docs])
    return "\n".join(lines) + "\n"


OUTPUTS = (("regs/{}.h", cpp), ("c/regs/{}.h", c_header), ("sv/{}_pkg.sv", sv), ("md/{}.md", markdown))


def write(target, text):
    """Leaves a file that is as it should be alone: nothing is built again for it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists() or target.read_text() != text:
        target.write_text(text)


def main(arguments):
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    out = Path(arguments[0])
    docs = []
    for path in arguments[1:]:
        try:
            text = Path(path).read_text()
            doc = yaml.load(text, Loader)
            kind, name = check(doc)
        except Bad as error:
            print(f"{path}:{error.line}: {error}", file=sys.stderr)
            return 2
        except yaml.MarkedYAMLError as error:
            print(f"{path}:{error.problem_mark.line + 1}: {error.problem}", file=sys.stderr)
            return 2
        except (OSError, yaml.YAMLError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 2
        doc.notes = opcode_notes(text)
        docs.append((doc, kind, name))
        for pattern, render in OUTPUTS:
            write(out / pattern.format(name), render(doc, kind, name))
    write(out / "md/index.md", index(docs))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

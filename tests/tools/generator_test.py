# SPDX-License-Identifier: Apache-2.0
"""tools/regs/generate.py: what it refuses, and the ABI as firmware sees it."""
import contextlib
import io
import os
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/regs"))
import generate as generator  # noqa: E402

GOLDEN = ROOT / "tests/golden/regs"

BLOCK = """\
block: sample
doc: A block for these tests.
registers:
  - {name: first, offset: 0x0, access: rw, doc: "one"}
"""
COMMAND = """\
command: sample
doc: A command for these tests.
words:
  - {name: first, index: 5}
"""
MAP = """\
map: sample
doc: A map for these tests.
windows:
  - {name: low, base: 0x1000, size: 0x1000}
"""

# What is appended to a good description, and the line and words of the refusal.
REFUSED = (
    (BLOCK, "  - {name: second, offset: 0x0, access: rw}", 5, "second: overlaps first at 0x0"),
    (BLOCK, "  - {name: wide, offset: 0x8, count: 4, access: rw}\n"
            "  - {name: inside, offset: 0x10, access: rw}", 6, "inside: overlaps wide at 0x10"),
    (BLOCK, "  - {name: first, offset: 0x4, access: rw}", 5, "first: is listed twice"),
    (BLOCK, "  - {name: second, offset: 0x4, acess: rw}", 5, "second: unknown key 'acess'"),
    (BLOCK, "  - {name: second, offset: 0x4}", 5, "second: needs 'access'"),
    (BLOCK, "  - {name: second, offset: 0x6, access: rw}", 5, "offset must be a multiple of 4"),
    (BLOCK, "  - {name: second, offset: 0x4, access: r}", 5, "access must be one of"),
    (BLOCK, "  - {name: second, offset: 0x4, access: rw, sync: all}", 5, "sync must be one of"),
    (BLOCK, "  - {name: second, offset: 0x4, access: rw, reset: 0x100000000}", 5,
     "second.reset: 4294967296 is not an unsigned 32-bit number"),
    (BLOCK, "  - {name: second, offset: 0x4, offset: 0x8, access: rw}", 5, "given twice"),
    (BLOCK, "  - {name: Second, offset: 0x4, access: rw}", 5, "not a lower-case name"),
    (BLOCK, "  - name: second\n    offset: 0x4\n    access: rw\n    fields:\n"
            "      - {name: a, bits: \"3:0\"}\n      - {name: b, bits: \"7:3\"}", 10,
     "second.b: bits overlap another field"),
    (BLOCK, "  - {name: second, offset: 0x4, access: rw, fields: [{name: a, bits: \"0:3\"}]}", 5,
     "second.a: bits 0:3 are not high:low in 31..0"),
    (BLOCK, "  - {name: second, offset: 0x4, access: rw, fields: [{name: a, bits: \"32:0\"}]}", 5,
     "not high:low"),
    (BLOCK, "  - {name: second, offset: 0x4, access: rw, fields: [{name: a, bits: five}]}", 5,
     "not high:low"),
    (BLOCK, "colour: red", 1, "unknown key 'colour'"),
    (BLOCK, "stride: 0x0", 4, "first: lies behind the stride"),
    (BLOCK, "  - [", 6, "expected"),
    (COMMAND, "  - {name: second, index: 5}", 5, "second: overlaps first"),
    (COMMAND, "  - {name: second, index: 32}", 5, "index must be 0..31"),
    (COMMAND, "opcodes: {copy: 1, fill: 1}", 5, "opcodes.fill: has the code of copy"),
    (COMMAND, "enums:\n  mode: {value: {a: 1}}", 6, "enums.mode: unknown key 'value'"),
    (MAP, "  - {name: high, base: 0x1fff, size: 0x10}", 4, "low: overlaps high"),
    (MAP, "  - {name: high, base: 0xfffff000, size: 0x2000}", 5, "does not fit into 32 bits"),
    ("doc: nothing\n", "", 1, "no kind"),
    ("- a\n", "", 1, "must be one mapping"),
)


def generate(out, *files):
    """Exit code and stderr of the generator."""
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors):
        code = generator.main([str(out), *map(str, files)])
    return code, errors.getvalue()


def expected_rows(doc):
    """How every entry of a file begins its row of the page."""
    for r in doc.get("registers", []):
        label = f"{r['name']}[{r['count']}]" if "count" in r else r["name"]
        yield (f"| `{label}` | {r['offset']:#x} | {r['access']} | {r.get('sync', 'none')} | {r.get('reset', 0):#x} |")
    for owner in doc.get("registers", []) + doc.get("words", []):
        for field in owner.get("fields", []):
            yield f"| `{owner['name']}.{field['name']}` | {field['bits']} | {owner.get('access', '')} |"
    for w in doc.get("words", []):
        yield f"| `{w['name']}` | {w['index']} |"
    for opcode, code in doc.get("opcodes", {}).items():
        yield f"| `{opcode}` | {code} |"
    for enum in doc.get("enums", {}).values():
        for value, code in enum["values"].items():
            yield f"| `{value}` | {code:#x} |"
    for window in doc.get("windows", []):
        yield f"| `{window['name']}` | {window['base']:#010x} | {window['size']:#x} |"


class GeneratorTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_a_mistake_is_refused_with_file_and_line(self):
        for good, bad, line, words in REFUSED:
            with self.subTest(bad=bad or good):
                (self.folder / "bad.yaml").write_text(good + bad + "\n")
                code, errors = generate(self.folder / "out", self.folder / "bad.yaml")
                self.assertEqual(code, 2, errors)
                self.assertIn(f"bad.yaml:{line}: ", errors)
                self.assertIn(words, errors)
                self.assertFalse((self.folder / "out").exists())

    def test_a_missing_file_and_no_file_are_refused(self):
        self.assertEqual(generate(self.folder / "out", self.folder / "missing.yaml")[0], 2)
        self.assertEqual(generate(self.folder / "out")[0], 2)

    def test_every_language_gets_every_constant(self):
        (self.folder / "good.yaml").write_text(
            BLOCK + '  - {name: last, offset: 0x40, access: ro, fields: [{name: tag, bits: "7:4"}]}\n')
        self.assertEqual(generate(self.folder / "out", self.folder / "good.yaml")[0], 0)
        for file, texts in {
            "regs/sample.h": ("kLast = 0x40U;", "kLastTagShift = 4U;", "kLastTagWidth = 4U;"),
            "c/regs/sample.h": ("#define HC_SAMPLE_LAST 0x40u", "#define HC_SAMPLE_LAST_TAG_SHIFT 4u"),
            "sv/sample_pkg.sv": ("Last = 32'h40;", "LastTagShift = 32'h4;"),
            "md/sample.md": ("| `last` | 0x40 | ro |", "| `last.tag` | 7:4 |"),
        }.items():
            text = (self.folder / "out" / file).read_text()
            for wanted in texts:
                self.assertIn(wanted, text)

    def test_the_reference_names_everything_with_its_page(self):
        sources = sorted((ROOT / "hw/regs").glob("*.yaml"))
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(generator.main([folder, *map(str, sources)]), 0)
            index = (Path(folder) / "md/index.md").read_text()
            for source in sources:
                doc = generator.yaml.safe_load(source.read_text())
                name = next(doc[kind] for kind in generator.KINDS if kind in doc)
                page = (Path(folder) / f"md/{name}.md").read_text()
                self.assertIn(f"({name}.md)", index)
                for row in expected_rows(doc):
                    self.assertIn(row, page, f"{source.name}: {row}")
                for entry in [*(r["name"] for r in doc.get("registers", [])), *doc.get("opcodes", {})]:
                    self.assertIn(f"`{entry}`", index)

    def test_every_opcode_says_what_it_does(self):
        for source in sorted((ROOT / "hw/regs").glob("*.yaml")):
            text = source.read_text()
            notes = generator.opcode_notes(text)
            for opcode in generator.yaml.safe_load(text).get("opcodes", {}):
                self.assertTrue(notes.get(opcode), f"{source.name}: {opcode} has no note behind it")

    def test_unchanged_output_keeps_its_time(self):
        (self.folder / "good.yaml").write_text(BLOCK)
        header = self.folder / "out/regs/sample.h"
        generate(self.folder / "out", self.folder / "good.yaml")
        os.utime(header, (1, 1))
        generate(self.folder / "out", self.folder / "good.yaml")
        self.assertEqual(header.stat().st_mtime, 1)

    def test_the_abi_is_the_golden_one(self):
        files = sorted(str(path) for path in (ROOT / "hw/regs").glob("*.yaml"))
        self.assertEqual(generate(self.folder / "out", *files)[0], 0)
        for golden in ("abi.h", "dma.h"):
            text = (self.folder / "out/c/regs" / golden).read_text()
            if "AIPU_GOLDEN_UPDATE" in os.environ:
                GOLDEN.mkdir(parents=True, exist_ok=True)
                (GOLDEN / golden).write_text(text)
            self.assertEqual(text, (GOLDEN / golden).read_text(),
                             "the ABI changed: review the difference, then `tools/dev golden`")


if __name__ == "__main__":
    unittest.main()

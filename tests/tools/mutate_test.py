# SPDX-License-Identifier: Apache-2.0
"""tools/rtl/mutate.py: what it writes, and what it refuses in one line."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/rtl"))
import mutate  # noqa: E402

TEXT = "assign a = b +\n    c;\nassign d = b + e;\n"


def mutant(number, **more):
    return number, {"id": f"m{number}", "file": "a.sv", "original": "b + c", "mutated": "b", **more}


class MutateTest(unittest.TestCase):
    def test_an_expression_becomes_a_choice_whatever_its_white_space(self):
        out = mutate.mutate(TEXT, [mutant(3)])
        self.assertEqual(out, "assign a = ((mutant_pkg::selected == 3) ? (b) : (b +\n    c));\n"
                              "assign d = b + e;\n")

    def test_mutants_of_one_place_are_a_chain(self):
        out = mutate.mutate(TEXT, [mutant(1), mutant(2, mutated="c")])
        self.assertIn("((mutant_pkg::selected == 2) ? (c) : ((mutant_pkg::selected == 1) ? (b) : "
                      "(b +\n    c)))", out)

    def test_a_longer_text_tells_places_apart(self):
        out = mutate.mutate(TEXT, [mutant(1, original="b", mutated="e", **{"in": "d = b + e"})])
        self.assertIn("assign d = ((mutant_pkg::selected == 1) ? (e) : (b)) + e;", out)

    def test_an_anchor_must_be_there_once(self):
        for original, times in (("b + x", 0), ("b", 2)):
            with self.assertRaisesRegex(mutate.Refused, f"mutant m1, a.sv: '.*' is there {times} times"):
                mutate.mutate(TEXT, [mutant(1, original=original)])

    def test_places_must_not_overlap(self):
        with self.assertRaisesRegex(mutate.Refused, "m1 and m2 overlap"):
            mutate.mutate(TEXT, [mutant(1), mutant(2, original="c;\nassign d")])

    def test_the_table_of_this_tree_fits_its_rtl(self):
        with tempfile.TemporaryDirectory() as out:
            table = ROOT / "tests/rtl/mutants/mutants.yaml"
            mutate.main(ROOT, "rtl/files.txt", table, out)
            copies = (Path(out) / "files.txt").read_text().split()
            self.assertEqual(copies[0], "mutant_pkg.sv")
            for name in copies:
                self.assertTrue((Path(out) / name).is_file())

    def test_a_mistake_is_one_line_and_exit_code_1(self):
        with tempfile.TemporaryDirectory() as out:
            table = Path(out) / "bad.yaml"
            table.write_text("- id: x\n  file: rtl/none.sv\n  original: a\n  mutated: b\n"
                             "  breaks: c\n  found_by: d\n")
            done = subprocess.run([sys.executable, ROOT / "tools/rtl/mutate.py", ROOT, "rtl/files.txt",
                                   table, out], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr, "mutate.py: rtl/none.sv is not in rtl/files.txt\n")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The judge of the coverage (tools/rtl/coverage.py) refuses what it must. Argument: the root."""
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv.pop(1)) / "tools/rtl"))
import coverage  # noqa: E402

PLAN = {"a": {"id": "a", "meaning": "m", "test": "t"}, "b": {"id": "b", "meaning": "m", "test": "t"}}
POINTS = {("rtl/x.sv", 1, "sig[0]", ""): 1, ("rtl/x.sv", 1, "sig[1]", ""): 0}


class Bins(unittest.TestCase):
    def test_patterns_name_every_bin(self):
        self.assertEqual(coverage.expand("i{0..1}.c{1,3}"), ["i0.c1", "i0.c3", "i1.c1", "i1.c3"])

    def test_all_hit_is_no_error(self):
        self.assertEqual(coverage.judge_bins(PLAN, {"a": 1, "b": 2}), ([], [], (2, 2, 0)))

    def test_a_bin_that_is_not_hit_is_named(self):
        self.assertEqual(coverage.judge_bins(PLAN, {"a": 1, "b": 0})[1], ["bin b: not hit (m)"])

    def test_plan_and_program_name_the_same_bins(self):
        errors = coverage.judge_bins(PLAN, {"a": 1, "c": 1})[1]
        self.assertEqual(errors, ["bin c: sampled, not in the plan", "bin b: in the plan, not sampled"])

    def test_a_waiver_needs_a_reason_and_a_bin_that_is_not_hit(self):
        waived = dict(PLAN, b={"id": "b", "meaning": "m", "test": "t", "waived": ["b"]})
        self.assertEqual(coverage.judge_bins(waived, {"a": 1, "b": 0})[1], ["bin b: waived without a reason"])
        waived["b"]["reason"] = "r"
        self.assertEqual(coverage.judge_bins(waived, {"a": 1, "b": 0})[1], [])
        self.assertEqual(coverage.judge_bins(waived, {"a": 1, "b": 1})[1], ["bin b: waived, but hit"])


class Points(unittest.TestCase):
    def judge(self, waivers, goal=100.0):
        return coverage.judge_points("toggle", POINTS, waivers, goal)

    def test_what_is_missed_is_named_and_below_the_goal(self):
        _, errors, missed, figures = self.judge([])
        self.assertEqual(errors, ["toggle: 50.00 % is below 100.0 %"])
        self.assertEqual(missed, ["toggle rtl/x.sv:1: sig[1]: not hit"])
        self.assertEqual(figures, (1, 2, 0, 50.0))

    def test_a_waiver_takes_points_out(self):
        _, errors, missed, figures = self.judge([{"file": "x.sv", "point": r"sig\[1\]", "reason": "r"}])
        self.assertEqual((errors, missed, figures), ([], [], (1, 1, 1, 100.0)))

    def test_a_waiver_needs_a_reason_and_something_to_give_up(self):
        errors = self.judge([{"file": "x.sv", "point": r"sig\[1\]"},
                             {"file": "x.sv", "point": "other", "reason": "r"}])[1]
        self.assertEqual(errors, [r"waiver x.sv sig\[1\]: no reason", "waiver x.sv other: gives nothing up"])


if __name__ == "__main__":
    unittest.main()

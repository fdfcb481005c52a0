#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a covered test program and judges what it hit:

    coverage.py --root ROOT --program TEST --out DIR

Bins of the plan (tests/rtl/plan.yaml), line and toggle points of rtl/common and rtl/router, less
those that tests/rtl/waivers.yaml gives up with a reason. DIR gets merged.dat, merged.info, an HTML
tree where genhtml is found, and report.txt, which names every point that was not hit. Exit code 1
unless the program passes, all bins and lines and 98 % of the toggles are hit, plan and program name
the same bins, and every waiver still gives something up.
"""
import argparse
import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

TOGGLE_GOAL = 98.0  # per cent, after waivers
SOURCES = ("rtl/common/", "rtl/router/")
FIELD = re.compile("\x01([^\x02]+)\x02([^\x01']*)")


def expand(pattern):
    """`x{1,2}.o{0..3}` names eight bins."""
    parts = re.split(r"\{([^}]*)\}", pattern)
    choices = []
    for place, part in enumerate(parts):
        if place % 2 == 0:
            choices.append([part])
        elif ".." in part:
            first, last = map(int, part.split(".."))
            choices.append([str(n) for n in range(first, last + 1)])
        else:
            choices.append(part.split(","))
    return ["".join(c) for c in itertools.product(*choices)]


def read_points(path):
    """Of a merged coverage file: (fields, hits)."""
    for line in Path(path).read_text().splitlines():
        if line.startswith("C "):
            yield dict(FIELD.findall(line)), int(line.rsplit(" ", 1)[1])


def relative(name):
    """`/somewhere/rtl/router/x.sv` as seen from the root."""
    at = name.rfind("rtl/")
    return name[at:] if at >= 0 else name


def collect(files):
    """Line and toggle points summed over instances and models, cover properties one by one."""
    points = {"line": {}, "toggle": {}}
    bins = {}
    for path in files:
        for field, hits in read_points(path):
            kind = field["page"].split("/")[0].removeprefix("v_")
            source = relative(field["f"])
            if kind == "user":
                bins_id = user_bin(field, path)
                bins[bins_id] = bins.get(bins_id, 0) + hits
            elif source.startswith(SOURCES):
                kind = "toggle" if kind == "toggle" else "line"
                key = (source, int(field["l"]), field["o"], field.get("n", "0") if kind == "line" else "")
                points[kind][key] = points[kind].get(key, 0) + hits
    return points, bins


def user_bin(field, path):
    """`x1.out2.choice.UrgentGrant` of model, instance and label."""
    speedup = path.name.split(".")[0]
    place = field["h"].removeprefix("TOP.directcom_switch.u_cover.")
    return f"{speedup}.{re.sub(r'[][]', '', place)}"


def read_plan(path):
    """Bins of the plan: id -> entry; and errors."""
    planned, errors = {}, []
    for entry in yaml.safe_load(path.read_text()):
        for bin_id in expand(entry["id"]):
            if bin_id in planned:
                errors.append(f"plan: {bin_id} twice")
            planned[bin_id] = entry
        if not entry.get("meaning") or not entry.get("test"):
            errors.append(f"plan: {entry['id']} needs meaning and test")
    return planned, errors


def judge_bins(planned, bins):
    """Lines of the report, errors, (hit, of)."""
    errors = [f"bin {b}: sampled, not in the plan" for b in sorted(set(bins) - set(planned))]
    errors += [f"bin {b}: in the plan, not sampled" for b in sorted(set(planned) - set(bins))]
    hit, waived, notes = 0, 0, []
    for bin_id in sorted(set(planned) & set(bins)):
        entry = planned[bin_id]
        unreachable = bin_id in [w for p in entry.get("waived", []) for w in expand(p)]
        if unreachable and not entry.get("reason"):
            errors.append(f"bin {bin_id}: waived without a reason")
        if bins[bin_id]:
            hit += 1
            if unreachable:
                errors.append(f"bin {bin_id}: waived, but hit")
        elif unreachable:
            waived += 1
            notes.append(f"waived: bin {bin_id}: {entry.get('reason')}")
        else:
            errors.append(f"bin {bin_id}: not hit ({entry['meaning']})")
    return notes, errors, (hit, len(bins) - waived, waived)


def judge_points(kind, points, waivers, goal):
    """Same for line or toggle points: a waiver names file, kind and a pattern of the point."""
    errors, notes, missed = [], [], []
    used = {id(w): 0 for w in waivers}
    hit = 0
    for (source, line, name, _), hits in sorted(points.items()):
        if hits:
            hit += 1
            continue
        waiver = next((w for w in waivers if source.endswith(w["file"]) and
                       re.fullmatch(str(w["point"]), name if kind == "toggle" else f"{line}:{name}")),
                      None)
        if waiver is not None:
            used[id(waiver)] += 1
        else:
            missed.append(f"{kind} {source}:{line}: {name}: not hit")
    for w in waivers:
        if not w.get("reason"):
            errors.append(f"waiver {w['file']} {w['point']}: no reason")
        if not used[id(w)]:
            errors.append(f"waiver {w['file']} {w['point']}: gives nothing up")
        notes.append(f"waived: {used[id(w)]} {kind} points, {w['file']} {w['point']}: {w.get('reason')}")
    waived = sum(used.values())
    of = len(points) - waived
    share = 100.0 * hit / of if of else 0.0
    if share < goal:
        errors.append(f"{kind}: {share:.2f} % is below {goal} %")
    return notes, errors, missed, (hit, of, waived, share)


def judge(root, out, files, bins):
    """Writes report.txt; whether all is well."""
    points, user = collect(files)
    bins = {**bins, **user}
    planned, errors = read_plan(root / "tests/rtl/plan.yaml")
    waivers = yaml.safe_load((root / "tests/rtl/waivers.yaml").read_text()) or []
    notes, more, (hit, of, waived) = judge_bins(planned, bins)
    errors += more
    summary = [f"bins:    {hit} of {of} hit, {waived} waived"]
    for kind, goal in (("line", 100.0), ("toggle", TOGGLE_GOAL)):
        lines, more, missed, (hit, of, waived, share) = judge_points(
            kind, points[kind], [w for w in waivers if w["kind"] == kind], goal)
        notes += lines + missed
        errors += more
        summary.append(f"{kind + 's:':8} {hit} of {of} hit, {share:.2f} %, {waived} waived")
    (out / "report.txt").write_text("\n".join(summary + errors + notes) + "\n")
    print("\n".join(summary + errors[:60]))
    print(f"report: {out}/report.txt")
    return not errors


def run(program, out):
    """Runs the tests; whether they passed, and what they sampled."""
    environment = dict(os.environ, AIPU_COVERAGE_DIR=str(out))
    done = subprocess.run([program, "--gtest_brief=1"], env=environment, check=False)
    bins = {}
    for line in (out / "bins.txt").read_text().splitlines():
        bin_id, hits = line.rsplit(" ", 1)
        bins[bin_id] = int(hits)
    return done.returncode == 0, bins


def merge(root, out):
    """One file for each model, over all runs; one for all, also as HTML."""
    models = {}
    for path in sorted(out.glob("x*.dat")):
        models.setdefault(path.name.split(".")[0], []).append(path)
    files = []
    for model, paths in sorted(models.items()):
        files.append(out / f"{model}.merged")
        subprocess.run(["verilator_coverage", "--write", files[-1], *paths], check=True,
                       stdout=subprocess.DEVNULL)
        for path in paths:
            path.unlink()
    subprocess.run(["verilator_coverage", "--write-info", out / "merged.info", *files], check=True,
                   cwd=root, stdout=subprocess.DEVNULL)
    if shutil.which("genhtml"):
        subprocess.run(["genhtml", "--quiet", "--output-directory", out / "html",
                        out / "merged.info"], check=False, cwd=root, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    else:
        print("no HTML: genhtml (Debian package `lcov`) is not installed")
    return files


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("--root", "--program", "--out"):
        parser.add_argument(name, required=True, type=Path)
    args = parser.parse_args()
    if args.out.exists():
        shutil.rmtree(args.out)
    args.out.mkdir(parents=True)
    passed, bins = run(args.program, args.out)
    if not passed:
        print("the tests failed")
    return 0 if judge(args.root, args.out, merge(args.root, args.out), bins) and passed else 1


if __name__ == "__main__":
    sys.exit(main())

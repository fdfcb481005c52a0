#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follows firmware/TUTORIAL.md word by word and compares what is printed.

    tutorial_test.py CMAKE SOURCE_DIR BUILD_DIR [--renew]

Installs the SDK into a temporary folder, runs every `$` line of the ```console blocks there in order, each in
a shell of its own, and compares its output (both streams) with the lines below it. `[...]` in the page stands
for what depends on the host. --renew writes the real output into the page instead: review the difference.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
ANY = "[...]"


def commands(block):
    """Yields (command, output below it); a line ending in a backslash goes on."""
    command, output, open_line = None, [], False
    for line in block.splitlines():
        if open_line:
            command += "\n" + line
        elif line.startswith("$ "):
            if command is not None:
                yield command, "\n".join(output)
            command, output = line[2:], []
        else:
            output.append(line)
            continue
        open_line = line.endswith("\\")
    if command is not None:
        yield command, "\n".join(output)


def matches(expected, real):
    pattern = ".*".join(re.escape(part) for part in expected.split(ANY))
    return re.fullmatch(pattern, real) is not None


def run(command, folder, environment):
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.rstrip("\n")


def install(cmake, build, prefix):
    done = subprocess.run([cmake, "--install", build, "--prefix", prefix], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)


def renewed(page, results):
    """The page with real output, but for blocks that matched."""
    def replace(found):
        lines = []
        for command, expected in commands(found.group(1)):
            real = results[command].pop(0)
            text = expected if matches(expected, real) else real
            lines += ["$ " + command] + ([text] if text else [])
        return "```console\n" + "\n".join(lines) + "\n```"
    return BLOCK.sub(replace, page)


def main(cmake, source, build, renew):
    path = Path(source) / "firmware/TUTORIAL.md"
    page = path.read_text()
    results, count, bad = {}, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        install(cmake, build, f"{folder}/sdk")
        work = Path(folder) / "work"
        work.mkdir()
        environment = dict(os.environ, PATH=f"{folder}/sdk/bin:{os.environ['PATH']}", CMAKE_PREFIX_PATH="",
                           LC_ALL="C")
        for block in BLOCK.findall(page):
            for command, expected in commands(block):
                real = run(command, work, environment)
                results.setdefault(command, []).append(real)
                count += 1
                if not renew and not matches(expected, real):
                    bad += 1
                    print(f"$ {command}\nprinted:\n{real}\nthe page says:\n{expected}\n")
    if renew:
        path.write_text(renewed(page, results))
    print(f"tutorial: {count} commands, {bad} differ")
    return 1 if bad or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4], renew="--renew" in sys.argv[4:]))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs the SDK, moves it, and follows a user: new-kernel, CMake, both tests, make.

    install_test.py CMAKE SOURCE_DIR BUILD_DIR
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def run(words, **more):
    result = subprocess.run(words, capture_output=True, text=True, **more)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, words))}: exit code {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def check(good, what):
    if not good:
        sys.exit(what)


def check_no_path(prefix, folders):
    """No file of the SDK names the tree it came from."""
    for path in prefix.rglob("*"):
        if not path.is_file() or path.parent.name == "bin":  # the program: see the check of its firmware
            continue
        for folder in folders:
            check(folder.encode() not in path.read_bytes(), f"{path.relative_to(prefix)} names {folder}")


def main(cmake, source, build):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        run([cmake, "--install", build, "--prefix", folder / "first"])
        prefix = folder / "moved"
        (folder / "first").rename(prefix)
        check_no_path(prefix, [source, build, str(folder)])
        for name in ("abi", "control", "dma", "vector"):
            check((prefix / "share/doc/hc1000/reference" / f"{name}.md").is_file(), f"no reference of {name}")

        environment = dict(os.environ, PATH=f"{prefix}/bin:{os.environ['PATH']}", CMAKE_PREFIX_PATH="")
        at = {"cwd": folder, "env": environment}
        run(["hc1000", "new-kernel", "first_kernel"], **at)
        run([cmake, "-S", "first_kernel", "-B", "build"], **at)
        run([cmake, "--build", "build"], **at)
        out = run(["ctest", "--test-dir", "build", "--output-on-failure"], **at)
        check("100% tests passed, 0 tests failed out of 4" in out, out)
        elf = (folder / "build/first_kernel.elf").read_bytes()
        check(str(folder).encode() not in elf, "first_kernel.elf names the folder it was built in")

        # The numeric test can fail: a wrong element is found.
        result = folder / "build/out.bin"
        result.write_bytes(result.read_bytes()[:-4] + b"\0\0\x80\x3f")
        wrong = subprocess.run(["ctest", "--test-dir", "build", "-R", "check_numbers", "-FA", "."],
                               capture_output=True, text=True, **at)
        check(wrong.returncode != 0, "a wrong number went unnoticed")

        run(["make", "-C", "first_kernel"], **at)
        out = run(["hc1000", "exec", "first_kernel/first_kernel.elf", "--args", "0,4096,8192,100"], **at)
        check(out.startswith("good: first_kernel.elf"), out)


if __name__ == "__main__":
    main(*sys.argv[1:])

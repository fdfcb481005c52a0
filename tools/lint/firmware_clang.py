#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles the firmware with clang, warnings are errors, and links both programs with the cross gcc.

    firmware_clang.py ROOT BUILD_DIR

Exit code 1 for a warning, 77 (skipped) where clang or its RISC-V back end is missing.
"""
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDERS = ("boot", "rt", "kernels", "apps", "sdk/template")
PROGRAMS = ("core_main", "control_main")
SKIPPED = 77


def run(words):
    result = subprocess.run([str(w) for w in words], capture_output=True, text=True)
    return result.returncode, result.stdout + result.stderr


def find_clang():
    clang = shutil.which("clang")
    if clang is None:
        return None, "clang is not installed"
    code, targets = run([clang, "--print-targets"])
    return (clang, "") if code == 0 and "riscv32" in targets else (None, f"{clang} has no riscv32")


def headers_of_libc():
    """Where gcc finds picolibc: clang does not know of it."""
    code, text = run(["riscv64-unknown-elf-gcc", "--specs=picolibc.specs", "-xc", "-E", "-v", "/dev/null"])
    paths = [line.strip() for line in text.splitlines()
             if "picolibc" in line and Path(line.strip()).is_dir()]
    return paths[0] if code == 0 and paths else None


def sources(root):
    """Guest code: what is for the host in the skeleton stays out."""
    return [path for folder in FOLDERS for path in sorted((root / "firmware" / folder).glob("*.c"))
            if not path.name.startswith("test_")]


def link(root, objects, folder):
    """Both programs, of the objects that are not another program's."""
    sdk = root / "firmware/sdk"
    library = [o for path, o in objects.items() if path.parent.name in ("boot", "rt", "kernels")]
    for program in PROGRAMS:
        main = next(o for path, o in objects.items() if path.stem == program)
        code, text = run(["riscv64-unknown-elf-gcc", f"@{sdk}/gcc.flags", f"@{sdk}/link.flags",
                          f"-T{root}/firmware/boot/core.ld", root / "firmware/boot/crt0.S", main, *library,
                          "-o", folder / f"{program}.elf"])
        if code != 0:
            return f"{program}: {text}"
    return ""


def main(root, build):
    clang, why = find_clang()
    libc = headers_of_libc()
    if clang is None or libc is None:
        print(f"firmware by clang: skipped, {why or 'picolibc is not installed'}")
        return SKIPPED
    sdk = root / "firmware/sdk"
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        objects = {}
        for path in sources(root):
            objects[path] = Path(folder) / f"{path.parent.name}-{path.stem}.o"
            code, text = run([clang, f"@{sdk}/clang.flags", f"@{sdk}/common.flags", "-Werror", "-isystem", libc,
                              f"-I{root}", f"-I{build}/generated/c", "-c", path, "-o", objects[path]])
            if code != 0:
                failures += 1
                print(text, end="")
        problem = link(root, objects, Path(folder)) if failures == 0 else ""
        if problem:
            failures += 1
            print(problem, end="")
    print(f"firmware by clang: {len(objects)} files, {failures} bad")
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))

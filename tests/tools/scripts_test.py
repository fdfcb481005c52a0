# SPDX-License-Identifier: Apache-2.0
"""tools/run and tools/test on a tiny project, in a folder with spaces, from another folder."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The program prints its arguments, one a line, so that a test sees what tools/run made of them.
PROJECT = """\
cmake_minimum_required(VERSION 3.25)
project(tiny LANGUAGES NONE)
file(WRITE ${CMAKE_BINARY_DIR}/hc1000 "#!/bin/sh\\nprintf '%s\\\\n' \\"$@\\"\\nexit 3\\n")
file(CHMOD ${CMAKE_BINARY_DIR}/hc1000 PERMISSIONS OWNER_READ OWNER_EXECUTE)
add_custom_target(hc1000 ALL COMMAND ${CMAKE_COMMAND} -E echo building)
enable_testing()
add_test(NAME good.one COMMAND ${CMAKE_COMMAND} -E true)
add_test(NAME good.two COMMAND ${CMAKE_COMMAND} -E true)
add_test(NAME bad.one COMMAND ${CMAKE_COMMAND} -E false)
add_test(NAME lost.one COMMAND no-such-program)
"""


class ScriptsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = Path(cls.folder.name) / "a path with spaces"
        (cls.root / "tools").mkdir(parents=True)
        for name in ("run", "test", "setup.sh"):
            shutil.copy(ROOT / "tools" / name, cls.root / "tools" / name)
        (cls.root / "tools/packages.txt").write_text("# one that is always there\nbash # here\n")
        (cls.root / "CMakeLists.txt").write_text(PROJECT)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def start(self, tool, *arguments, **environment):
        return subprocess.run([self.root / "tools" / tool, *arguments], cwd=self.folder.name,
                              text=True, capture_output=True, check=False, timeout=60,
                              env={**os.environ, **environment})

    def last_line(self, result):
        return result.stdout.strip().splitlines()[-1]

    def test_passing_tests_are_counted_last(self):
        result = self.start("test", "-R", "good")
        self.assertEqual(self.last_line(result), "2 passed, 0 failed")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_a_failing_test_fails_the_command(self):
        result = self.start("test", "-R", "one", "-E", "lost")
        self.assertEqual(self.last_line(result), "1 passed, 1 failed")
        self.assertNotEqual(result.returncode, 0)

    def test_a_test_that_cannot_start_counts_as_failed(self):
        result = self.start("test", "-R", "lost|good")
        self.assertEqual(self.last_line(result), "2 passed, 1 failed")
        self.assertNotEqual(result.returncode, 0)

    def test_no_test_at_all_is_a_failure(self):
        result = self.start("test", "-R", "nothing-of-this-name")
        self.assertEqual(self.last_line(result), "0 passed, 0 failed")
        self.assertNotEqual(result.returncode, 0)

    def test_run_without_arguments_is_the_main_job(self):
        result = self.start("run")
        self.assertEqual(result.stdout.split(), "run --model llama-3.1-8b --aipus 16 --phase decode "
                                                "--batch 8 --context 4096 "
                                                "--set simulation.memory=fast".split())
        self.assertEqual(result.returncode, 3)  # the program's own

    def test_an_option_replaces_its_default(self):
        result = self.start("run", "--batch=32", "--context", "128")
        self.assertEqual(result.stdout.split(), "run --model llama-3.1-8b --aipus 16 --phase decode "
                                                "--set simulation.memory=fast "
                                                "--batch=32 --context 128".split())

    def test_a_directory_generates_text(self):
        (Path(self.folder.name) / "my model").mkdir(exist_ok=True)
        result = self.start("run", "my model", "--tokens", "8")
        self.assertEqual(result.stdout.splitlines(),
                         ["generate", "my model", "--prompt", "Once upon a time", "--aipus", "4",
                          "--tokens", "8"])

    def test_a_verb_is_passed_on(self):
        self.assertEqual(self.start("run", "explain", "aipu.hbm").stdout.split(),
                         ["explain", "aipu.hbm"])

    def test_what_is_missing_is_installed_and_only_that(self):
        tools = self.root.parent / "bin"
        tools.mkdir()
        log = tools / "log"
        for name, text in (("apt-get", f'echo "$@" >>"{log}"'), ("sudo", 'exec "$@"')):
            (tools / name).write_text(f"#!/bin/sh\n{text}\n")
            (tools / name).chmod(0o755)
        packages = self.root / "tools/packages.txt"
        before = packages.read_text()
        packages.write_text(before + "no-package-of-this-name\n")
        try:
            result = self.start("run", "--build-only", PATH=f"{tools}:{os.environ['PATH']}")
        finally:
            packages.write_text(before)
        self.assertEqual((result.returncode, result.stdout), (0, ""))
        self.assertEqual(log.read_text().splitlines(),
                         ["update -q",
                          "install -q -y --no-install-recommends no-package-of-this-name"])

    def test_build_only_stops_after_the_build(self):
        result = self.start("run", "--build-only")
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_a_moved_checkout_is_configured_anew(self):
        self.start("run", "--build-only")
        moved = self.root.parent / "moved"
        shutil.copytree(self.root, moved)
        result = subprocess.run([moved / "tools/run", "--build-only"], text=True,
                                capture_output=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        cache = (moved / "build/release/CMakeCache.txt").read_text()
        self.assertTrue(re.search(rf"^CMAKE_HOME_DIRECTORY:INTERNAL={moved}$", cache, re.M))


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs test/run in a copy of the tree with a fake meson: all parts run, and the last lines tell how they ended."""

import json
import os
import pathlib
import sys
import tempfile
import unittest

import support

PARTS = ["build/test", "build/test-clang-19", "build/test-printf-float"]

# Notes its words. A set-up makes the directory, and a test leaves there what the plan has for it: tests by name with
# their results, or None where it does not come so far.
MESON = f"""#!{sys.executable}
import json, os, pathlib, sys
root = pathlib.Path(__file__).resolve().parents[1]
words = sys.argv[1:]
with open(root / "meson-words", "a") as file:
    print(*words, file=file)
if words[0] == "setup":
    build = pathlib.Path(words[1])
    build.mkdir(parents=True, exist_ok=True)
    (build / "build.ninja").touch()
    sys.exit(0)
build = words[words.index("-C") + 1]
plan = json.loads((root / "plan.json").read_text())[build]
if plan is None:
    sys.exit(1)
logs = pathlib.Path(build, "meson-logs")
logs.mkdir(exist_ok=True)
with open(logs / "testlog.json", "w") as file:
    for name, result in plan.items():
        print(json.dumps({{"name": name, "result": result}}), file=file)
sys.exit(sum(result not in ("OK", "SKIP") for result in plan.values()))
"""

GOOD = {"vmbase:qemu / a": "OK", "vmbase:host / b": "OK", "vmbase:static / c": "SKIP"}


class TestRunTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vmbase-test-run-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.tree = self.root / "tree"
        support.copy_sources(self.tree)
        self.write_tool(self.root / "bin" / "meson", MESON)
        # The machine stays as it is, and nothing is fetched.
        self.write_tool(self.root / "bin" / "apt-get", "#!/bin/sh\n")
        self.write_tool(self.root / "bin" / "sudo", '#!/bin/sh\nexec "$@"\n')
        for name in "cross/debian/fetch_libfdt.py", "test/kvm/prepare.py":
            self.write_tool(self.tree / name, "#!/bin/sh\n")

    def write_tool(self, path, text):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def run_tests(self, *plans):
        """Runs with what becomes of each part. Returns the exit status and the lines behind the last command."""
        (self.root / "plan.json").write_text(json.dumps(dict(zip(PARTS, plans))))
        path = f"{self.root / 'bin'}{os.pathsep}{os.environ['PATH']}"
        env = support.environment(PATH=path)
        env.pop("VMBASE_KVM_HOST", None)
        status, output = support.run(self.tree / "test" / "run", cwd=self.root, env=env)
        return status, output.rpartition("\n\n")[2].splitlines()

    def parts_that_ran(self):
        lines = (self.root / "meson-words").read_text().splitlines()
        return [line.split()[line.split().index("-C") + 1] for line in lines if line.startswith("test ")]

    def test_all_is_well(self):
        status, lines = self.run_tests(GOOD, GOOD, GOOD)
        self.assertEqual(status, 0)
        part = "2 passed, 0 failed, 1 skipped"
        expected = [f"clang 14: {part}", f"clang 19: {part}", f"printf_float: {part}", "6 passed, 0 failed, 3 skipped"]
        self.assertEqual(lines, expected)
        self.assertEqual(self.parts_that_ran(), PARTS)

    def test_failures_are_named_and_keep_nothing_from_running(self):
        bad = {**GOOD, "vmbase:qemu / x": "FAIL", "vmbase:kvm / y, z": "TIMEOUT"}
        status, lines = self.run_tests(bad, GOOD, {**GOOD, "e": "ERROR"})
        self.assertEqual(status, 1)
        self.assertEqual(
            lines,
            [
                "clang 14: 2 passed, 2 failed, 1 skipped",
                "    FAIL: vmbase:qemu / x",
                "    TIMEOUT: vmbase:kvm / y, z",
                "clang 19: 2 passed, 0 failed, 1 skipped",
                "printf_float: 2 passed, 1 failed, 1 skipped",
                "    ERROR: e",
                "6 passed, 3 failed, 3 skipped",
            ],
        )
        self.assertEqual(self.parts_that_ran(), PARTS)

    def test_part_that_does_not_come_to_its_tests_has_failed(self):
        self.run_tests(GOOD, GOOD, GOOD)
        # What is left there of that run does not count.
        status, lines = self.run_tests(GOOD, None, GOOD)
        self.assertEqual(status, 1)
        self.assertEqual(
            lines[1:3], ["clang 19: 0 passed, 1 failed, 0 skipped", "    FAIL: exit status 1, before any test"]
        )
        self.assertEqual(lines[-1], "4 passed, 1 failed, 2 skipped")

    def test_part_without_tests_has_failed(self):
        status, lines = self.run_tests(GOOD, {}, GOOD)
        self.assertEqual(status, 1)
        self.assertEqual(lines[-1], "4 passed, 1 failed, 2 skipped")


if __name__ == "__main__":
    unittest.main(argv=["test_run_test.py"])

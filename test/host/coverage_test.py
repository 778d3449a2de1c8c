#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: coverage_test.py CLANG PERCENT FLAG... -- SOURCE... -- TEST[,SOURCE...]... [-- FILE...]

Builds a module's host tests with coverage, each of the module's SOURCEs and its
own, runs them, and fails where fewer than PERCENT of the SOURCEs' lines were
executed. A SOURCE may be a header, for its inline functions. Prints the lines
that were not executed. FILEs are files that the tests read.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
FLAGS = ["-std=gnu17", "-g", "-O0", "-fprofile-instr-generate", "-fcoverage-mapping"]


def split(words):
    """The parts between the words `--`."""
    parts = [[]]
    for word in words:
        if word == "--":
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def tools(clang):
    """llvm-profdata and llvm-cov of the compiler's version, which writes their format."""
    version = re.search(r"-\d+$", clang)
    suffix = version[0] if version else ""
    names = ("llvm-profdata" + suffix, "llvm-cov" + suffix)
    if missing := [name for name in names if shutil.which(name) is None]:
        print(f"skipped: no {missing[0]} (Debian: llvm{suffix})")
        sys.exit(SKIPPED)
    return names


def build(clang, directory, name, sources, flags):
    program = directory / name
    result = subprocess.run([clang, *FLAGS, *sources, "-o", str(program), *flags], check=False)
    if result.returncode != 0:
        probe = directory / "probe.c"
        probe.write_text("int main(void) { return 0; }\n", encoding="utf-8")
        command = [clang, *FLAGS, str(probe), "-o", str(directory / "probe")]
        if subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode != 0:
            print(f"skipped: {clang} has no coverage runtime (Debian: libclang-rt-dev)")
            sys.exit(SKIPPED)
        sys.exit(f"{name} does not build")
    return program


def main():
    parts = split(sys.argv[1:])
    if len(parts) not in (3, 4) or len(parts[0]) < 2 or not parts[1] or not parts[2]:
        raise SystemExit(__doc__)
    (clang, percent, *flags), sources, tests = parts[:3]
    # The names under which the coverage will be found.
    sources = [str(pathlib.Path(source).resolve()) for source in sources]
    compiled = [source for source in sources if source.endswith(".c")]
    profdata, cov = tools(clang)
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        programs, profiles = [], []
        for number, test in enumerate(tests):
            program = build(clang, directory, f"test{number}", [*test.split(","), *compiled], flags)
            profile = directory / f"test{number}.profraw"
            result = subprocess.run(
                [str(program)], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env={**os.environ, "LLVM_PROFILE_FILE": str(profile)},
            )
            if result.returncode != 0:
                print(result.stdout.decode(errors="replace"))
                sys.exit(f"{test} fails")
            programs.append(str(program))
            profiles.append(str(profile))
        merged = str(directory / "merged")
        subprocess.run([profdata, "merge", "-sparse", *profiles, "-o", merged], check=True)
        objects = [word for program in programs[1:] for word in ("-object", program)]
        arguments = [programs[0], *objects, "-instr-profile", merged, *sources]
        text = subprocess.run(
            [cov, "export", "-summary-only", *arguments], check=True, stdout=subprocess.PIPE, text=True
        ).stdout
        lines = json.loads(text)["data"][0]["totals"]["lines"]
        covered = 100 * lines["covered"] / lines["count"] if lines["count"] else 0
        print(f"{lines['covered']} of {lines['count']} lines, {covered:.2f} %; at least {percent}")
        shown = subprocess.run([cov, "show", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout
        for line in shown.splitlines():
            if line.startswith("/") or re.match(r"\s*\d+\|\s*0\|", line):
                print(line)
    return 0 if covered >= float(percent) else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: build_failures_test.py SOURCE_ROOT PICOLIBC COMPILER...

Checks that the exception code does not build if C and assembly disagree. Each case changes one thing in a copy of the
sources, and expects a certain error of the compiler.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

VECTORS = "exception/vectors.S"
REPORT = "crash/report.c"
FRAME = "exception/frame.h"
PLATFORM = "platform/platform.h"

FAILED_ASSERTION = "static_assert|assertion failed"

# The file to compile, the file to change, the old and the new text, and the compiler's error.
CASES = {
    "nothing is changed": (VECTORS, FRAME, "", "", None),
    "nothing is changed in C": (REPORT, FRAME, "", "", None),
    "a slot outgrows its 128 bytes": (
        VECTORS, VECTORS, "\tframe_save\n", "\tframe_save\n\t.rept 28\n\tnop\n\t.endr\n",
        "invalid .org offset|move.* backwards",
    ),
    "an offset differs": (REPORT, FRAME, "#define FRAME_ESR_FAR 272", "#define FRAME_ESR_FAR 280", FAILED_ASSERTION),
    "the size differs": (REPORT, FRAME, "#define FRAME_SIZE 832", "#define FRAME_SIZE 848", FAILED_ASSERTION),
    "an offset of the MMU's registers differs": (
        "platform/fixed_map.c", PLATFORM, "#define MMU_REGISTERS_TCR 8", "#define MMU_REGISTERS_TCR 16",
        FAILED_ASSERTION,
    ),
}


def compile_changed(root, picolibc, compiler, compiled, changed, old, new):
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder)
        shutil.copytree(root / "src", copy / "src")
        shutil.copytree(root / "include", copy / "include")
        file = copy / "src" / changed
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{changed} has no {old!r}"
        file.write_text(text.replace(old, new), encoding="utf-8")
        return subprocess.run(
            [*compiler, "-std=gnu17", f"-I{copy / 'include'}", "-isystem", f"{picolibc}/include"]
            + ["-c", str(copy / "src" / compiled), "-o", str(copy / "object.o")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def main():
    root, picolibc, *compiler = sys.argv[1:]
    faults = 0
    for name, (*case, sentence) in CASES.items():
        result = compile_changed(pathlib.Path(root), picolibc, compiler, *case)
        if sentence is None:
            passed = result.returncode == 0
        else:
            passed = result.returncode != 0 and re.search(sentence, result.stdout)
        print(f"{'passed' if passed else 'FAILED'}: {name}")
        if not passed:
            faults += 1
            print(result.stdout)
    sys.exit(faults)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: fuzz_test.py CLANG INCLUDE-DIRECTORY CORPUS RUNS SOURCE...

Builds a libFuzzer target and runs it on the corpus and on inputs made of it,
RUNS in all, the same in every run. An input that fails is printed in base64.
To look for more, run the target by hand, as the printed commands do, without
-seed and with a larger -runs.
"""

import base64
import pathlib
import shlex
import subprocess
import sys
import tempfile

# How a test tells Meson that it has not been run.
SKIPPED = 77

FLAGS = ["-std=gnu17", "-g", "-O1", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"]
LONGEST_INPUT_BYTES = 400


def run(command, **kwargs):
    print("+", shlex.join(command), flush=True)
    return subprocess.run(command, check=False, **kwargs)


def has_fuzzer(clang, directory):
    program = "#include <stddef.h>\nint LLVMFuzzerTestOneInput(const void *data, size_t size);\n"
    program += "int LLVMFuzzerTestOneInput(const void *data, size_t size) { return data == 0 && size != 0; }\n"
    command = [clang, *FLAGS, "-x", "c", "-", "-o", str(directory / "empty")]
    return run(command, input=program, text=True).returncode == 0


def main():
    if len(sys.argv) < 6:
        raise SystemExit(__doc__)
    clang, include, corpus, runs, *sources = sys.argv[1:]
    if not any(pathlib.Path(corpus).iterdir()):
        raise SystemExit(f"{corpus} is empty")
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        if not has_fuzzer(clang, directory):
            print("skipped: clang has no libFuzzer here (Debian: libclang-rt-dev)")
            return SKIPPED
        target = directory / "target"
        if run([clang, *FLAGS, "-I", include, *sources, "-o", str(target)]).returncode != 0:
            return 1
        found = directory / "found"
        found.mkdir()
        failing = directory / "failing"
        result = run([
            str(target), f"-runs={runs}", "-seed=1", f"-max_len={LONGEST_INPUT_BYTES}", "-print_final_stats=1",
            f"-exact_artifact_path={failing}", str(found), corpus,
        ])
        if failing.exists():
            print("the input that failed:", base64.b64encode(failing.read_bytes()).decode())
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())

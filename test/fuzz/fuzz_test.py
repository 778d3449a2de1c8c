#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: fuzz_test.py CLANG CORPUS RUNS SOURCE|FLAG... [-- SEED...]

Builds a libFuzzer target with the sanitizers and runs it over its corpus and
then on RUNS inputs more, which are the same in every run. An input that fails
is kept in the current directory, and its bytes are printed. SEEDs are files of
the corpus that are not in the source tree.

With VMBASE_NEW_CORPUS=DIRECTORY in the environment the inputs that reach more code than DIRECTORY's are added to it.

To search for longer: fuzz_test.py CLANG CORPUS -1 SOURCE|FLAG...
"""

import os
import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77
SEED = 1
LENGTH_MAX = 16384
FLAGS = [
    "-std=gnu17", "-g", "-O1", "-fno-pie", "-no-pie",
    "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all",
]


def build(clang, directory, source, output):
    """Whether there is a libFuzzer, and what comes of it."""
    command = [clang, *FLAGS, *source, "-o", str(output)]
    return subprocess.run(command, cwd=directory, check=False).returncode == 0


def main():
    if len(sys.argv) < 5:
        raise SystemExit(__doc__)
    clang, corpus, runs, *sources = sys.argv[1:]
    if "--" in sources:
        sources = sources[: sources.index("--")]
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        probe = directory / "probe.c"
        probe.write_text(
            "int LLVMFuzzerTestOneInput(const char *d, long s) { return d && s ? 0 : 0; }\n", encoding="utf-8"
        )
        if not build(clang, directory, [str(probe)], directory / "probe"):
            print(f"skipped: {clang} has no libFuzzer (Debian: libclang-rt-dev)")
            return SKIPPED
        target = directory / "target"
        if not build(clang, None, sources, target):
            return 1
        found = directory / "found"
        found.mkdir()
        command = [
            str(target), f"-runs={runs}", f"-seed={SEED}", f"-max_len={LENGTH_MAX}", "-timeout=600",
            "-print_final_stats=1", str(found), corpus,
        ]
        # libFuzzer's own status for what it has found is the one that means a skipped test.
        if subprocess.run(command, check=False).returncode != 0:
            return 1
        new_corpus = os.environ.get("VMBASE_NEW_CORPUS")
        if not new_corpus:
            return 0
        merge = [str(target), "-merge=1", f"-max_len={LENGTH_MAX}", new_corpus, str(found), corpus]
        return 1 if subprocess.run(merge, check=False).returncode != 0 else 0


if __name__ == "__main__":
    sys.exit(main())

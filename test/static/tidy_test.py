#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: tidy_test.py CLANG-TIDY SOURCE-ROOT BUILD-ROOT COMPILER...

clang-tidy, as .clang-tidy configures it, has nothing to say about the
library's sources. A build with another compiler than the one that clang-tidy
belongs to is skipped: one run is enough.
"""

import concurrent.futures
import json
import pathlib
import subprocess
import sys

import llvm

PROCESSES = 2


def library_sources(source_root, build_root):
    """Those that this build compiles; a file that two libraries share is checked once."""
    with open(build_root / "compile_commands.json", encoding="utf-8") as file:
        commands = json.load(file)
    paths = {(pathlib.Path(command["directory"]) / command["file"]).resolve() for command in commands}
    library = (source_root / "src").resolve()
    return sorted(path for path in paths if path.suffix == ".c" and library in path.parents)


def main():
    if len(sys.argv) < 5:
        raise SystemExit(__doc__)
    clang_tidy, source_root, build_root = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    llvm.skip_unless_supported([clang_tidy])
    llvm.skip_unless_supported(sys.argv[4:])
    sources = library_sources(source_root, build_root)
    if not sources:
        print("compile_commands.json has no source of the library")
        return 1

    def check(source):
        return subprocess.run(
            [
                clang_tidy,
                "--quiet",
                f"--config-file={source_root / '.clang-tidy'}",
                "-p", str(build_root),
                str(source),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
        for result in pool.map(check, sources):
            if result.returncode != 0:
                failed += 1
                print(result.stdout)
    print(f"{len(sources)} files, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

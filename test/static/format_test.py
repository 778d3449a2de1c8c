#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: format_test.py CLANG-FORMAT SOURCE-ROOT

Checks that every C file of the tree has the format of .clang-format.
"""

import pathlib
import subprocess
import sys

import llvm
import tree


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    clang_format, root = sys.argv[1:]
    llvm.skip_unless_supported([clang_format])
    paths = list(tree.files(pathlib.Path(root), (".c", ".h")))
    if not paths:
        print(f"{root} has no C files")
        return 1
    print(f"{len(paths)} files")
    return subprocess.run([clang_format, "--dry-run", "-Werror", *map(str, paths)]).returncode


if __name__ == "__main__":
    sys.exit(main())

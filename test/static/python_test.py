#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: python_test.py FLAKE8 SOURCE-ROOT

Checks every Python file of the tree with flake8, whose configuration is .flake8; a script needs no name in .py.
"""

import pathlib
import re
import shutil
import subprocess
import sys

import tree
from llvm import SKIPPED

INTERPRETER = re.compile(rb"#!.*\bpython3?\b")


def is_python(path):
    if path.suffix == ".py":
        return True
    with open(path, "rb") as file:
        return INTERPRETER.match(file.readline()) is not None


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    flake8, root = sys.argv[1:]
    if shutil.which(flake8) is None:
        print(f"skipped: there is no {flake8}")
        return SKIPPED
    paths = [path for path in tree.files(pathlib.Path(root)) if is_python(path)]
    if not paths:
        print(f"{root} has no Python files")
        return 1
    print(f"{len(paths)} files", flush=True)
    command = [flake8, "--config", f"{root}/.flake8", *map(str, paths)]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

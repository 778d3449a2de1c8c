#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: format_test.py CLANG-FORMAT SOURCE-ROOT

Every C file of the tree is as .clang-format wants it.
"""

import os
import pathlib
import subprocess
import sys

import llvm

SKIPPED_DIRECTORIES = ("build", "subprojects", ".")


def sources_of_checkout(root):
    """New files count before they are added, but not those that git ignores."""
    git = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.c", "*.h"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return git.stdout.split("\0")[:-1] if git.returncode == 0 else []


def sources_of_directory(root):
    for directory, subdirectories, files in os.walk(root):
        subdirectories[:] = [name for name in subdirectories if not name.startswith(SKIPPED_DIRECTORIES)]
        for name in files:
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(directory, name), root)


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    clang_format, root = sys.argv[1:]
    llvm.skip_unless_supported([clang_format])
    is_checkout = (pathlib.Path(root) / ".git").exists()
    names = []
    if is_checkout:
        try:
            names = sources_of_checkout(root)
        except FileNotFoundError:
            print("no git: all files of the tree are checked")
    names = names or list(sources_of_directory(root))
    # What is deleted but not committed yet is still listed.
    paths = [path for name in sorted(set(names)) if (path := pathlib.Path(root, name)).is_file()]
    if not paths:
        print(f"{root} has no C files")
        return 1
    print(f"{len(paths)} files")
    return subprocess.run([clang_format, "--dry-run", "-Werror", *map(str, paths)]).returncode


if __name__ == "__main__":
    sys.exit(main())

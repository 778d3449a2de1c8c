# SPDX-License-Identifier: Apache-2.0
"""Lists the tree's own files, for the tests that check all of them."""

import os
import subprocess

SKIPPED_DIRECTORIES = ("build", "subprojects", ".")


def files_of_checkout(root):
    """Returns the names that git has, and those of new files, except the ignored ones; none without a checkout."""
    if not (root / ".git").exists():
        return []
    command = ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        git = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    except FileNotFoundError:
        print("no git: all files of the tree are checked")
        return []
    return git.stdout.split("\0")[:-1] if git.returncode == 0 else []


def files_of_directory(root):
    for directory, subdirectories, names in os.walk(root):
        subdirectories[:] = [name for name in subdirectories if not name.startswith(SKIPPED_DIRECTORIES)]
        for name in names:
            yield os.path.relpath(os.path.join(directory, name), root)


def files(root, endings=""):
    """Yields the paths of the tree's files whose names end in one of the endings."""
    for name in sorted(set(files_of_checkout(root) or files_of_directory(root))):
        path = root / name
        # A file that is deleted but not committed yet is still listed.
        if name.endswith(endings) and path.is_file():
            yield path

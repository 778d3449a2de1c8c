# SPDX-License-Identifier: Apache-2.0
"""The version of LLVM's checkers that the tree is kept clean for, which is Debian 12's."""

import re
import subprocess
import sys

SUPPORTED = "14"

# How a test tells Meson that it has not been run.
SKIPPED = 77


def skip_unless_supported(command):
    """Ends the test where the tool is of another version: its opinions are others too."""
    text = subprocess.run([*command, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout
    match = re.search(r"version (\d+)", text)
    if match is None or match[1] != SUPPORTED:
        print(f"skipped: {command[0]} is not of version {SUPPORTED}")
        sys.exit(SKIPPED)

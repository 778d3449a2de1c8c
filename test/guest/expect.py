#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: expect.py VMBASE_RUN STATUS EXPECTED IMAGE [ARGUMENT...]

Boots a guest, and checks how it ends and what it prints. STATUS is vmbase-run's expected exit status. Each line of the
file EXPECTED is a regular expression that has to match a whole line of the output, in this order; other lines may come
in between. A pattern after "!" must not match any line after the last match. Further arguments are for vmbase-run.
"""

import re
import subprocess
import sys


def read_patterns(expected):
    with open(expected, encoding="utf-8") as file:
        return file.read().splitlines()


def find_mismatch(patterns, output):
    """Returns a sentence on the first pattern that the output does not meet, or None."""
    lines = output.splitlines()
    if not patterns:
        return "nothing is expected"
    for pattern in patterns:
        if pattern.startswith("!"):
            if any(re.fullmatch(pattern[1:], line) for line in lines):
                return f"a line that must not be there: {pattern[1:]}"
            continue
        while lines and not re.fullmatch(pattern, lines[0]):
            lines.pop(0)
        if not lines:
            return f"no line for: {pattern}"
        lines.pop(0)
    return None


def main():
    vmbase_run, status, expected, image, *arguments = sys.argv[1:]
    result = subprocess.run([vmbase_run, image, *arguments], stdout=subprocess.PIPE, check=False)
    output = result.stdout.decode("utf-8", "backslashreplace")
    print(output)

    if result.returncode != int(status):
        sys.exit(f"vmbase-run exited with {result.returncode}, not {status}")
    sys.exit(find_mismatch(read_patterns(expected), output))


if __name__ == "__main__":
    main()

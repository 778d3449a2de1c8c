#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: expect.py VMBASE_RUN STATUS EXPECTED IMAGE [ARGUMENT...]

Boots a guest, and checks how it ends and what it prints. STATUS is vmbase-run's expected exit status. Each line of the
file EXPECTED is a regular expression that has to match a whole line of the output, in this order; other lines may come
in between. A pattern after "!" must not match any line after the last match. Further arguments are for vmbase-run.

With the environment variable VMBASE_ACCEPT=1 an output that does not match is accepted: EXPECTED gets patterns for it.
"""

import os
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


# Parts of a line that differ from one build to the next, and the patterns for them.
CHANGING = ((r"\b[0-9a-f]{40}\b", "[0-9a-f]{40}"), (r"\b0x[0-9a-f]{16}\b", "0x[0-9a-f]{16}"))


def pattern_for(line):
    """Returns a pattern that matches the line, also if another build has other addresses."""
    pattern = re.sub(r"([\\.^$*+?{}\[\]|()])", r"\\\1", line)
    for changing, general in CHANGING:
        pattern = re.sub(changing, lambda _, general=general: general, pattern)
    return f"\\{pattern}" if pattern.startswith("!") else pattern


def accept(patterns, output):
    """Returns patterns that the output meets: those that match stay, and lines of the output replace the others."""
    lines = output.splitlines()
    # The longest common sequence of patterns and lines: its length from each pair on.
    length = [[0] * (len(lines) + 1) for _ in range(len(patterns) + 1)]
    for i in reversed(range(len(patterns))):
        for j in reversed(range(len(lines))):
            both = length[i + 1][j + 1] + 1 if re.fullmatch(patterns[i], lines[j]) else 0
            length[i][j] = max(both, length[i + 1][j], length[i][j + 1])
    accepted, i, j = [], 0, 0
    while i < len(patterns):
        if patterns[i].startswith("!"):
            accepted.append(patterns[i])
            i += 1
        elif j < len(lines) and re.fullmatch(patterns[i], lines[j]):
            accepted.append(patterns[i])
            i, j = i + 1, j + 1
        elif length[i][j] == length[i + 1][j]:
            # No line for this pattern: the lines up to the next pattern that has one take its place.
            while i < len(patterns) and not patterns[i].startswith("!") and length[i][j] == length[i + 1][j]:
                i += 1
            while j < len(lines) and length[i][j] == length[i][j + 1]:
                accepted.append(pattern_for(lines[j]))
                j += 1
        else:
            j += 1
    return accepted


def main():
    vmbase_run, status, expected, image, *arguments = sys.argv[1:]
    result = subprocess.run([vmbase_run, image, *arguments], stdout=subprocess.PIPE, check=False)
    output = result.stdout.decode("utf-8", "backslashreplace")
    print(output)

    if result.returncode != int(status):
        sys.exit(f"vmbase-run exited with {result.returncode}, not {status}")
    patterns = read_patterns(expected)
    if os.environ.get("VMBASE_ACCEPT") and find_mismatch(patterns, output):
        patterns = accept(patterns, output)
        with open(expected, "w", encoding="utf-8") as file:
            file.writelines(f"{pattern}\n" for pattern in patterns)
    sys.exit(find_mismatch(patterns, output))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps doc/headers.md the index of the public headers: a row for each header, with its first sentence.

usage: header_index.py [--check]

Rewrites the rows of doc/headers.md whose sentence is not that of the header. A header without a row is added at the
end, and has to be moved to its section by hand. With --check, only reports the differences.
"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import doxygen_filter

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| \[`<vmbase/(\S+\.h)>`\]\(\.\./include/vmbase/\1\) \| (.*) \|$")


def summary(header):
    """Returns the first sentence of a header's description."""
    lines = header.read_text(encoding="utf-8").splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("//") and "SPDX-" not in line)
    texts = []
    for line in lines[begin:]:
        comment = doxygen_filter.COMMENT.match(line)
        if not comment or not comment[2]:
            break
        texts.append(comment[2])
    return doxygen_filter.first_sentence(" ".join(texts))[0]


def row(name, sentence):
    """Returns the row of one header."""
    # Markdown would take a header's name for a tag of HTML, and a bar for the end of the cell.
    sentence = re.sub(r"(?<!`)<[\w/]+\.h>", r"`\g<0>`", sentence).replace("|", "\\|")
    return f"| [`<vmbase/{name}>`](../include/vmbase/{name}) | {sentence} |"


def updated(text, folder):
    """Returns the text of doc/headers.md for the headers in a directory."""
    headers = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.h"))}
    lines = []
    for line in text.splitlines():
        match = ROW.match(line)
        if not match:
            lines.append(line)
        elif match[1] in headers:
            lines.append(row(match[1], summary(headers.pop(match[1]))))
    lines += [row(name, summary(path)) for name, path in headers.items()]
    return "\n".join(lines) + "\n"


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        raise SystemExit(__doc__)
    index = ROOT / "doc" / "headers.md"
    text = index.read_text(encoding="utf-8")
    wanted = updated(text, ROOT / "include" / "vmbase")
    if wanted == text:
        return 0
    if sys.argv[1:]:
        for line in sorted(set(wanted.splitlines()) ^ set(text.splitlines())):
            print(("+ " if line in wanted.splitlines() else "- ") + line)
        print("doc/headers.md differs from the headers: run doc/reference/header_index.py")
        return 1
    index.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

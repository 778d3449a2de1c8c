# SPDX-License-Identifier: Apache-2.0
"""The manual's chapters, and the fenced blocks in them with their marks.

A mark is an HTML comment in the line before a block:
  <!-- not run: REASON -->    the block is not run, compiled or used, for this reason
  <!-- file: NAME -->         the block is the file NAME in the directory where the next commands run
  <!-- append: NAME -->       the block goes to the end of this file
  <!-- in: clone -->          the commands run in a clone of vmbase, not in the reader's own project
  <!-- exit status: N -->     the last command of the block ends with this exit status
  <!-- output -->             the lines are part of the output of the commands before; an ellipsis stands for any text
"""

import collections
import re

# What can be done with a block of each language, when its mark does not say otherwise.
LANGUAGES = {
    "c": "compile",
    "cpp": "compile",
    "diff": "patch",
    "ini": "file",
    "ld": "file",
    "make": "file",
    "meson": "file",
    "sh": "run",
    "text": "show",
}

Block = collections.namedtuple("Block", "chapter line language marks text action")

# A fence may be indented, in a list.
FENCE = re.compile(r"^( *)```(\S*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"<!-- (not run|file|append|in|exit status|output)(?:: (.*))? -->")


class UnknownBlock(Exception):
    """A block that the test does not know how to check."""


def chapters(root):
    """Returns the files of the manual, in the order in which a newcomer reads them."""
    first = [root / "README.md", root / "doc" / "getting-started.md"]
    return first + sorted(path for path in (root / "doc").glob("*.md") if path not in first)


def without_indent(text, width):
    return re.sub(f"^ {{{width}}}", "", text, flags=re.MULTILINE)


def blocks(path):
    """Yields the fenced blocks of a chapter."""
    text = path.read_text(encoding="utf-8")
    if len(re.findall(r"^ *```", text, re.MULTILINE)) % 2 != 0:
        raise UnknownBlock(f"{path.name}: a fence is not closed")
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        where = f"{path.name}:{line}"
        before = text[: match.start()].rstrip("\n").split("\n\n")[-1].splitlines()
        marks = {}
        while before and before[-1].lstrip().startswith("<!--"):
            mark = MARK.fullmatch(before.pop().strip())
            if not mark:
                raise UnknownBlock(f"{where}: unknown mark before the block")
            marks[mark[1]] = mark[2] or ""
        language = match[2]
        if language not in LANGUAGES:
            raise UnknownBlock(f"{where}: unknown kind of block: {language or 'no language'}")
        action = LANGUAGES[language]
        if "not run" in marks:
            if not marks["not run"]:
                raise UnknownBlock(f"{where}: 'not run' has no reason")
            action = "skip"
        elif "file" in marks or "append" in marks:
            action = "file"
        elif action == "file":
            raise UnknownBlock(f"{where}: a block of {language} needs a mark 'file', 'append' or 'not run'")
        elif "output" in marks:
            action = "output"
        yield Block(path.name, line, language, marks, without_indent(match[3], len(match[1])), action)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: names_test.py SOURCE-ROOT

What the manual names exists: the targets of relative links, paths of the source tree, headers, functions and other
names of the library, options, and tests. In the lists "Follow the code" each function is in a file of its list item.
"""

import pathlib
import re
import sys

import blocks

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "static"))
import layering_test

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
NAME = re.compile(r"\b(?:vmbase|vmb|VMBASE|VMB)_\w*[^\W_]\b")
FUNCTION = re.compile(r"`(\w+)\(\)`")
ITEM = re.compile(r"^(?:\d+\. |- )(.*(?:\n {2,}.*)*)", re.MULTILINE)

# Folders whose paths are checked, and below them paths that only a build or a reader's own project has.
FOLDERS = ("cross/", "doc/", "example/", "include/", "linker/", "src/", "subprojects/", "test/", ".ci/", ".github/")
ELSEWHERE = ("subprojects/vmbase/", "subprojects/vmbase.wrap")
# What the conventions call any name of a module.
PLACEHOLDERS = {"VMBASE_X", "vmbase_module_verb", "vmbase_x"}
SOURCES = ("cross", "example", "include", "linker", "src", "test", "meson.build", "meson_options.txt")


def without_blocks(text):
    return blocks.FENCE.sub("", text)


def anchors(text):
    """Returns the anchors that code hosts make of a chapter's headings."""
    found = set()
    for heading in HEADING.findall(without_blocks(text)):
        words = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(words)
    return found


def check_links(path, text):
    for target in LINK.findall(without_blocks(text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.exists():
            yield f"the link to {target} leads to no file"
        elif anchor and anchor not in anchors(file.read_text(encoding="utf-8")):
            yield f"the link to {target} leads to no heading"


def check_paths(root, text, new_files):
    for word in CODE.findall(text):
        name = word.rstrip("/")
        if not re.fullmatch(r"[\w./*+-]+", word) or not word.startswith(FOLDERS) or name.startswith(ELSEWHERE):
            continue
        if name not in new_files and not any(root.glob(name)):
            yield f"`{word}` is no file of the tree"


def check_headers(root, text):
    for name in re.findall(r"<(vmbase/[\w/]+\.h)>", text):
        if not (root / "include" / name).is_file():
            yield f"<{name}> is no header"


def check_names(text, sources):
    for name in sorted(set(NAME.findall(text)) - PLACEHOLDERS):
        if name not in sources:
            yield f"{name} is no name of the library"


def check_options(root, text):
    known = set(re.findall(r"^option\('(\w+)'", (root / "meson_options.txt").read_text(encoding="utf-8"), re.MULTILINE))
    for name in sorted(set(re.findall(r"-Dvmbase:(\w+)", text)) - known):
        yield f"-Dvmbase:{name} is no option"


def check_tests(root, text):
    lists = "".join(path.read_text(encoding="utf-8") for path in (root / "test").rglob("meson.build"))
    for name in sorted(set(re.findall(r"\b[Tt]ests? `(\w+)`", text))):
        # With its behaviour, or without.
        if not re.search(rf"'{name}(?: - [^']*)?'", lists):
            yield f"`{name}` is no test"


def check_journeys(root, text):
    for item in ITEM.findall(text):
        files = [root / word for word in CODE.findall(item) if (root / word).is_file()]
        if not files or not item.startswith("`"):
            continue
        code = "\n".join(file.read_text(encoding="utf-8") for file in files)
        for name in FUNCTION.findall(item):
            if not re.search(rf"\b{name}\b", code):
                yield f"{name}() is not in the file that the list item names"


def check_layers(root):
    """Checks the picture and the table of folders in the chapter about the architecture."""
    chapter = root / "doc" / "architecture.md"
    folders = {path.name for path in (root / "src").iterdir() if path.is_dir()}
    text = chapter.read_text(encoding="utf-8")
    for folder in sorted(folders):
        if f"`src/{folder}/` |" not in text:
            yield f"the table of rooms lacks src/{folder}"
    picture = next(block.text for block in blocks.blocks(chapter) if block.language == "text")
    rows = [set(row.split()) & folders for row in picture.splitlines()]
    if rows != [layer & folders for layer in reversed(layering_test.LAYERS) if layer & folders]:
        yield "the picture of the layers differs from layering_test.py"


def words_of(root):
    """Returns every word in the sources, of which the manual's names have to be some."""
    found = set()
    for top in SOURCES:
        files = [root / top] if (root / top).is_file() else (root / top).rglob("*")
        for file in files:
            if file.is_file() and file.parent.name != "corpus" and "manual" not in file.parts:
                found.update(re.findall(r"\w+", file.read_text(encoding="utf-8", errors="ignore")))
    return found


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    root = pathlib.Path(sys.argv[1]).resolve()
    sources = words_of(root)
    paths = [*blocks.chapters(root), root / "CONTRIBUTING.md", root / "SECURITY.md"]
    if (root / "test" / "README.md").is_file():
        paths.append(root / "test" / "README.md")
    errors = 0
    for error in check_layers(root):
        print(f"doc/architecture.md: {error}")
        errors += 1
    for path in paths:
        text = path.read_text(encoding="utf-8")
        # A chapter may tell the reader to make files.
        new_files = re.findall(r"<!-- file: (\S+) -->", text) + re.findall(r"^\+\+\+ b/(\S+)", text, re.MULTILINE)
        for error in (
            *check_links(path, text),
            *check_paths(root, text, new_files),
            *check_headers(root, text),
            *check_names(text, sources),
            *check_options(root, text),
            *check_tests(root, text),
            *check_journeys(root, text),
        ):
            print(f"{path.relative_to(root)}: {error}")
            errors += 1
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the manual's commands, compiles its snippets and uses its files, in the order in which a reader meets them.

All chapters share one project directory and one clone of vmbase. blocks.py has the marks that say how a block is used.
"""

import os
import pathlib
import re
import shlex
import shutil
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "consumer"))

import blocks
import support
from consumer_test import TAG, make_repository

# Stands before Meson in PATH and adds what the build under test was configured with.
MESON = """#!{python}
import os, sys
words = sys.argv[1:]
if words[:1] == ["setup"]:
    # The build directory, and the source directory if it is not this one.
    plain = [word for before, word in zip(words, words[1:]) if not word.startswith("-") and not before.startswith("--")]
    source = plain[1] if len(plain) > 1 else "."
    with open(os.path.join(source, "meson.build")) as file:
        prefix = "" if "'vmbase', 'c'" in file.read() else "vmbase:"
    words += ["-D" + prefix + "picolibc=" + {picolibc!r}]
os.execv({meson!r}, [{meson!r}, *words])
"""


class Manual:
    """The reader's machine: a project, a clone, and a directory with the tools under test."""

    def __init__(self, root):
        self.root = root
        self.project = root / "project"
        self.clone = root / "clone"
        self.tools = root / "tools"
        self.project.mkdir()
        self.tools.mkdir()
        make_repository(root / "vmbase.git")
        support.copy_sources(self.clone)
        if os.path.isdir(support.LIBFDT):
            shutil.copytree(support.LIBFDT, self.clone / "build" / "libfdt")
        compiler = pathlib.Path(shutil.which(support.CC[0]) or support.CC[0])
        self.add_tool("clang", compiler)
        cxx = compiler.with_name(compiler.name.replace("clang", "clang++"))
        if cxx.exists():
            self.add_tool("clang++", cxx)
        self.add_tool("llvm-objcopy", shutil.which(support.OBJCOPY))
        meson = self.tools / "meson"
        names = {"python": sys.executable, "meson": shutil.which("meson"), "picolibc": support.PICOLIBC}
        meson.write_text(MESON.format(**names), encoding="utf-8")
        meson.chmod(0o755)
        # No test changes the machine.
        (self.tools / "apt-get").write_text("#!/bin/sh\necho 'a tool is missing' >&2\nexit 1\n", encoding="utf-8")
        (self.tools / "apt-get").chmod(0o755)

    def add_tool(self, name, target):
        (self.tools / name).symlink_to(target)

    def adapt(self, block):
        """Returns the text of a block with the repository under test in the place of the reader's."""
        text = block.text
        if block.marks.get("file", "").endswith(".wrap"):
            url = (self.root / "vmbase.git").as_uri()
            text = re.sub("^url = .*", f"url = {url}", text, flags=re.MULTILINE)
            text = re.sub("^revision = .*", f"revision = {TAG}", text, flags=re.MULTILINE)
        if block.language == "sh":
            # The machine has libfdt already.
            fetched = shlex.quote(support.LIBFDT)
            text = re.sub(
                r"^(\S*?)cross/debian/fetch_libfdt\.py.*$",
                rf"mkdir -p ./\1build && cp -rn {fetched} ./\1build/libfdt",
                text,
                flags=re.MULTILINE,
            )
        return text

    def script(self, chapter):
        """Returns a shell script that does what the chapter's blocks say, and what the output has to contain."""
        lines = ["set -eu", f"cd {shlex.quote(str(self.project))}"]
        outputs = []
        for number, block in enumerate(chapter):
            where = shlex.quote(str(self.clone if block.marks.get("in") == "clone" else self.project))
            snippet = self.root / f"{block.chapter}.{number}"
            snippet.write_text(self.adapt(block), encoding="utf-8")
            lines += [f"echo '== {block.chapter}:{block.line} {block.action}'", f"cd {where}"]
            if block.action == "run":
                status = block.marks.get("exit status", "0")
                if status == "0":
                    lines += ["set -x", snippet.read_text(encoding="utf-8").rstrip(), "{ set +x; } 2>/dev/null"]
                else:
                    lines += [f"status=0; (set -ex; . {snippet}) || status=$?", f"test $status = {status}"]
            elif block.action == "file":
                name = shlex.quote(block.marks.get("file") or block.marks["append"])
                redirection = ">" if "file" in block.marks else ">>"
                lines += [f"mkdir -p $(dirname {name})", f"cat {snippet} {redirection}{name}"]
            elif block.action == "patch":
                lines.append(f"git apply -C1 {snippet}")
            elif block.action == "compile":
                lines.append(f"{self.compiler(block.language)} {snippet}")
            elif block.action == "output":
                outputs += block.text.splitlines()
        return "\n".join(lines) + "\n", outputs

    def compiler(self, language):
        words = [*support.CC, *{"c": ("-x", "c", "-std=gnu17"), "cpp": ("-x", "c++", "-std=c++17")}[language]]
        words += ["-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
        words += ["-I", str(self.clone / "include"), "-isystem", f"{support.PICOLIBC}/include"]
        return " ".join(shlex.quote(word) for word in words)

    def run(self, chapter):
        text, outputs = self.script(chapter)
        script = self.root / "script.sh"
        script.write_text(text, encoding="utf-8")
        env = support.environment(
            GIT_CEILING_DIRECTORIES=str(self.root),
            HOME=str(self.root / "home"),
            PATH=f"{self.tools}{os.pathsep}{os.environ['PATH']}",
            PYTHONDONTWRITEBYTECODE="1",
        )
        status, output = support.run("bash", script, env=env)
        return status, output, outputs


def is_in(line, output):
    """Says whether a line of a chapter's output block, with ellipses for any text, is a line of an output."""
    pattern = ".*".join(re.escape(part) for part in line.rstrip().split("…"))
    return re.search(rf"^{pattern}\s*$", output, re.MULTILINE) is not None


class CommandsTest(unittest.TestCase):
    @unittest.skipUnless(os.path.isdir(support.LIBFDT) and os.path.isdir(support.PICOLIBC), "no libfdt or no picolibc")
    def test_the_manual_does_as_it_says(self):
        with tempfile.TemporaryDirectory(prefix="vmbase-manual-") as folder:
            manual = Manual(pathlib.Path(folder).resolve())
            for path in blocks.chapters(support.SOURCE):
                with self.subTest(path.name):
                    status, output, expected = manual.run(list(blocks.blocks(path)))
                    self.assertEqual(status, 0, output)
                    for line in expected:
                        self.assertTrue(is_in(line, output), f"not in the output: {line}\n{output}")


if __name__ == "__main__":
    unittest.main(argv=["commands_test.py"])

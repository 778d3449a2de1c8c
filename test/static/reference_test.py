#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The API reference has everything that the headers say, and Doxygen builds it without a warning.

usage: reference_test.py SOURCE-ROOT DOXYFILE [DOXYGEN]

Without DOXYGEN the pages themselves are not built.
"""

import collections
import html
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None
if ROOT:
    sys.path.insert(0, str(ROOT / "doc" / "reference"))
    import doxygen_filter
    import header_index


# The comment at the top of this header describes its functions, which differ in the size of the access only.
DESCRIBED_AT_THE_TOP = {"mmio.h"}


def words(text):
    """Counts the words of a text. An escaped underscore is part of a word."""
    return collections.Counter(re.findall(r"\w+", text.replace("\\_", "_")))


def without_notes_on_conditions(text):
    """Returns a header without the comments that describe conditional lines: the reference does not have those."""
    return re.sub(r"^(?://.*\n)+(?=#if)", "", text, flags=re.MULTILINE)


class ReferenceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = ROOT / "include" / "vmbase"
        cls.headers = sorted(cls.folder.rglob("*.h"))
        names = doxygen_filter.Names(cls.folder)
        cls.filtered = {header: doxygen_filter.Header(header, names).translate() for header in cls.headers}

    def test_index_has_the_first_sentence_of_each_header(self):
        text = (ROOT / "doc" / "headers.md").read_text(encoding="utf-8")
        self.assertEqual(text, header_index.updated(text, self.folder), "run doc/reference/header_index.py")
        for header in self.headers:
            link = f"](../include/vmbase/{header.relative_to(self.folder).as_posix()})"
            self.assertEqual(text.count(link), 1, link)

    def test_filter_keeps_each_word(self):
        for header, filtered in self.filtered.items():
            text = without_notes_on_conditions(header.read_text(encoding="utf-8"))
            # The licence's line and the guard are not part of the reference.
            text = re.sub(r"^// SPDX-.*\n|^#(?:ifndef|define) \w+_H\n", "", text, flags=re.MULTILINE)
            # Links, tags and escapes only add words.
            lost = words(re.sub(r"\bErrors:", "", text)) - words(html.unescape(filtered))
            self.assertEqual(lost, collections.Counter(), header.name)

    def test_each_function_has_documentation(self):
        for header, filtered in self.filtered.items():
            text = header.read_text(encoding="utf-8")
            functions = doxygen_filter.declared_functions(text)
            # A second way to find functions: the first name before a parenthesis in a line that is no comment.
            for name in re.findall(r"^[a-z_][^\n(]*?\b(vmbase_\w+)\(", text, re.MULTILINE):
                if not re.search(rf"\b(?:typedef|define)\b.*\b{name}\(", text):
                    self.assertIn(name, functions, header.name)
            for name in functions if header.name not in DESCRIBED_AT_THE_TOP else ():
                declaration = re.search(rf"\*/\n(?:[^\n*/]|\*(?!/))*?\b{name}\(", filtered)
                self.assertIsNotNone(declaration, f"{header.name}: {name}() has no description")

    def test_doxygen_has_no_warnings_and_a_page_for_each_header(self):
        if len(sys.argv) < 4:
            self.skipTest("Doxygen is not installed")
        with tempfile.TemporaryDirectory(prefix="vmbase-reference-") as folder:
            configuration = pathlib.Path(sys.argv[2]).read_text(encoding="utf-8") + f'\nOUTPUT_DIRECTORY = "{folder}"\n'
            result = subprocess.run(
                [sys.argv[3], "-"],
                input=configuration,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            self.assertEqual((result.returncode, result.stdout), (0, ""))
            main_page = (pathlib.Path(folder) / "index.html").read_text(encoding="utf-8")
            for header in self.headers:
                name = header.stem.replace("_", "__") + "_8h.html"
                self.assertTrue(f'href="{name}"' in main_page, f"the main page has no link to {name}")
                page = (pathlib.Path(folder) / name).read_text(encoding="utf-8")
                for function in doxygen_filter.declared_functions(header.read_text(encoding="utf-8")):
                    # A function with the name of an enum has a second entry without parentheses.
                    has_entry = f"</span>{function}()" in page or page.count(f"</span>{function}<") == 2
                    self.assertTrue(has_entry, f"{header.name} without {function}()")


if __name__ == "__main__":
    if ROOT is None:
        sys.exit(__doc__)
    unittest.main(argv=sys.argv[:1])

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The public headers have the form of doc/conventions.md.

usage: api_test.py SOURCE-ROOT

- The line after the SPDX line says what the header is for.
- The comment of a function, or of the group of declarations it belongs to, ends in "Context: …", with a context of
  doc/conventions.md. If the function returns an error, a list "Errors:" follows, and otherwise not.
- A name of a function begins with vmbase_ and the name of its header.
- A callback has a context as its last parameter. A member that is true or false begins with is_ or has_.
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None

HANDLERS = {f"{kind}_{level}" for kind in ("irq", "fiq", "serr") for level in ("current", "lower")}
HANDLERS |= {"sync_exception_current", "sync_lower"}

# Functions that the guest defines and the library calls: they have no context.
HOOKS = HANDLERS | {"vmbase_heap_report"}

# Names, or beginnings of names that end in _, without the name of the header, and the reason.
OTHER_NAMES = {
    "console.h": {
        "vmbase_print": "upstream's name",
        "vmbase_println": "upstream's name",
        "vmbase_vprint": "as vmbase_print()",
        "vmbase_eprint": "upstream's name",
        "vmbase_eprintln": "upstream's name",
        "vmbase_emergency_write_str": "upstream's name",
    },
    "exceptions.h": {
        **{name: "upstream's name" for name in HANDLERS},
        "vmbase_exception_report": "one exception, many exceptions",
    },
    "hypervisor.h": {"vmbase_mmio_guard_": "the name of the hypervisor's interface"},
    "layout.h": {"vmbase_check_alignment": "a name of the linker scripts"},
    "panic.h": {"vmbase_assert_failed": "belongs to vmbase_assert()"},
    "power.h": {"vmbase_shutdown": "upstream's name", "vmbase_reboot": "upstream's name"},
    "range.h": {"vmbase_phys_": "physical addresses need no header of their own"},
    "tracker.h": {"vmbase_table_pool_": "belongs to VMBASE_TABLE_POOL()"},
}

NAME = re.compile(r"[\s*](\w+)\(")
ROW = re.compile(r"//   (VMBASE_\w+)( +)(\S.*)$")
CALLBACK = re.compile(r"\(\*(\w+)\)\(([^)]*)\)")


def contexts(conventions):
    """Returns the contexts in the table of doc/conventions.md."""
    section = conventions.split("## Contexts\n", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| ([a-z ]+) \| (?!meaning)", section, re.MULTILINE))


def error_names(error_header):
    """Returns the names of enum vmbase_error except VMBASE_OK."""
    return set(re.findall(r"^\t(VMBASE_ERROR_\w+) =", error_header, re.MULTILINE))


def declarations(text):
    """Yields each declaration of a header with the lines of its comment, which a blank line ends."""
    comment, declaration, is_macro, is_after_code = [], "", False, False
    for line in text.splitlines():
        if is_macro or line.startswith("#"):
            is_macro = line.endswith("\\")
        elif line.startswith("//") and not declaration:
            comment = [line] if is_after_code else [*comment, line]
        elif not line:
            comment = comment if declaration else []
        elif line not in ('extern "C" {', "}") or declaration:
            declaration += line + "\n"
            if declaration.count("{") == declaration.count("}") and line.endswith((";", "}")):
                yield comment, declaration
                declaration = ""
        is_after_code = not line.startswith("//")


def function_name(declaration):
    """Returns the name of the function that is declared or defined, or None."""
    code = re.sub(r"__attribute__\(\((?:[^()]|\([^()]*\))*\)\)", "", declaration)
    if code.startswith(("typedef ", "struct {", "extern ")) or re.match(r"(struct|union|enum)[^(;]*\{", code):
        return None
    found = NAME.search(code)
    return found[1] if found else None


class Header:
    """Collects what is wrong with one header."""

    def __init__(self, name, text, known_contexts, known_errors):
        self.name, self.text = name, text
        self.known_contexts, self.known_errors = known_contexts, known_errors
        self.faults = []
        self.used_names = set()
        self.functions = []

    def check(self):
        lines = self.text.splitlines()
        if not lines[0].startswith("// SPDX-") or lines[1] or not re.match(r"// \S", lines[2]):
            self.fault("", "no line below the SPDX line says what the header is for")
        for comment, declaration in declarations(self.text):
            name = function_name(declaration)
            for callback, parameters in CALLBACK.findall(declaration):
                if not re.search(r"\bvoid \*context$", parameters):
                    self.fault(callback, "the last parameter is not void *context")
            if name is None or name.startswith("vmb_"):
                for member in re.findall(r"^\tbool (?!is_|has_)(\w+)", declaration, re.MULTILINE):
                    self.fault(member, "does not begin with is_ or has_")
                continue
            self.functions.append(name)
            self.check_name(name)
            if name not in HOOKS:
                returns_error = re.match(r"(?:static inline )?enum vmbase_error\s", declaration) is not None
                self.check_comment(name, comment, returns_error)
        return self.faults

    def fault(self, name, text):
        self.faults.append(f"{self.name}: {name + ': ' if name else ''}{text}")

    def check_name(self, name):
        module = "vmbase_" + self.name.removesuffix(".h").replace("/", "_")
        if name == module or name.startswith(module + "_"):
            return
        for other in OTHER_NAMES.get(self.name, ()):
            if name == other or (other.endswith("_") and name.startswith(other)):
                self.used_names.add(other)
                return
        self.fault(name, f"does not begin with {module}_")

    def check_comment(self, name, comment, returns_error):
        at = [number for number, line in enumerate(comment) if line.startswith("// Context:")]
        if len(at) != 1:
            self.fault(name, "has no line Context, or several")
            return
        context = comment[at[0]].removeprefix("// Context: ")
        if context not in self.known_contexts:
            self.fault(name, f"'{context}' is not a context of doc/conventions.md")
        if at[0] < 2 or comment[at[0] - 1] != "//":
            self.fault(name, "no text and blank line before the line Context")
        rest = comment[at[0] + 1 :]
        if not returns_error:
            if rest:
                self.fault(name, "the line Context is not the last one")
        elif len(rest) < 2 or rest[0] != "// Errors:":
            self.fault(name, "has no list of errors after the line Context")
        else:
            self.check_errors(name, rest[1:])

    def check_errors(self, name, rows):
        columns, names, is_text = set(), [], False
        for row in rows:
            found = ROW.match(row)
            if found:
                names.append(found[1])
                columns.add(found.start(3))
                if not re.match(r"(if|when|as) ", found[3]):
                    self.fault(name, f"{found[1]}: the text does not begin with a condition")
                is_text = False
            elif re.match(r"//   \S", row) and "VMBASE_ERROR_" not in row[:19]:
                # Errors of another function, in words.
                is_text = is_text or re.match(r"//   the .*\berrors?\b", row) is not None
                if not is_text:
                    self.fault(name, f"not a row of a list of errors: {row}")
            elif not columns or len(row) - len(row[2:].lstrip()) != max(columns):
                self.fault(name, f"not aligned: {row}")
        if len(columns) > 1:
            self.fault(name, "the errors are not aligned")
        for error in sorted(set(names) - self.known_errors):
            self.fault(name, f"{error} is not in enum vmbase_error")
        if len(names) != len(set(names)):
            self.fault(name, "names an error twice")


GOOD = """// SPDX-License-Identifier: Apache-2.0

// Things.
//
// More about things.

#define VMBASE_THING(x) \\
\tvmbase_elsewhere(x)

// A thing.
struct vmbase_thing {
\tbool is_open;
\tvoid (*close)(struct vmbase_thing *thing, void *context);
};

// Returns the size of a thing.
//
// Context: any
__attribute__((pure)) size_t vmbase_thing_size(const struct vmbase_thing *thing);
static inline bool vmbase_thing_is_open(const struct vmbase_thing *thing)
{

\treturn thing->is_open;
}

// Opens a thing.
//
// Context: main and handlers
// Errors:
//   VMBASE_ERROR_BUSY       if it is open, which
//                           needs a second line
//   VMBASE_ERROR_NOT_FOUND  as vmbase_thing_size()
//   the errors of vmbase_thing_close(), and of
//   others
enum vmbase_error vmbase_thing_open(struct vmbase_thing *thing,
\t\t\t\t    size_t count);
"""


class CheckerTest(unittest.TestCase):
    """The checker finds each kind of fault in a header that is otherwise good."""

    def faults(self, *replacement, name="thing.h"):
        self.assertTrue(not replacement or replacement[0] in GOOD)
        text = GOOD.replace(*replacement, 1) if replacement else GOOD
        known_errors = {"VMBASE_ERROR_BUSY", "VMBASE_ERROR_NOT_FOUND"}
        return Header(name, text, {"any", "main and handlers"}, known_errors).check()

    def assert_fault(self, expected, *replacement, **kwargs):
        self.assertEqual(self.faults(*replacement, **kwargs), [f"thing.h: {expected}"])

    def test_a_good_header_has_no_faults(self):
        self.assertEqual(self.faults(), [])

    def test_first_line(self):
        expected = "no line below the SPDX line says what the header is for"
        self.assert_fault(expected, "// Things.\n//\n// More about things.\n", "")

    def test_no_context(self):
        self.assert_fault("vmbase_thing_open: has no line Context, or several", "// Context: main and handlers\n", "")

    def test_a_group_without_context(self):
        text = "has no line Context, or several"
        expected = [f"thing.h: vmbase_thing_size: {text}", f"thing.h: vmbase_thing_is_open: {text}"]
        self.assertEqual(self.faults("// Context: any\n", ""), expected)

    def test_a_declaration_after_a_blank_line_is_not_in_the_group(self):
        expected = "vmbase_thing_is_open: has no line Context, or several"
        self.assert_fault(expected, "\nstatic inline", "\n\nstatic inline")

    def test_unknown_context(self):
        expected = "vmbase_thing_open: 'sometimes' is not a context of doc/conventions.md"
        self.assert_fault(expected, "main and handlers", "sometimes")

    def test_context_is_not_the_last_line(self):
        text = "the line Context is not the last one"
        expected = [f"thing.h: vmbase_thing_size: {text}", f"thing.h: vmbase_thing_is_open: {text}"]
        self.assertEqual(self.faults("Context: any\n", "Context: any\n// More.\n"), expected)

    def test_context_without_a_blank_line(self):
        expected = "vmbase_thing_open: no text and blank line before the line Context"
        self.assert_fault(expected, "Opens a thing.\n//\n", "Opens a thing.\n")

    def test_no_errors(self):
        self.assert_fault("vmbase_thing_open: has no list of errors after the line Context", "// Errors:\n", "")

    def test_errors_of_a_function_without_errors(self):
        text = "the line Context is not the last one"
        expected = [f"thing.h: vmbase_thing_size: {text}", f"thing.h: vmbase_thing_is_open: {text}"]
        self.assertEqual(self.faults("any\n", "any\n// Errors:\n//   VMBASE_ERROR_BUSY  if busy\n"), expected)

    def test_unknown_error(self):
        expected = "vmbase_thing_open: VMBASE_ERROR_BUZY is not in enum vmbase_error"
        self.assert_fault(expected, "VMBASE_ERROR_BUSY", "VMBASE_ERROR_BUZY")

    def test_unaligned_errors(self):
        expected = [
            "thing.h: vmbase_thing_open: not aligned: //                           needs a second line",
            "thing.h: vmbase_thing_open: the errors are not aligned",
        ]
        self.assertEqual(self.faults("BUSY       if", "BUSY        if"), expected)

    def test_unaligned_second_line(self):
        row = "//                            needs a second line"
        self.assert_fault(f"vmbase_thing_open: not aligned: {row}", row.replace("// ", "//"), row)

    def test_an_error_without_condition(self):
        expected = "vmbase_thing_open: VMBASE_ERROR_BUSY: the text does not begin with a condition"
        self.assert_fault(expected, "if it is open", "it is open")

    def test_other_text_in_the_list(self):
        row = "//   or what vmbase_thing_close() gives"
        expected = f"vmbase_thing_open: not a row of a list of errors: {row}"
        self.assert_fault(expected, "//   the errors of vmbase_thing_close(), and of\n//   others", row)

    def test_an_error_twice(self):
        self.assert_fault("vmbase_thing_open: names an error twice", "NOT_FOUND  as", "BUSY       as")

    def test_name(self):
        expected = "vmbase_open_thing: does not begin with vmbase_thing_"
        self.assert_fault(expected, "vmbase_thing_open", "vmbase_open_thing")

    def test_callback(self):
        expected = "close: the last parameter is not void *context"
        self.assert_fault(expected, "vmbase_thing *thing, void *context)", "vmbase_thing *thing)")

    def test_member(self):
        self.assert_fault("open: does not begin with is_ or has_", "bool is_open;", "bool open;")


class HeadersTest(unittest.TestCase):
    def test_headers(self):
        folder = ROOT / "include" / "vmbase"
        known_contexts = contexts((ROOT / "doc" / "conventions.md").read_text(encoding="utf-8"))
        known_errors = error_names((folder / "error.h").read_text(encoding="utf-8"))
        self.assertIn("any", known_contexts)
        self.assertIn("VMBASE_ERROR_BUSY", known_errors)
        faults, functions = [], []
        for path in sorted(folder.rglob("*.h")):
            name = path.relative_to(folder).as_posix()
            header = Header(name, path.read_text(encoding="utf-8"), known_contexts, known_errors)
            faults += header.check()
            functions += header.functions
            for other in sorted(OTHER_NAMES.get(name, {}).keys() - header.used_names):
                faults.append(f"{name}: {other} is in the list of other names, but not in the header")
        print(f"{len(functions)} functions")
        self.assertEqual(faults, [], "\n" + "\n".join(faults))
        self.assertEqual(HOOKS - set(functions), set())


if __name__ == "__main__":
    if ROOT is None:
        sys.exit(__doc__)
    unittest.main(argv=sys.argv[:1])

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Translates a public header into the form that Doxygen reads, for the API reference.

usage: doxygen_filter.py FILE

FILE is a header of include/vmbase, or doc/headers.md, which becomes the main page. The headers have plain comments,
`//`, in the form that doc/conventions.md describes. This filter prints the header with the same declarations and
these comments:

- The comment at the top describes the file. Its first sentence is the brief description.
- A comment directly above a declaration describes the declaration. The declarations that follow without a blank line
  refer to the first one.
- A comment at the end of a line describes the member of a struct, the enumerator or the macro on that line.
- A comment with a blank line below it begins a section.
- Indented lines are an example. A line `Context: …` and the lines below `Errors:` become paragraphs with a title.
- A name that another header of the directory declares, and a header's name such as <vmbase/heap.h>, become links.
"""

import html
import pathlib
import re
import sys

COMMENT = re.compile(r"^(\s*)//(?: (.*)|)$")
TRAILING = re.compile(r"^(.*\S)(\s+)// (.*)$")
HEADER_NAME = re.compile(r"<vmbase/([a-z0-9_/]+\.h)>")
WORD = re.compile(
    r"<vmbase/[a-z0-9_/]+\.h>|`[^`]*`|\b(?:vmbase|VMBASE)_\w+\b(?:\(\))?|[\\#<>&*%\"]|@(?=[a-z])|__",
)
# What Doxygen and Markdown would take for their own.
ESCAPED = {
    "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;",
    "\\": "\\\\", "@": "\\@", "#": "\\#", "%": "\\%", "*": "\\*", "__": "\\_\\_",
}
# A row of a table: names, two or more blanks, and the text.
ROW = re.compile(r"^ {0,3}(VMBASE_\w+(?:, VMBASE_\w+)*):? {2,}(\S.*)$")
# The beginning of a struct, a union or an enum.
RECORD = re.compile(r"(?:typedef )?(?:struct|union|enum)(?: VMBASE_\w+)?(?: (\w+))? \{")
LIST_ITEM = re.compile(r"^ *(?:- |\d+\. )")
# The longest first line of a section's comment that is taken for its title.
TITLE_LENGTH = 70


def declared_names(text):
    """Returns the public names that a header declares, each with its kind: function, struct or other."""
    code = re.sub(r"//.*", "", text)
    names = {name: "other" for name in re.findall(r"^#define (VMBASE_\w+|vmbase_\w+)", code, re.MULTILINE)}
    # Guards of the header are not of interest to a reader.
    names = {name: kind for name, kind in names.items() if not name.endswith("_H")}
    code = re.sub(r"^#.*(?:\\\n.*)*", "", code, flags=re.MULTILINE)
    names.update((name, "struct") for name in re.findall(r"^(?:struct|union) (vmbase_\w+) \{", code, re.MULTILINE))
    names.update((name, "other") for name in re.findall(r"^enum (?:VMBASE_\w+ )?(vmbase_\w+) \{", code, re.MULTILINE))
    names.update((name, "other") for name in re.findall(r"^\t(VMBASE_\w+)(?: = [^,]+)?,", code, re.MULTILINE))
    names.update((name, "other") for name in re.findall(r"^extern [^(;]*\b(vmbase_\w+)(?:\[\])?;", code, re.MULTILINE))
    names.update((name, "other") for name in re.findall(r"^typedef [^;]*?\b(vmbase_\w+)\(", code, re.MULTILINE))
    names.update((name, "function") for name in declared_functions(text))
    return names


def declared_functions(text):
    """Returns the names of the functions that a header declares or defines, in their order."""
    code = re.sub(r"//.*", "", text)
    code = re.sub(r"^#(?:.*\\\n)*.*", "", code, flags=re.MULTILINE)
    code = re.sub(r"__attribute__\(\((?:[^()]|\([^()]*\))*\)\)", "", code)
    code = re.sub(r"^(?:struct|enum|union)[^;(]*\{[^}]*\};", "", code, flags=re.MULTILINE)
    pattern = r"^(?!typedef)[a-zA-Z][\w \t\n*]*?[\s*](vmbase_\w+|(?:sync|irq|fiq|serr)_\w+)\("
    return re.findall(pattern, code, re.MULTILINE)


def declared_name(declaration):
    """Returns the name that one declaration is about."""
    functions = declared_functions(declaration)
    if functions:
        return functions[0] + "()"
    found = RECORD.match(declaration) or re.search(r"\b(vmbase_\w+)(?:\[[^]]*\])?(?:\([^;]*\))?;", declaration)
    return found[1] if found else None


class Names:
    """Knows which words become links."""

    def __init__(self, folder):
        self.kinds = {}
        self.headers = set()
        for header in sorted(folder.rglob("*.h")):
            self.headers.add(header.relative_to(folder).as_posix())
            self.kinds.update(declared_names(header.read_text(encoding="utf-8")))

    def link(self, word):
        """Returns the text for Doxygen of one word that WORD matches."""
        header = HEADER_NAME.fullmatch(word)
        if header:
            text = html.escape(word)
            return f'@ref {header[1]} "{text}"' if header[1] in self.headers else text
        if word.startswith("`"):
            inner = word[1:-1]
            if inner in self.kinds:
                return self.link(inner)
            return f"<code>{html.escape(inner)}</code>" if "@" not in inner else f"<code>{escape(inner)}</code>"
        name = word.removesuffix("()")
        if name in self.kinds:
            shown = name + "()" if self.kinds[name] == "function" else word
            return f'@ref {name} "{shown}"'
        return escape(word)

    def mark_up(self, text):
        """Returns a text with its links, and with what Doxygen would take for a command escaped."""
        return WORD.sub(lambda match: self.link(match[0]), text)


def escape(text):
    """Returns a text that Doxygen prints as it is."""
    return re.sub(r"[&<>\\#%*\"]|@(?=[a-z]|$)|__", lambda match: ESCAPED[match[0]], text)


def first_sentence(text):
    """Returns the first sentence of a text of one line, and the rest."""
    depth = 0
    for index, char in enumerate(text):
        depth += (char in "([") - (char in ")]")
        if char == "." and depth <= 0 and (index + 1 == len(text) or text[index + 1] == " "):
            return text[: index + 1], text[index + 2 :]
    return text, ""


def blocks(lines):
    """Yields the parts of a comment: (kind, lines). The kinds are text, example, item, table and errors."""
    index = 0
    in_errors = False
    while index < len(lines):
        line = lines[index]
        if not line.strip():
            in_errors = False
            index += 1
            continue
        if line == "Errors:":
            in_errors = True
            index += 1
            continue
        if in_errors or ROW.match(line):
            rows = []
            column = len(line) + 1
            while index < len(lines) and lines[index].strip():
                line = lines[index]
                indent = len(line) - len(line.lstrip())
                row = ROW.match(line)
                if row:
                    column = row.start(2)
                    rows.append([row[1], row[2]])
                elif rows and indent >= 4 and indent >= min(column, 6):
                    rows[-1][1] += " " + line.strip()
                elif in_errors and indent > 0:
                    column = len(line) + 1
                    # A list of functions can go on in the next line.
                    if rows and not rows[-1][0] and rows[-1][1].endswith((",", " and", " or")):
                        rows[-1][1] += " " + line.strip()
                    else:
                        rows.append(["", line.strip()])
                else:
                    break
                index += 1
            yield ("errors" if in_errors else "table"), rows
            in_errors = False
            continue
        begin = index
        if line.startswith("    "):
            while index < len(lines) and (lines[index].startswith("    ") or not lines[index].strip()):
                index += 1
            example = lines[begin:index]
            while not example[-1].strip():
                example.pop()
            yield "example", [text[4:] for text in example]
            continue
        if LIST_ITEM.match(line):
            index += 1
            while index < len(lines) and lines[index].startswith("  ") and not LIST_ITEM.match(lines[index]):
                index += 1
            yield "item", [text.strip() for text in lines[begin:index]]
            continue
        while (
            index < len(lines)
            and lines[index].strip()
            and lines[index] != "Errors:"
            and (index == begin or not lines[index].startswith("Context: "))
            and not ROW.match(lines[index])
            and not lines[index].startswith("    ")
            and not LIST_ITEM.match(lines[index])
        ):
            index += 1
        yield "text", [text.strip() for text in lines[begin:index]]


def documentation(lines, names, command="@brief"):
    """Returns a comment's lines as lines of documentation. The first sentence follows `command`."""
    out = []
    for kind, content in blocks(lines):
        if out:
            out.append("")
        if kind == "text":
            text = " ".join(content)
            if text.startswith("Context: "):
                out += ["@par Context", names.mark_up(text.removeprefix("Context: "))]
                continue
            if not out and command:
                sentence, text = first_sentence(text)
                out.append(f"{command} {names.mark_up(sentence)}")
                out += [""] if text else []
            if text:
                out.append(names.mark_up(text))
        elif kind == "item":
            if out and len(out) >= 2 and out[-2].startswith("- "):
                out.pop()
            out.append("- " + names.mark_up(re.sub(LIST_ITEM, "", " ".join(content))))
        elif kind == "example":
            language = "{.c}" if re.search(r"[;{]|\)$", "\n".join(content)) else "{.unparsed}"
            out += [f"@code{language}", *content, "@endcode"]
        else:
            out += ["@par Errors"] if kind == "errors" else []
            rows = []
            for key, text in content:
                if key:
                    keys = ",<br>".join(names.mark_up(name) for name in key.split(", "))
                    rows.append(f"<tr><td>{keys}</td><td>{names.mark_up(text)}</td></tr>")
                else:
                    rows.append(f'<tr><td colspan="2">{names.mark_up(text)}</td></tr>')
            out += ['<table class="names">', *rows, "</table>"]
    return out


def special_comment(lines, opening="/**"):
    """Returns lines of documentation as a comment for Doxygen."""
    while lines and not lines[-1]:
        lines = lines[:-1]
    return [opening, *lines, "*/"]


class Header:
    """Translates one header."""

    def __init__(self, path, names):
        self.names = names
        self.lines = path.read_text(encoding="utf-8").splitlines()
        self.out = []
        self.in_section = False
        # The comment for the next declaration.
        self.pending = []
        # The first of the declarations that stand together and have one comment.
        self.first = None
        # What has been read of a declaration, and how many of its braces are open.
        self.declaration = ""
        self.depth = 0
        self.is_macro = False

    def translate(self):
        """Returns the header with comments for Doxygen."""
        index = 0
        is_described = False
        while index < len(self.lines):
            line = self.lines[index]
            if self.is_macro or self.in_function() or not COMMENT.match(line):
                self.code(index)
                index += 1
                continue
            texts = []
            while index < len(self.lines) and (comment := COMMENT.match(self.lines[index])):
                texts.append(comment[2] or "")
                index += 1
            following = self.lines[index].strip() if index < len(self.lines) else ""
            if texts[0].startswith("SPDX-License-Identifier:") or following.startswith("#if"):
                # A comment on conditional lines is for the header's maintainer.
                continue
            if not is_described:
                is_described = True
                self.out += special_comment(["@file", *documentation(texts, self.names)])
            elif following or self.depth > 0:
                self.pending = special_comment(documentation(texts, self.names))
                self.first = None
            else:
                self.section(texts)
        if self.in_section:
            self.out.append("/** @} */")
        return "\n".join(self.out) + "\n"

    def in_function(self):
        """Whether a function's body is being read."""
        return self.depth > 0 and not RECORD.match(self.declaration)

    def section(self, texts):
        """Begins a section, with a title and a text."""
        title, rest = texts[0], texts[1:]
        if len(title) > TITLE_LENGTH or (rest and rest[0].strip() and not title.endswith(".")):
            title, rest = "Notes", texts
        if self.in_section:
            self.out.append("/** @} */")
        self.in_section = True
        # A title has no links.
        lines = [f"@name {title.rstrip('.')}", "", *documentation(rest, self.names, command="")]
        self.out += [*special_comment(lines), "/** @{ */"]

    def code(self, index):
        """Translates a line that is no comment."""
        line = self.lines[index]
        if re.match(r"#define VMBASE_\w+_H$", line):
            return
        if re.match(r"#ifndef VMBASE_\w+_H$", line):
            line = "#if 1"
        if not line.strip():
            self.out.append(line)
            follower = self.lines[index + 1] if index + 1 < len(self.lines) else ""
            # Two functions with bodies have a blank line between them.
            if self.depth == 0 and not self.declaration and not follower.startswith("static inline "):
                self.first = None
            return
        if re.match(r"(struct|union|enum) \w+;$", line):
            # A forward declaration is not what a comment above it describes.
            self.out.append(line)
            return
        is_directive = line.startswith("#") and not line.startswith("#define")
        enum_of_this_name = re.match(r"enum (\w+) \1\(.*\);$", line)
        if enum_of_this_name and self.pending:
            # Doxygen would take the function for the enum, but does not take a macro for it.
            self.out += [*self.pending[:-1], "", "@par Prototype", "This is a function. It is listed as a macro here"]
            self.out += ["because an enum has the same name.", "@code{.c}", line, "@endcode", "*/"]
            self.out.append(f"#define {enum_of_this_name[1]}()")
            self.pending = []
            return
        if self.pending:
            self.out += self.pending
            self.pending = []
            self.first = "" if self.depth == 0 else None
        elif self.first and self.depth == 0 and not self.declaration and not self.is_macro and not is_directive:
            self.out += special_comment([f"@brief See {self.names.link(self.first)}."])
        trailing = TRAILING.match(line)
        if trailing and not self.in_function():
            self.out.append(f"{trailing[1]} /**< {self.names.mark_up(trailing[3])} */")
            line = trailing[1]
        else:
            self.out.append(line)
        self.follow(line)

    def follow(self, line):
        """Finds out where declarations end, and the name of one that has a comment."""
        if self.is_macro or line.startswith("#"):
            if line.startswith("#define") and self.first == "":
                self.first = re.match(r"#define (\w+)", line)[1]
            self.is_macro = line.endswith("\\")
            return
        if line == 'extern "C" {' or (line == "}" and self.depth == 0):
            return
        self.declaration += line + "\n"
        self.depth += line.count("{") - line.count("}")
        if self.depth == 0 and line.endswith((";", "}")):
            if self.first == "":
                self.first = declared_name(self.declaration)
            self.declaration = ""


def main_page(path, names):
    """Returns doc/headers.md with links to the pages of the headers."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"^<!--.*?-->\n", "", text, flags=re.DOTALL)

    def link(match):
        label, target = match[1], match[2]
        header = re.search(r"include/vmbase/(\S+\.h)$", target)
        if header and header[1] in names.headers:
            return f'@ref {header[1]} "{html.escape(label.strip("`"))}"'
        return f"{label} ({target})" if not target.startswith("http") else match[0]

    text = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", link, text)
    return text


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    path = pathlib.Path(sys.argv[1])
    if path.suffix == ".md":
        folder = path.resolve().parent.parent / "include" / "vmbase"
        sys.stdout.write(main_page(path, Names(folder)))
        return
    folder = path.resolve().parent
    while folder.name != "vmbase" and folder.parent != folder:
        folder = folder.parent
    sys.stdout.write(Header(path, Names(folder)).translate())


if __name__ == "__main__":
    main()

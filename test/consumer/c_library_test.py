#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The functions of C17 and POSIX that doc/libc.md lists link into a guest, and cost nothing if they are not used."""

import pathlib
import re
import tempfile
import unittest

import support
from c_library_names import C17, FLOATING, POSIX, THREE_TYPES

# POSIX's functions that the library itself defines, each with a definition that a guest might bring instead.
REPLACEABLE = {
    "access": "int access(const char *path, int mode) { return mode == 0 && path != 0; }",
    "clock_getres": "int clock_getres(clockid_t id, struct timespec *t) { return (int)id + (t != 0); }",
    "clock_gettime": "int clock_gettime(clockid_t id, struct timespec *t) { return (int)id + (t != 0); }",
    "close": "int close(int file) { return file; }",
    "fstat": "int fstat(int file, struct stat *status) { return file + (status != 0); }",
    "getentropy": "int getentropy(void *buffer, size_t size) { return buffer != 0 && size == 0; }",
    "getpid": "pid_t getpid(void) { return 42; }",
    "gettimeofday": "int gettimeofday(struct timeval *restrict t, void *restrict zone) { return t != 0 && zone != 0; }",
    "isatty": "int isatty(int file) { return file; }",
    "kill": "int kill(pid_t process, int number) { return (int)process + number; }",
    "lseek": "off_t lseek(int file, off_t offset, int whence) { return file + offset + whence; }",
    "mkdir": "int mkdir(const char *path, mode_t mode) { return path != 0 && mode == 0; }",
    "nanosleep": "int nanosleep(const struct timespec *t, struct timespec *left) { return t != 0 && left != 0; }",
    "open": "int open(const char *path, int flags, ...) { return flags + (path != 0); }",
    "read": "ssize_t read(int file, void *buffer, size_t size) { return file + (buffer != 0) + (ssize_t)size; }",
    "rename": "int rename(const char *from, const char *to) { return from == to; }",
    "rmdir": "int rmdir(const char *path) { return path != 0; }",
    "sleep": "unsigned int sleep(unsigned int seconds) { return seconds; }",
    "stat": "int stat(const char *restrict path, struct stat *restrict s) { return path != 0 && s != 0; }",
    "times": "clock_t times(struct tms *t) { return t != 0; }",
    "unlink": "int unlink(const char *path) { return path != 0; }",
    "usleep": "int usleep(useconds_t duration) { return (int)duration; }",
    "write": (
        "ssize_t write(int file, const void *buffer, size_t size)"
        " { return file + (buffer != 0) + (ssize_t)size; }"
    ),
    "_exit": "_Noreturn void _exit(int status) { for (volatile int i = status;; i++) { } }",
}
POSIX_HEADERS = "".join(
    f"#include <{name}>\n"
    for name in (
        "fcntl.h",
        "signal.h",
        "stdio.h",
        "sys/stat.h",
        "sys/time.h",
        "sys/times.h",
        "time.h",
        "unistd.h",
    )
)

# It keeps a reference to each function, and calls none.
PROGRAM = """
{headers}
#include <vmbase/heap.h>
#include <vmbase/main.h>

VMBASE_HEAP(1 << 20);

{definitions}
{undefine}
typedef void (*function)(void);
static const volatile function functions[] = {{ {functions} }};

static void guest(void)
{{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {{
		if (functions[i] == NULL) {{
			guest();
		}}
	}}
}}
VMBASE_MAIN(guest);
"""


# Uses the macros of C17's headers, and the functions of POSIX that are macros.
MACROS = """
#include <assert.h>
#include <errno.h>
#include <float.h>
#include <iso646.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <tgmath.h>

#include <vmbase/main.h>

static_assert(alignof(max_align_t) == 16, "alignment");

static jmp_buf environment;
static atomic_int counter;

static int sum(int count, ...)
{
	va_list arguments, copy;
	int total = 0;

	va_start(arguments, count);
	va_copy(copy, arguments);
	for (int i = 0; i < count; i++) {
		total += va_arg(copy, int);
	}
	va_end(copy);
	va_end(arguments);
	return total;
}

static void guest(void)
{
	volatile double number = 2;

	assert(sum(2, 1, 2) == 3 and isfinite(number) and not isnan(number) and isgreater(number, 1.0));
	assert(fpclassify(number) == FP_NORMAL and not signbit(number) and DBL_DIG == 15);
	assert(isless(sqrt((float)number), sqrt(number) + 1));
	if (setjmp(environment) == 0) {
		atomic_fetch_add(&counter, 1);
		longjmp(environment, 1);
	}
	sigset_t set;
	char path[] = "a/b";

	sigfillset(&set);
	sigemptyset(&set);
	sigaddset(&set, SIGABRT);
	sigdelset(&set, SIGABRT);
	if (sigismember(&set, SIGABRT) or basename(path) == NULL) {
		longjmp(environment, 1);
	}
	errno = INT_MAX > INT16_MAX ? ERANGE : EDOM;
}
VMBASE_MAIN(guest);
"""


def quoted(names):
    """Returns a cell of a table of Markdown with names."""
    return " ".join(f"`{name}`" for name in names) or "-"


def program(headers, names, definitions=""):
    return PROGRAM.format(
        headers=headers,
        definitions=definitions,
        undefine="".join(f"#undef {name}\n" for name in names),
        functions=", ".join(f"(function){name}" for name in names),
    )


class CLibraryTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="vmbase-c-library-")
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name).resolve()
        cls.installed = support.Installation(support.BUILD, cls.root / "destdir")

    def link(self, text, package="vmbase-qemu"):
        """Links a guest without a word of the compiler's, and returns the types of its symbols, as nm has them."""
        source, guest = self.root / "main.c", self.root / "guest"
        source.write_text(text)
        status, output = support.run(
            *support.CC,
            "-std=gnu17",
            "-fuse-ld=lld",
            *self.installed.flags(package, "--cflags"),
            source,
            *self.installed.flags(package, "--libs"),
            "-o",
            guest,
        )
        self.assertEqual((status, output), (0, ""))
        lines = support.succeed(support.NM, "--defined-only", "--format=posix", guest).splitlines()
        return {line.split()[0]: line.split()[1] for line in lines}

    def compile(self, *words):
        """Runs the compiler, and returns its exit status and its messages."""
        flags = self.installed.flags("vmbase-qemu", "--cflags")
        options = ("-std=gnu17", "-D_GNU_SOURCE", "-ferror-limit=0", "-fno-spell-checking")
        return support.run(*support.CC, *options, *flags, *words, cwd=self.root)

    def write_references(self, functions):
        """Writes a file for each header that refers to functions of the header, and returns the files."""
        files = {}
        for header, names in functions.items():
            files[header] = self.root / (re.sub(r"\W", "_", header) + ".c")
            files[header].write_text(
                f"#include <{header}>\n"
                + "".join(f"#undef {name}\n" for name in names)
                + "typedef void (*function)(void);\n"
                + "__attribute__((used, retain)) static const function functions[] = "
                + f"{{ {', '.join(f'(function){name}' for name in names)} }};\n"
            )
        return files

    def declared(self, functions):
        """Returns which of each header's functions the header declares, without the headers that do not exist."""
        files = self.write_references(functions)
        _, output = self.compile("-fsyntax-only", *(path.name for path in files.values()))
        declared = {}
        for header, names in functions.items():
            file = re.escape(files[header].name)
            # The library has some headers that do not compile, or include one that it does not have.
            inside = rf"In file included from (?:.*/)?{file}:1:\n(?:In file included from .*\n)*.* error: "
            if re.search(rf"^(?:{inside}|{file}:.* file not found$)", output, re.MULTILINE):
                continue
            errors = re.findall(rf"^{file}:.* error: (.*)$", output, re.MULTILINE)
            unknown = [re.sub(r"^use of undeclared identifier '(\w+)'$", r"\1", error) for error in errors]
            self.assertLessEqual(set(unknown), set(names))
            declared[header] = [name for name in names if name not in unknown]
        return declared

    def undefined(self, functions):
        """Returns which functions a guest cannot use because they do not link."""
        main = self.root / "main.c"
        main.write_text(program("#include <stddef.h>", ["guest"], "static void guest(void);"))
        sources = [main, *self.write_references(functions).values()]
        self.assertEqual(self.compile("-c", *sources), (0, ""))
        objects = [source.with_suffix(".o") for source in sources]
        libraries = self.installed.flags("vmbase-qemu", "--libs")
        status, output = self.compile("-fuse-ld=lld", "-Wl,--error-limit=0", *objects, *libraries, "-o", "all")
        undefined = set(re.findall(r"undefined symbol: (\w+)", output))
        names = {name for names in functions.values() for name in names}
        if status == 0 or (undefined and undefined <= names):
            return undefined
        # A function is there and needs another one that is missing.
        if len(names) == 1:
            return names
        items = [(header, name) for header, names in functions.items() for name in names]
        halves = {}, {}
        for index, (header, name) in enumerate(items):
            halves[index < len(items) // 2].setdefault(header, []).append(name)
        return self.undefined(halves[0]) | self.undefined(halves[1])

    def linked(self, functions):
        """Returns which of each header's functions link, without the headers that do not exist."""
        declared = self.declared(functions)
        undefined = self.undefined({header: names for header, names in declared.items() if names})
        return {header: [name for name in names if name not in undefined] for header, names in declared.items()}

    def libc_chapter(self):
        """Returns the text of doc/libc.md."""
        return (support.SOURCE / "doc" / "libc.md").read_text(encoding="utf-8")

    def check_table(self, title, rows):
        """Compares the rows below a title of doc/libc.md with those wanted, each but for its last cell, a remark."""
        section = self.libc_chapter().partition(f"\n### {title}\n")[2].partition("\n#")[0]
        found = [line.rpartition(" | ")[0] for line in section.splitlines() if line.startswith("| `<")]
        if found != rows:
            wanted = "\n".join(f"{row} | |" for row in rows)
            self.fail(f"doc/libc.md, {title}: the table should have these rows, with their remarks:\n{wanted}")

    def test_c17_is_as_the_chapter_says(self):
        functions = {
            header: [name + suffix for name in text.split() for suffix in (THREE_TYPES if header in FLOATING else [""])]
            for header, text in C17.items()
        }
        linked = self.linked(functions)
        rows = []
        for header, names in functions.items():
            missing = [name for name in names if name not in linked.get(header, [])]
            if header in linked:
                rows.append(f"| `<{header}>` | {len(names) - len(missing)} | {quoted(missing)}")
            else:
                rows.append(f"| `<{header}>` | no header | all {len(names)}")
        self.check_table("C17", rows)

    def test_posix_is_as_the_chapter_says(self):
        functions = {header: text.split() for header, text in POSIX.items()}
        linked = self.linked(functions)
        rows = []
        for header, names in functions.items():
            if header in linked:
                missing = [name for name in names if name not in linked[header]]
                rows.append(f"| `<{header}>` | {quoted(linked[header])} | {quoted(missing)}")
        self.check_table("POSIX", rows)
        text = self.libc_chapter()
        for header in functions.keys() - linked.keys():
            self.assertIn(f"`<{header}>`", text.partition("These headers cannot be included:")[2].partition("\n\n")[0])

    def test_macros_compile(self):
        self.link(MACROS)

    def test_a_guest_may_bring_its_own(self):
        # One by one: each without the others of its file.
        for name, definition in REPLACEABLE.items():
            with self.subTest(name):
                self.link(program(POSIX_HEADERS, REPLACEABLE, definition))
        self.link(program(POSIX_HEADERS, REPLACEABLE, "\n".join(REPLACEABLE.values())))

    def test_what_is_not_used_is_not_there(self):
        symbols = self.link(program("#include <stddef.h>", ["guest"], "static void guest(void);"))
        # A driver may have a static function of such a name.
        symbols = {name for name, kind in symbols.items() if kind != "t"}
        unused = {"exit", "abort", "atexit", "signal", "printf", "stdin", "__aarch64_have_lse_atomics"}
        unused |= set(REPLACEABLE)
        self.assertEqual(symbols & unused, set())


if __name__ == "__main__":
    unittest.main(argv=["c_library_test.py"])

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What C17 promises links into a guest, without a definition of its own, and costs nothing if it is not used."""

import pathlib
import tempfile
import unittest

import support

# The functions of C17's library, except those that picolibc does not have: wide-character streams, fgetpos(),
# fsetpos(), timespec_get(), wcsftime(), wcstold(), <threads.h> and <uchar.h>.
C17 = {
    "ctype.h": """
        isalnum isalpha isblank iscntrl isdigit isgraph islower isprint ispunct isspace isupper isxdigit
        tolower toupper
    """,
    "fenv.h": """
        feclearexcept fegetexceptflag feraiseexcept fesetexceptflag fetestexcept fegetround fesetround
        fegetenv feholdexcept fesetenv feupdateenv
    """,
    "inttypes.h": """
        imaxabs imaxdiv strtoimax strtoumax wcstoimax wcstoumax
    """,
    "locale.h": """
        setlocale localeconv
    """,
    "setjmp.h": """
        longjmp
    """,
    "signal.h": """
        signal raise
    """,
    "stdio.h": """
        remove rename tmpfile tmpnam fclose fflush fopen freopen setbuf setvbuf fprintf fscanf printf scanf
        snprintf sprintf sscanf vfprintf vfscanf vprintf vscanf vsnprintf vsprintf vsscanf fgetc fgets fputc
        fputs getc getchar putc putchar puts ungetc fread fwrite fseek ftell rewind clearerr feof ferror
        perror
    """,
    "stdlib.h": """
        atof atoi atol atoll strtod strtof strtold strtol strtoll strtoul strtoull rand srand aligned_alloc
        calloc free malloc realloc abort atexit at_quick_exit exit _Exit getenv quick_exit system bsearch
        qsort abs labs llabs div ldiv lldiv mblen mbtowc wctomb mbstowcs wcstombs
    """,
    "string.h": """
        memcpy memmove strcpy strncpy strcat strncat memcmp strcmp strcoll strncmp strxfrm memchr strchr
        strcspn strpbrk strrchr strspn strstr strtok memset strerror strlen
    """,
    "time.h": """
        clock difftime mktime time asctime ctime gmtime localtime strftime
    """,
    "wchar.h": """
        wcstod wcstof wcstol wcstoll wcstoul wcstoull wcscpy wcsncpy wmemcpy wmemmove wcscat wcsncat wcscmp
        wcscoll wcsncmp wcsxfrm wmemcmp wcschr wcscspn wcspbrk wcsrchr wcsspn wcsstr wcstok wmemchr wcslen
        wmemset btowc wctob mbsinit mbrlen mbrtowc wcrtomb mbsrtowcs wcsrtombs
    """,
    "wctype.h": """
        iswalnum iswalpha iswblank iswcntrl iswdigit iswgraph iswlower iswprint iswpunct iswspace iswupper
        iswxdigit iswctype wctype towlower towupper towctrans wctrans
    """,
    "math.h": """
        acos asin atan atan2 cos sin tan acosh asinh atanh cosh sinh tanh exp exp2 expm1 frexp ilogb ldexp
        log log10 log1p log2 logb modf scalbn scalbln cbrt fabs hypot pow sqrt erf erfc lgamma tgamma ceil
        floor nearbyint rint lrint llrint round lround llround trunc fmod remainder remquo copysign nan
        nextafter nexttoward fdim fmax fmin fma
    """,
    "complex.h": """
        cacos casin catan ccos csin ctan cacosh casinh catanh ccosh csinh ctanh cexp clog cabs cpow csqrt
        carg cimag conj cproj creal
    """,
}
# Those that are of float, double and long double.
THREE_TYPES = ("math.h", "complex.h")

# What the library has of POSIX's functions, with a definition that a guest might bring instead.
POSIX = {
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


def program(headers, names, definitions=""):
    return PROGRAM.format(
        headers=headers,
        definitions=definitions,
        undefine="".join(f"#undef {name}\n" for name in names),
        functions=", ".join(f"(function){name}" for name in names),
    )


class CLibraryTest(unittest.TestCase):
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

    def test_what_c17_promises_links(self):
        for header, text in C17.items():
            with self.subTest(header):
                names = text.split()
                if header in THREE_TYPES:
                    names = [name + suffix for name in names for suffix in ("", "f", "l")]
                self.assertGreaterEqual(set(self.link(program(f"#include <{header}>", names))), set(names))

    def test_what_posix_programs_ask_for_links(self):
        self.assertGreaterEqual(set(self.link(program(POSIX_HEADERS, POSIX))), set(POSIX))

    def test_a_guest_may_bring_its_own(self):
        # One by one: each without the others of its file.
        for name, definition in POSIX.items():
            with self.subTest(name):
                self.link(program(POSIX_HEADERS, POSIX, definition))
        self.link(program(POSIX_HEADERS, POSIX, "\n".join(POSIX.values())))

    def test_what_is_not_used_is_not_there(self):
        symbols = self.link(program("#include <stddef.h>", ["guest"], "static void guest(void);"))
        # A driver may have a static function of such a name.
        symbols = {name for name, kind in symbols.items() if kind != "t"}
        unused = set(POSIX) | {"exit", "abort", "atexit", "signal", "printf", "stdin", "__aarch64_have_lse_atomics"}
        self.assertEqual(symbols & unused, set())


if __name__ == "__main__":
    unittest.main(argv=["c_library_test.py"])

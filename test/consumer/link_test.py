#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Expects a sentence, not an image, where an image cannot work; and an image where it can.

Each case asserts what the compiler or linker says, so that it fails for its own reason only.
"""

import pathlib
import re
import struct
import tempfile
import unittest

import support

HEADERS = """
#include <vmbase/console.h>
#include <vmbase/exceptions.h>
#include <vmbase/layout.h>
#include <vmbase/log.h>
#include <vmbase/main.h>
"""

# It prints the string that is filled in, so that the linker does not drop it as garbage.
MAIN = (
    HEADERS
    + """
static void guest(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	vmbase_println("%%s", %s);
}
"""
)
GUEST = MAIN % '"a guest"' + "VMBASE_MAIN(guest);\n"
SECTION = """
__asm__(".pushsection {section}, \\"{flags}\\", %progbits\\n"
	".global patched_text\\n"
	"patched_text: .asciz \\"patched\\"\\n"
	".popsection\\n");
extern const char patched_text[];
"""
IFUNC = """
static const char *real(void) { return "real"; }
__attribute__((used)) static void *resolve(void) { return (void *)real; }
const char *chosen(void) __attribute__((ifunc("resolve")));
"""

# Volatile, so that the compiler makes calls of them.
MEM_FUNCTIONS = """
#include <string.h>

static char text[100];
static volatile size_t size = sizeof(text);

static const char *use_all(void)
{
	memset(text, 'x', size);
	memcpy(text, text + size / 2, size / 2);
	memmove(text, text + 1, size - 1);
	return memcmp(text, text + 1, size - 1) == 0 ? "same" : "different";
}
"""
OWN_MEMCPY = """
void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((volatile char *)to)[i] = ((const volatile char *)from)[i];
	return to;
}
"""

# Volatile, so that the access stays where it is.
MULTIPLY_AFTER_ACCESS = """
#include <stdint.h>

__attribute__((noinline)) static uint64_t sequence(const volatile uint64_t *p, uint64_t a, uint64_t b)
{
	return a * b + *p;
}
static const char *use(void)
{
	static volatile uint64_t one = 1;
	return sequence(&one, one, one) == 2 ? "two" : "not two";
}
"""
# ADRP, a memory access, something that leaves x0 alone, and an access by x0.
ADRP_AT_PAGE_END = """
int variable = 5;
__asm__(".pushsection .text.sequence, \\"ax\\"\\n"
	".balign 4096\\n"
	".space 0xff8\\n"
	"nop\\n"
	".global sequence\\n"
	"sequence: adrp x0, variable\\n"
	"ldr x1, [sp]\\n"
	"add x2, x2, #1\\n"
	"ldr w0, [x0, #:lo12:variable]\\n"
	"ret\\n"
	".popsection\\n");
int sequence(void);
static const char *use(void)
{
	return sequence() == 5 ? "five" : "not five";
}
"""

HANDLERS = (
    "sync_exception_current",
    "irq_current",
    "fiq_current",
    "serr_current",
    "sync_lower",
    "irq_lower",
    "fiq_lower",
    "serr_lower",
)

NOP = 0xD503201F

# A project whose only purpose is a library without default handlers.
BARE_PROJECT = "project('bare', 'c')\nsubproject('vmbase')\n"


def define_handlers(names):
    lines = [f"void {name}(struct vmbase_exception_frame *frame) {{ (void)frame; }}\n" for name in names]
    return "".join(lines)


class Case(unittest.TestCase):
    """Compiles and links against what is installed."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="vmbase-link-")
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name).resolve()
        cls.installed = support.Installation(support.BUILD, cls.root / "destdir")

    def compile(self, text, *extra):
        """Compiles without linking, as strictly as a careful user; returns status and output."""
        source = self.root / "main.c"
        source.write_text(text)
        flags = self.installed.flags("vmbase", "--cflags")
        words = [*support.CC, "-std=c17", "-Wall", "-Wextra", *flags, *extra]
        return support.run(*words, "-c", source, "-o", self.root / "main.o")

    def link(self, text, *extra, package="vmbase-qemu", installed=None, compile_extra=()):
        """Links one file of C, and what else is named; returns status and output."""
        status, output = self.compile(text, *compile_extra)
        self.assertEqual((status, output), (0, ""))
        (self.root / "guest").unlink(missing_ok=True)
        return support.run(
            *support.CC,
            "-fuse-ld=lld",
            *(installed or self.installed).flags(package, "--cflags"),
            self.root / "main.o",
            *extra,
            *(installed or self.installed).flags(package, "--libs"),
            "-o",
            self.root / "guest",
        )

    def link_custom(self, text, image=support.HERE / "custom" / "image.ld"):
        idmap = support.HERE / "custom" / "idmap.S"
        return self.link(text, idmap, f"-T{image}", package="vmbase-custom")

    def check_links(self, result):
        status, output = result
        self.assertEqual((status, output), (0, ""))
        self.assertTrue((self.root / "guest").exists())

    def check_fails(self, result, sentence, also=None):
        """Expects a failure that gives `sentence` as its reason, and none but that or `also`."""
        status, output = result
        self.assertNotEqual(status, 0, "it should have failed")
        self.assertRegex(output, sentence)
        # What ends the list of errors is allowed.
        reasons = [sentence, "(linker|ld.lld.*) command failed", "too many errors emitted"]
        reasons += [also] if also else []
        for line in output.splitlines():
            if "error: " in line:
                self.assertRegex(line, "|".join(f"(?:{reason})" for reason in reasons))


class LinkTest(Case):
    def test_a_sound_guest_links(self):
        for package in ("vmbase-qemu", "vmbase-crosvm"):
            with self.subTest(package):
                self.check_links(self.link(GUEST, package=package))
        self.check_links(self.link_custom(GUEST))

    def test_a_guest_that_reads_a_device_tree_links(self):
        if not (self.installed.prefix / "lib" / "libvmbase-fdt.a").exists():
            self.skipTest("there is no libfdt")
        text = "#include <vmbase/fdt.h>\n" + MAIN % "tree((const void *)arg0)" + "VMBASE_MAIN(guest);\n"
        tree = """
static const char *tree(const void *blob)
{
	static _Alignas(8) unsigned char copy[65536];
	struct vmbase_fdt_editor editor;
	struct vmbase_fdt fdt;

	return vmbase_fdt_open(&fdt, blob, 1 << 21) != VMBASE_OK ||
			vmbase_fdt_edit(&editor, &fdt, copy, sizeof(copy)) != VMBASE_OK
		? "none" : vmbase_error_name(vmbase_fdt_pack(&editor));
}
"""
        self.check_links(self.link(text.replace("\nstatic void guest", tree + "\nstatic void guest")))

    def test_no_section_is_writable_and_executable(self):
        main = MAIN % "patched_text" + "VMBASE_MAIN(guest);\n"
        # The names are those of code, of data, and one that no script knows.
        for section, harmless in ((".text.patched", "ax"), (".data.patched", "aw"), ("patched", None)):
            with self.subTest(section):
                text = SECTION.replace("{section}", section) + main
                result = self.link(text.replace("{flags}", "awx"))
                also = "incompatible section flags for .writable_code"
                self.check_fails(result, "vmbase: a section is both writable and executable", also)
                self.assertIn(f"main.o:({section})", result[1])
                if harmless:
                    self.check_links(self.link(text.replace("{flags}", harmless)))

    def test_a_section_of_an_unknown_name_has_no_place(self):
        main = MAIN % "patched_text" + "VMBASE_MAIN(guest);\n"
        for name in (".odd", "odd.one", "1odd", "odd-one"):
            for flags in ("a", "aw", "ax"):
                with self.subTest(name=name, flags=flags):
                    text = SECTION.replace("{section}", name).replace("{flags}", flags)
                    result = self.link(text + main)
                    sentence = "vmbase: a section has a name that the linker script does not place"
                    self.check_fails(result, sentence, "incompatible section flags for .unplaced")
                    self.assertIn(f"main.o:({name})", result[1])
        text = '__attribute__((section("odd"))) _Thread_local char text[8] = "text";\n' + MAIN % "text"
        result = self.link(text + "VMBASE_MAIN(guest);\n")
        also = "incompatible section flags for .unplaced_tls"
        self.check_fails(result, "vmbase: a section has a name that the linker script does not place", also)
        self.assertIn("main.o:(odd)", result[1])

    def test_a_section_named_like_an_identifier_is_a_linker_set(self):
        text = """
__attribute__((used, section("odd"))) static const char text[] = "text";
extern const char __start_odd[], __stop_odd[];
"""
        text += MAIN % "__start_odd + (__stop_odd - __start_odd) / 8" + "VMBASE_MAIN(guest);\n"
        for package in ("vmbase-qemu", "vmbase-crosvm"):
            self.check_links(self.link(text, package=package))
        self.check_links(self.link_custom(text))

    def test_a_linker_set_of_zeros_is_zeroed(self):
        text = SECTION.replace("{section}", "zeros").replace("{flags}", "aw").replace("%progbits", "%nobits")
        text = text.replace('.asciz \\"patched\\"', ".zero 8")
        noinit = '__attribute__((section(".noinit"), used)) static char more[4096];\n'
        main = MAIN % "patched_text" + "VMBASE_MAIN(guest);\n"
        self.check_links(self.link(text + main))
        status, output = self.link(text + main + noinit)
        if status == 0:
            lines = support.succeed(support.NM, self.root / "guest").splitlines()
            addresses = {words[-1]: int(words[0], 16) for words in map(str.split, lines) if len(words) == 3}
            self.assertLess(addresses["patched_text"], addresses["vmb_bss_end"])
        else:
            self.check_fails((status, output), "vmbase: a linker set contains only zeros")

    def test_alignment_that_a_vmm_does_not_promise_is_asked_for(self):
        for variable in ("static char", "static const char"):
            text = f'__attribute__((aligned(65536))) {variable} text[8] = "text";\n'
            main = MAIN % "text" + "VMBASE_MAIN(guest);\n"
            asked = "#include <vmbase/layout.h>\nVMBASE_CHECK_ALIGNMENT;\n"
            for package in ("vmbase-qemu", "vmbase-crosvm"):
                with self.subTest(variable=variable, package=package):
                    self.check_links(self.link(text + main, package=package))
                    self.check_links(self.link(asked + text + main, package=package))
            if (self.installed.pkgconfig / "vmbase-generic.pc").exists():
                with self.subTest(variable=variable):
                    sentence = "vmbase: something is aligned to more than 4 KiB"
                    self.check_fails(self.link(text + main, package="vmbase-generic"), sentence)
                    self.check_links(self.link(asked + text + main, package="vmbase-generic"))
                    text = text.replace("65536", str(4 << 20))
                    sentence = "vmbase: something is aligned to more than 2 MiB"
                    self.check_fails(self.link(asked + text + main, package="vmbase-generic"), sentence)

    def test_no_relocation_is_left_to_the_boot(self):
        sentence = "vmbase: dynamic relocations are left"
        self.check_fails(self.link(GUEST, "-Wl,-pie"), sentence)
        self.check_fails(self.link(GUEST, "-Wl,-pie", "-Wl,--pack-dyn-relocs=relr"), sentence)
        text = IFUNC + MAIN % "chosen()" + "VMBASE_MAIN(guest);\n"
        self.check_fails(self.link(text), sentence)

    def test_an_image_fits_its_region(self):
        # What comes behind the offender no longer fits either, or is overlapped.
        also = "section '?[.a-z_]+'? (will not fit in region|(load|virtual) address range overlaps with)"
        main = MAIN % "big" + "VMBASE_MAIN(guest);\n"
        for big, section, region in (
            ("static const char big[16 << 20] = { 'b' };\n", ".rodata", "image"),
            ("static char big[64 << 20];\n", ".bss", "writable_data"),
        ):
            with self.subTest(region):
                sentence = f"section '{section}' will not fit in region '{region}': overflowed by"
                self.check_fails(self.link(big + main), sentence, also)
                self.check_links(self.link(big.replace("<< 20", "<< 10") + main))

    def test_a_guest_has_a_main_function(self):
        text = MAIN.replace("static ", "") % '"a guest"'
        text = text.replace("void guest(", "void guest(uint64_t, uint64_t, uint64_t, uint64_t);\nvoid guest(")
        sentence = "vmbase: no main function: say VMBASE_MAIN"
        self.check_fails(self.link(text), sentence, "undefined symbol: vmbase_main")

    def test_a_guest_for_custom_brings_its_map_and_its_memory(self):
        idmap, image = (support.HERE / "custom" / name for name in ("idmap.S", "image.ld"))
        self.check_fails(
            self.link(GUEST, f"-T{image}", package="vmbase-custom"),
            "vmbase: platform custom needs the level-1 table `idmap`",
            "undefined symbol: idmap",
        )
        self.check_fails(
            self.link(GUEST, idmap, package="vmbase-custom"),
            "vmbase: platform custom needs the MEMORY regions `image` and `writable_data`",
            "memory region '(image|writable_data)' not declared|section .stacks load address range overlaps",
        )

    def test_a_guest_has_a_platform(self):
        result = self.link(GUEST, package="vmbase")
        self.check_fails(result, "symbol not found: vmbase_is_linked_without_a_platform__use_")

    def test_a_main_function_has_one_of_two_types(self):
        sound = (
            "static void guest(void) {}",
            "static void guest(uint64_t a, uint64_t b, uint64_t c, uint64_t d) { (void)(a|b|c|d); }",
        )
        wrong = (
            "static int guest(void) { return 0; }",
            "static void guest(uint64_t a) { (void)a; }",
            "static int guest(uint64_t a, uint64_t b, uint64_t c, uint64_t d) { return !!(a|b|c|d); }",
            "static void guest(uint32_t a, uint64_t b, uint64_t c, uint64_t d) { (void)(a|b|c|d); }",
        )
        body = "#include <vmbase/main.h>\n{}\nVMBASE_MAIN(guest);\n"
        strict = ("-Wpedantic", "-Wconversion", "-Wcast-function-type", "-Wmissing-variable-declarations", "-Werror")
        for language in ((), ("-x", "c++", "-std=c++17", "-Wold-style-cast")):
            for function in sound:
                with self.subTest(function, language=language):
                    self.assertEqual(self.compile(body.format(function), *strict, *language), (0, ""))
            for function in wrong:
                with self.subTest(function, language=language):
                    result = self.compile(body.format(function), *language)
                    self.check_fails(result, "VMBASE_MAIN: a main function is void")
        # C17's function without a prototype, which its definition says takes nothing.
        self.assertEqual(self.compile(body.format("static void guest() {}")), (0, ""))

    def test_the_macros_compile_without_a_warning(self):
        strict = ("-Wpedantic", "-Wextra-semi", "-Wmissing-variable-declarations", "-Werror")
        for standard in ("-std=c11", "-std=c17", "-std=gnu17"):
            with self.subTest(standard):
                text = GUEST + "VMBASE_CONSOLE_PL011(0x09000000);\n"
                self.assertEqual(self.compile(text, *strict, standard), (0, ""))

    def test_a_wrong_format_does_not_compile(self):
        for call in (
            "vmbase_print({})",
            "vmbase_println({})",
            "vmbase_eprint({})",
            "vmbase_eprintln({})",
            "vmbase_log_error({})",
            "vmbase_log_warn({})",
            "vmbase_log_info({})",
            "vmbase_log_debug({})",
            "vmbase_log_trace({})",
            "vmbase_log_write(VMBASE_LOG_INFO, {})",
        ):
            with self.subTest(call):
                body = HEADERS + "void f(int n);\nvoid f(int n) {{ {}; }}\n"
                right = body.format(call.format('"%d", n'))
                self.assertEqual(self.compile(right, "-Werror"), (0, ""))
                wrong = body.format(call.format('"%s", n'))
                self.check_fails(
                    self.compile(wrong, "-Werror=format"), "format specifies type 'char \\*'"
                )

    def skip_if_the_console_prints_floating_point(self):
        if "-DVMBASE_PRINT_INTEGERS_ONLY" not in self.installed.flags("vmbase", "--cflags"):
            self.skipTest("the library is built with printf_float")

    def test_floating_point_that_is_not_printed_does_not_compile(self):
        self.skip_if_the_console_prints_floating_point()
        body = HEADERS + (
            "#include <vmbase/panic.h>\n"
            "void f(double x, int n);\n"
            "void f(double x, int n) {{ (void)x; {}; }}\n"
        )
        for call in (
            "vmbase_print({})",
            "vmbase_println({})",
            "vmbase_eprint({})",
            "vmbase_eprintln({})",
            "vmbase_log_info({})",
            "vmbase_log_write(VMBASE_LOG_INFO, {})",
            "vmbase_panic({})",
        ):
            with self.subTest(call):
                right = body.format(call.format('"%d %s %p", n, n ? "a" : "b", &n'))
                self.assertEqual(self.compile(right, "-Wconversion", "-Wpedantic", "-Werror"), (0, ""))
                for argument in ("x", "0.0", "(float)n"):
                    wrong = body.format(call.format(f'"%d %f", n, {argument}'))
                    self.check_fails(
                        self.compile(wrong), "vmbase_floating_point_needs_printf_or_the_option_printf_float"
                    )

    def test_printf_has_floating_point_unless_it_is_linked_away(self):
        self.skip_if_the_console_prints_floating_point()
        text = "#include <stdio.h>\n" + MAIN % '"a guest"' + "VMBASE_MAIN(guest);\n"
        text = text.replace('"a guest"', '(printf("%d", (int)arg0), "a guest")').replace("(void)arg0,", "(void)arg1,")
        engine = re.compile("__dtoa_engine$", re.MULTILINE)
        self.check_links(self.link(text))
        self.assertRegex(support.succeed(support.NM, self.root / "guest"), engine)
        self.check_links(self.link(text, "-Wl,--defsym=vfprintf=__i_vfprintf"))
        self.assertNotRegex(support.succeed(support.NM, self.root / "guest"), engine)
        # The console's own functions never need it.
        self.check_links(self.link(GUEST))
        self.assertNotRegex(support.succeed(support.NM, self.root / "guest"), engine)

    def sizes(self, file):
        """The bytes of each mem function that a file has."""
        text = support.succeed(support.NM, "--defined-only", "--print-size", "--format=posix", file)
        fields = [line.split() for line in text.splitlines()]
        names = ("memcmp", "memcpy", "memmove", "memset")
        return {words[0]: words[3] for words in fields if words and words[0] in names}

    def test_the_mem_functions_are_not_picolibcs(self):
        text = MEM_FUNCTIONS + MAIN % "use_all()" + "VMBASE_MAIN(guest);\n"
        ours = self.sizes(self.installed.pkgconfig.parent / "libvmbase.a")
        self.assertEqual(len(ours), 4)
        for package in ("vmbase-qemu", "vmbase-crosvm"):
            with self.subTest(package):
                self.check_links(self.link(text, package=package))
                self.assertEqual(self.sizes(self.root / "guest"), ours)

    def test_a_guest_may_bring_its_own_memcpy(self):
        text = MEM_FUNCTIONS + OWN_MEMCPY + MAIN % "use_all()" + "VMBASE_MAIN(guest);\n"
        self.check_links(self.link(text))
        guest, ours = self.sizes(self.root / "guest"), self.sizes(self.installed.pkgconfig.parent / "libvmbase.a")
        self.assertNotEqual(guest.pop("memcpy"), ours.pop("memcpy"))
        self.assertEqual(guest, ours)

    def instructions(self, function, count):
        """The first instructions of a function of the guest, as numbers."""
        raw = self.root / "guest.bin"
        support.succeed(support.OBJCOPY, "-O", "binary", self.root / "guest", raw)
        lines = [line.split() for line in support.succeed(support.NM, self.root / "guest").splitlines()]
        addresses = {words[-1]: int(words[0], 16) for words in lines if len(words) == 3}
        return struct.unpack_from(f"<{count}I", raw.read_bytes(), addresses[function] - addresses["_start"])

    def check_erratum(self, text, is_avoided):
        """Links a guest in each way that there is, and looks at its function sequence()."""
        text += MAIN % "use()" + "VMBASE_MAIN(guest);\n"
        for package in ("vmbase-qemu", "vmbase-crosvm", "vmbase-generic"):
            if not (self.installed.pkgconfig / f"{package}.pc").exists():
                continue
            for options in (["-Os"], ["-O3"], ["-Os", "-flto"], ["-O3", "-flto"]):
                with self.subTest(package=package, options=options):
                    self.check_links(self.link(text, *options, package=package, compile_extra=options))
                    self.assertTrue(is_avoided())

    def test_a_multiply_does_not_follow_an_access(self):
        def is_apart():
            words = self.instructions("sequence", 8)
            multiply = next(i for i, word in enumerate(words) if word & 0xFFE08000 == 0x9B000000)
            return words[multiply - 1] == NOP

        self.check_erratum(MULTIPLY_AFTER_ACCESS, is_apart)

    def test_an_adrp_at_the_end_of_a_page_is_patched(self):
        def is_patched():
            words = self.instructions("sequence", 4)
            # The access becomes a branch to a copy of itself, or the ADRP an ADR.
            return words[3] >> 26 == 0b000101 or words[0] >> 31 == 0

        self.check_erratum(ADRP_AT_PAGE_END, is_patched)

    def test_a_known_platform_has_its_console(self):
        text = GUEST + "VMBASE_CONSOLE_PL011(0x09000000);\n"
        for package in ("vmbase-qemu", "vmbase-crosvm"):
            with self.subTest(package):
                result = self.link(text, package=package)
                self.check_fails(result, "duplicate symbol: vmbase_console")
        self.check_links(self.link_custom(text))

    def test_the_device_tree_needs_a_region(self):
        text = MAIN % "vmbase_layout_dtb().begin ? p : q" + "VMBASE_MAIN(guest);\n"
        text = text.replace("static void", 'static const char p[] = "p", q[] = "q";\nstatic void', 1)
        script = (support.HERE / "custom" / "image.ld").read_text()
        region = "dtb_region : ORIGIN = 0x48000000, LENGTH = 2M"
        with_region = self.root / "with_region.ld"
        with_region.write_text(script + f"\nMEMORY {{ {region} }}\n")

        self.check_links(self.link_custom(GUEST))
        self.check_links(self.link_custom(text, with_region))
        self.check_fails(self.link_custom(text), "dtb_region|vmb_dtb_(begin|end)")


class HandlerTest(Case):
    """With default_handlers=false, which needs a build of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        project = cls.root / "bare"
        (project / "subprojects").mkdir(parents=True)
        (project / "meson.build").write_text(BARE_PROJECT)
        (project / "subprojects" / "vmbase").symlink_to(support.SOURCE)
        support.succeed(
            "meson",
            "setup",
            "build",
            *support.cross_files(support.SOURCE),
            "-Dvmbase:default_handlers=false",
            *support.options(),
            cwd=project,
        )
        support.succeed("meson", "compile", "-C", "build", cwd=project)
        cls.bare = support.Installation(project / "build", cls.root / "bare-destdir")

    def test_all_eight_handlers_are_enough(self):
        self.check_links(self.link(GUEST + define_handlers(HANDLERS), installed=self.bare))

    def test_each_of_the_eight_is_needed(self):
        for missing in HANDLERS:
            with self.subTest(missing):
                handlers = define_handlers(name for name in HANDLERS if name != missing)
                self.check_fails(
                    self.link(GUEST + handlers, installed=self.bare),
                    f"vmbase: no handler {missing}, and default_handlers is off",
                    f"undefined symbol: {missing}$",
                )

    def test_the_defaults_stand_in_for_each(self):
        for missing in HANDLERS:
            with self.subTest(missing):
                handlers = define_handlers(name for name in HANDLERS if name != missing)
                self.check_links(self.link(GUEST + handlers))


if __name__ == "__main__":
    unittest.main(argv=["link_test.py"])

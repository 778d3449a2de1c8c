# SPDX-License-Identifier: Apache-2.0
"""Counts instructions, accesses and bytes of guests in QEMU; the figures are the same in every run."""

import bisect
import collections
import dataclasses
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src" / "tools"))

from vmbase_elf import FLAG_EXECUTABLE, SYMBOL_FILE, SYMBOL_SECTION, ElfFile

PAGE_SIZE = 4096
IMAGE_HEADER_BYTES = 64
INSTRUCTION_BYTES = 4

# A line of `-d exec` and of `-trace memory_region_ops_*`; both go to the same log, in order.
INSTRUCTION = re.compile(r"Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/")
ACCESS = re.compile(r"memory_region_ops_(?:read|write) cpu 0 ")

# A line of a guest that counts by itself (count.h).
COUNTED = re.compile(r"(\S+) (\d+(?:\.\d+)?) (\S.*)")

# The parts that occupy RAM; between them, from the image to the page tables, are holes.
RAM_PARTS = (
    ("vmb_text_begin", "vmb_binary_end"),
    ("vmb_rodata_begin", "vmb_rodata_end"),
    ("vmb_main_stack_begin", "vmb_main_stack_end"),
    ("vmb_exception_stack_begin", "vmb_exception_stack_end"),
    ("vmb_data_begin", "vmb_bss_end"),
    ("vmb_page_tables_begin", "vmb_page_tables_end"),
    ("vmb_noinit_begin", "vmb_noinit_end"),
)

# The traces in heap_trace.h whose figures the heap's guest prints.
HEAP_TRACES = ("mixed", "clustered")

# The number of functions in a breakdown.
BREAKDOWN_LENGTH = 6


@dataclasses.dataclass
class Figure:
    name: str
    value: float
    unit: str
    breakdown: list = dataclasses.field(default_factory=list)  # (function, instructions), the largest first


class Guest:
    """A guest: its ELF file and its raw image."""

    def __init__(self, vmbase_run, elf, image):
        self.vmbase_run = vmbase_run
        self.image = image
        elf_file = ElfFile(elf)
        self.symbols = elf_file.symbols
        self.sizes = {symbol.name: symbol.size for symbol in elf_file.all_symbols}
        names = {}
        for symbol in elf_file.all_symbols:
            is_name = symbol.kind not in (SYMBOL_SECTION, SYMBOL_FILE) and not symbol.name.startswith("$")
            if is_name and symbol.section and symbol.section.flags & FLAG_EXECUTABLE:
                names.setdefault(symbol.address, []).append(symbol.name)
        # The first name of each function: __i_vfprintf, not its alias; _start, not vmb_text_begin.
        self.functions = sorted((address, min(aliases)) for address, aliases in names.items())

    def main_address(self):
        """Returns the target of VMBASE_MAIN's pointer, a constant in the image."""
        offset = self.symbols["vmbase_main"] - self.symbols["vmb_rodata_begin"]
        offset += self.symbols["vmb_rodata_load"] - self.symbols["_start"]
        return struct.unpack_from("<Q", pathlib.Path(self.image).read_bytes(), offset)[0]

    def function_at(self, address):
        index = bisect.bisect_right(self.functions, (address, "\x7f")) - 1
        return self.functions[index][1] if index >= 0 else "?"

    def run(self, cpu="max", qemu_arguments=()):
        with tempfile.TemporaryDirectory() as directory:
            log = pathlib.Path(directory, "log")
            result = subprocess.run(
                [
                    sys.executable, self.vmbase_run, "--cpu", cpu, self.image, "--",
                    *one_instruction_per_block(),
                    "-d", "exec,nochain",
                    "-D", str(log),
                    "-trace", "memory_region_ops_read",
                    "-trace", "memory_region_ops_write",
                    *qemu_arguments,
                ],
                stdout=subprocess.PIPE,
            )
            if result.returncode != 0:
                raise SystemExit(f"{self.image} on {cpu}: vmbase-run says {result.returncode}")
            return Run(self, log.read_text(encoding="ascii", errors="replace"), result.stdout)


class Run:
    """The instructions and accesses of one boot of a guest, from its own first instruction."""

    def __init__(self, guest, log, output):
        self.guest = guest
        self.output = output
        self.addresses = []
        self.accesses = []  # each as the number of instructions before it
        for line in log.splitlines():
            if match := INSTRUCTION.match(line):
                self.addresses.append(int(match[1], 16))
            elif ACCESS.match(line):
                self.accesses.append(len(self.addresses))
        # QEMU's boot loader runs first.
        start = self.index(guest.symbols["_start"])
        self.addresses = self.addresses[start:]
        self.accesses = [access - start for access in self.accesses]

    def index(self, address, begin=0):
        try:
            return self.addresses.index(address, begin)
        except ValueError:
            name = self.guest.function_at(address)
            raise SystemExit(f"{self.guest.image}: {address:#x} in {name} was not executed") from None

    def instructions(self, name, begin, end):
        """Returns the count of the instructions from index begin to index end, which is exclusive."""
        counts = collections.Counter(self.guest.function_at(it) for it in self.addresses[begin:end])
        return Figure(name, end - begin, "instructions", counts.most_common(BREAKDOWN_LENGTH))


def one_instruction_per_block():
    """Returns QEMU's option for it: -singlestep has another name since QEMU 8.1."""
    qemu = os.environ.get("QEMU_SYSTEM_AARCH64") or "qemu-system-aarch64"
    text = subprocess.run([qemu, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout
    match = re.search(r"version (\d+)\.(\d+)", text)
    if match and (int(match[1]), int(match[2])) >= (8, 1):
        return ["-accel", "tcg,one-insn-per-tb=on"]
    return ["-singlestep"]


def ram_footprint(guest):
    pages = set()
    for begin, end in RAM_PARTS:
        first, last = guest.symbols[begin] // PAGE_SIZE, -(-guest.symbols[end] // PAGE_SIZE)
        pages.update(range(first, last))
    return Figure("ram.footprint", len(pages) * PAGE_SIZE, "bytes")


def boot_under_kvm(hello, monitor):
    """hello's boot under the monitor, which answers as KVM does: on a CPU without RNDR, so that it has to."""
    monitor_begin = monitor.symbols["monitor_start"]
    run = hello.run("cortex-a53", [
        "-M", "virtualization=on",
        "-device", f"loader,file={monitor.image},addr={monitor_begin:#x},cpu-num=0,force-raw=on",
    ])
    if b"no entropy" in run.output:
        raise SystemExit(f"{hello.image} did not take its guard from the TRNG")
    calls = run.addresses[: run.index(hello.main_address())].count(monitor.symbols["monitor_call"])
    run.addresses = [address for address in run.addresses if address < monitor_begin]
    return (
        run.instructions("boot.kvm_reset_to_main", 0, run.index(hello.main_address())),
        Figure("boot.kvm_hypercalls", calls, "calls"),
    )


def round_trip(run):
    """From the vector's first instruction to the handler's, and from the handler's return to ERET included."""
    symbols = run.guest.symbols
    entry = run.index(symbols["vmb_vectors"])
    handler = run.index(symbols["sync_exception_current"], entry)
    # The instruction before the handler's first one called it.
    returned = run.index(run.addresses[handler - 1] + INSTRUCTION_BYTES, handler)
    # The guest continues after the instruction that raised the exception, the last one before the vector's.
    resumed = run.index(run.addresses[entry - 1] + INSTRUCTION_BYTES, returned)
    there = run.instructions("", entry, handler)
    back = run.instructions("", returned, resumed)
    return Figure("exception.round_trip", there.value + back.value, "instructions",
                  [("there", there.value), ("back", back.value)])


def call(name, run, function):
    """Returns the count of a call's instructions, without the call instruction itself."""
    entry = run.index(run.guest.symbols[function])
    # The instruction before the function's first one called it.
    return run.instructions(name, entry, run.index(run.addresses[entry - 1] + INSTRUCTION_BYTES, entry))


def mmio_per_byte(name, run):
    """Returns main's accesses for each byte; the accesses before main set up the UART."""
    main = run.index(run.guest.main_address())
    if not run.output:
        raise SystemExit(f"{run.guest.image} printed nothing")
    return Figure(name, sum(access > main for access in run.accesses) / len(run.output), "accesses")


def counted(vmbase_run, image):
    """Yields the figures that a guest prints, which counts its instructions with count.h."""
    result = subprocess.run(
        [sys.executable, vmbase_run, image, "--", "-icount", "shift=10"],
        stdout=subprocess.PIPE, text=True,
    )
    if result.returncode != 0:
        raise SystemExit(f"{image}: vmbase-run says {result.returncode}\n{result.stdout}")
    lines = result.stdout.splitlines()
    if not lines:
        raise SystemExit(f"{image} printed no figure")
    for line in lines:
        match = COUNTED.fullmatch(line)
        if not match:
            raise SystemExit(f"{image} printed what is not a figure: {line}")
        yield Figure(match[1], float(match[2]), match[3])


def heap(vmbase_run, image):
    """Returns the figures that the guest printed, and sums of means."""
    measured = {figure.name: figure for figure in counted(vmbase_run, image)}
    for trace in HEAP_TRACES:
        parts = [(call, measured[f"heap.{trace}.{call}_mean"].value) for call in ("malloc", "free")]
        name = f"heap.{trace}.malloc_and_free_mean"
        measured[name] = Figure(name, sum(mean for _, mean in parts), "instructions", parts)
    return list(measured.values())


def number(figure):
    return f"{figure.value:.4f}".rstrip("0").rstrip(".")


def of_generic(vmbase_run, elf, image):
    """Returns the figures of hello for platform `generic`, with QEMU's device tree and libfdt."""
    hello = Guest(vmbase_run, elf, image)
    run = hello.run()
    symbols = hello.symbols
    relocation = symbols["vmb_relocations_end"] - symbols["vmb_relocations_begin"] + hello.sizes["vmb_platform_map"]
    return [
        Figure("generic.bin_size", os.path.getsize(image), "bytes"),
        # An image that is loaded where it is linked does not need these.
        Figure("generic.header_and_relocation", IMAGE_HEADER_BYTES + relocation, "bytes"),
        dataclasses.replace(ram_footprint(hello), name="generic.ram_footprint"),
        run.instructions("generic.reset_to_main", 0, run.index(hello.main_address())),
    ]


def figures(
    vmbase_run, hello_elf, hello_image, exception_elf, exception_image, monitor_elf, monitor_image,
    bootloader_elf, bootloader_image, heap_image, *counting_images,
):
    """Returns all figures, by name."""
    hello = Guest(vmbase_run, hello_elf, hello_image)
    run = hello.run()
    main = run.index(hello.main_address())
    end = len(run.addresses)
    on_a53 = hello.run("cortex-a53")
    exception = Guest(vmbase_run, exception_elf, exception_image).run()
    monitor = Guest(vmbase_run, monitor_elf, monitor_image)
    bootloader = Guest(vmbase_run, bootloader_elf, bootloader_image).run()
    measured = [
        Figure("hello.bin_size", os.path.getsize(hello_image), "bytes"),
        ram_footprint(hello),
        run.instructions("boot.reset_to_main", 0, main),
        on_a53.instructions("boot.reset_to_main_cortex_a53", 0, on_a53.index(hello.main_address())),
        *boot_under_kvm(hello, monitor),
        run.instructions("hello.main_to_power_off", main, end),
        mmio_per_byte("console.mmio_per_byte", run),
        mmio_per_byte("console.mmio_per_byte_formatted", exception),
        round_trip(exception),
        call("tracker.start", bootloader, "vmbase_tracker_start"),
        call("tracker.stop", bootloader, "vmbase_tracker_stop"),
        *heap(vmbase_run, heap_image),
    ]
    for image in counting_images:
        measured += counted(vmbase_run, image)
    return {figure.name: figure for figure in measured}


def figures_of_command_line(manual):
    words = sys.argv[1:]
    generic_guest = None
    if words[:1] == ["--generic"]:
        generic_guest, words = words[1:3], words[3:]
    if len(words) < 10:
        raise SystemExit(manual)
    vmbase_run, *guests = words
    measured = figures(vmbase_run, *guests)
    if generic_guest:
        measured.update((figure.name, figure) for figure in of_generic(vmbase_run, *generic_guest))
    return measured

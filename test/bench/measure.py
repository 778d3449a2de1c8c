# SPDX-License-Identifier: Apache-2.0
"""Counts of instructions, accesses and bytes, which are the same in every run."""

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

PAGE_SIZE = 4096
IMAGE_HEADER_BYTES = 64
INSTRUCTION_BYTES = 4

# A line of `-d exec` and of `-trace memory_region_ops_*`; both go to the same log, in order.
INSTRUCTION = re.compile(r"Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/")
ACCESS = re.compile(r"memory_region_ops_(?:read|write) cpu 0 ")

# A line of a guest that counts by itself (count.h).
COUNTED = re.compile(r"(\S+) (\d+(?:\.\d+)?) (\S.*)")

# What has an address of its own in RAM; the rest of the way from the image to the page tables are holes.
RAM_PARTS = (
    ("vmb_text_begin", "vmb_binary_end"),
    ("vmb_rodata_begin", "vmb_rodata_end"),
    ("vmb_main_stack_begin", "vmb_main_stack_end"),
    ("vmb_exception_stack_begin", "vmb_exception_stack_end"),
    ("vmb_data_begin", "vmb_bss_end"),
    ("vmb_page_tables_begin", "vmb_page_tables_end"),
    ("vmb_noinit_begin", "vmb_noinit_end"),
)

# What the heap's guest prints; the traces are in heap_trace.h.
HEAP_TRACES = ("mixed", "clustered")

# How many functions a breakdown names.
BREAKDOWN_LENGTH = 6


@dataclasses.dataclass
class Tools:
    vmbase_run: str
    nm: str


@dataclasses.dataclass
class Figure:
    name: str
    value: float
    unit: str
    breakdown: list = dataclasses.field(default_factory=list)  # (function, instructions), the largest first


class Guest:
    """An ELF file with its raw image beside it."""

    def __init__(self, tools, elf, image):
        self.tools = tools
        self.image = image
        self.symbols = {}
        self.sizes = {}
        names = {}
        text = subprocess.run(
            [tools.nm, "--defined-only", "--format=posix", elf],
            check=True, stdout=subprocess.PIPE, text=True,
        ).stdout
        for line in text.splitlines():
            name, kind, address, *size = line.split()
            self.symbols[name] = int(address, 16)
            self.sizes[name] = int(size[0], 16) if size else 0
            if kind in "TtWw":
                names.setdefault(int(address, 16), []).append(name)
        # Of a function's names the first: __i_vfprintf rather than its alias, _start rather than vmb_text_begin.
        self.functions = sorted((address, min(aliases)) for address, aliases in names.items())

    def main_address(self):
        """What VMBASE_MAIN's pointer, a constant in the image, points to."""
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
                    sys.executable, self.tools.vmbase_run, "--cpu", cpu, self.image, "--",
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
    """What one boot of a guest executed, from its own first instruction on."""

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
        # QEMU's boot loader runs first, and is not the guest's.
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
        """The instructions from index begin up to, not including, end."""
        counts = collections.Counter(self.guest.function_at(it) for it in self.addresses[begin:end])
        return Figure(name, end - begin, "instructions", counts.most_common(BREAKDOWN_LENGTH))


def one_instruction_per_block():
    """-singlestep has another name since QEMU 8.1."""
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
    # The guest goes on behind the instruction before the vector's, which raised the exception.
    resumed = run.index(run.addresses[entry - 1] + INSTRUCTION_BYTES, returned)
    there = run.instructions("", entry, handler)
    back = run.instructions("", returned, resumed)
    return Figure("exception.round_trip", there.value + back.value, "instructions",
                  [("there", there.value), ("back", back.value)])


def call(name, run, function):
    """The instructions of a call, the one to the function left out."""
    entry = run.index(run.guest.symbols[function])
    # The instruction before the function's first one called it.
    return run.instructions(name, entry, run.index(run.addresses[entry - 1] + INSTRUCTION_BYTES, entry))


def mmio_per_byte(name, run):
    """Main's accesses; those before it set the UART up."""
    main = run.index(run.guest.main_address())
    if not run.output:
        raise SystemExit(f"{run.guest.image} printed nothing")
    return Figure(name, sum(access > main for access in run.accesses) / len(run.output), "accesses")


def counted(tools, image):
    """What a guest says that counts its instructions with count.h."""
    result = subprocess.run(
        [sys.executable, tools.vmbase_run, image, "--", "-icount", "shift=10"],
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


def heap(tools, image):
    """What the guest counted, and sums of means."""
    measured = {figure.name: figure for figure in counted(tools, image)}
    for trace in HEAP_TRACES:
        parts = [(call, measured[f"heap.{trace}.{call}_mean"].value) for call in ("malloc", "free")]
        name = f"heap.{trace}.malloc_and_free_mean"
        measured[name] = Figure(name, sum(mean for _, mean in parts), "instructions", parts)
    return list(measured.values())


def number(figure):
    return f"{figure.value:.4f}".rstrip("0").rstrip(".")


def of_generic(tools, elf, image):
    """hello for the platform `generic`: QEMU's device tree, libfdt included."""
    hello = Guest(tools, elf, image)
    run = hello.run()
    symbols = hello.symbols
    relocation = symbols["vmb_relocations_end"] - symbols["vmb_relocations_begin"] + hello.sizes["vmb_platform_map"]
    return [
        Figure("generic.bin_size", os.path.getsize(image), "bytes"),
        # What the image would not need where it was linked.
        Figure("generic.header_and_relocation", IMAGE_HEADER_BYTES + relocation, "bytes"),
        dataclasses.replace(ram_footprint(hello), name="generic.ram_footprint"),
        run.instructions("generic.reset_to_main", 0, run.index(hello.main_address())),
    ]


def figures(
    tools, hello_elf, hello_image, exception_elf, exception_image, monitor_elf, monitor_image,
    bootloader_elf, bootloader_image, heap_image, *counting_images,
):
    """All figures, by name."""
    hello = Guest(tools, hello_elf, hello_image)
    run = hello.run()
    main = run.index(hello.main_address())
    end = len(run.addresses)
    on_a53 = hello.run("cortex-a53")
    exception = Guest(tools, exception_elf, exception_image).run()
    monitor = Guest(tools, monitor_elf, monitor_image)
    bootloader = Guest(tools, bootloader_elf, bootloader_image).run()
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
        *heap(tools, heap_image),
    ]
    for image in counting_images:
        measured += counted(tools, image)
    return {figure.name: figure for figure in measured}


def figures_of_command_line(manual):
    words = sys.argv[1:]
    generic_guest = None
    if words[:1] == ["--generic"]:
        generic_guest, words = words[1:3], words[3:]
    if len(words) < 11:
        raise SystemExit(manual)
    vmbase_run, nm, *guests = words
    tools = Tools(vmbase_run, nm)
    measured = figures(tools, *guests)
    if generic_guest:
        measured.update((figure.name, figure) for figure in of_generic(tools, *generic_guest))
    return measured

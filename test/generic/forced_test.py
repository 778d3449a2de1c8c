#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: forced_test.py IMAGE ELF QEMU-IMAGE QEMU-ELF CROSVM-IMAGE CROSVM-ELF

Makes the boot code take QEMU's CPU for another one: after it reads an ID register or a probe, the result is replaced.
IMAGE is hello for platform `generic`, QEMU-IMAGE for `qemu`, CROSVM-IMAGE for `crosvm`. Prints TAP, a test for each.
"""

import pathlib
import sys
import tempfile
import types

sys.dont_write_bytecode = True

import qemu_test
from gdb_remote import Failure, Guest
from vmbase_elf import ElfFile

FIXED_ADDRESS = 0x40080000
CROSVM_ADDRESS = 0x80200000
CROSVM_UART = 0x3F8
CODE_BYTES = 0x300

# MRS X9, S3_0_C0_C7_4 (ID_AA64MMFR4_EL1), MRS X9, FAR_EL1, and MRS X13, ID_AA64MMFR0_EL1.
READ_MMFR4 = 0xD5380789
READ_FAR = 0xD5386009
READ_MMFR0 = 0xD538070D

E2H0_NOT_IMPLEMENTED = 0xF << 24
TGRAN4_NOT_IMPLEMENTED = 0xF << 28

HCR_EL2_E2H = 1 << 34
# The bits that are RES1 in Armv8.0; ITD and SED without AArch32 at EL0. SPAN is one of them.
SCTLR_EL1_SPAN = 1 << 23
SCTLR_EL1_RES1 = 1 << 29 | 1 << 28 | SCTLR_EL1_SPAN | 1 << 22 | 1 << 20 | 1 << 11 | 1 << 8 | 1 << 7

NO_GRANULE = b"vmbase: no 4 KiB granule\n"


def address_after(guest, symbol, instruction):
    """Returns the address after an instruction, in the function that begins at an address."""
    code = guest.read_physical(symbol, CODE_BYTES)
    place = code.find(instruction.to_bytes(4, "little"))
    if place < 0 or place % 4 != 0:
        raise Failure(f"the code at {symbol:#x} has no instruction {instruction:#x}")
    return symbol + place + 4


class Image:
    def __init__(self, words, elf, address):
        self.words = words
        self.symbols = elf.symbols
        self.offset = address - elf.symbols["_start"]

    def at(self, symbol):
        return self.symbols[symbol] + self.offset


def force(guest, image, function, instruction, register, value):
    guest.run_until(address_after(guest, image.at(function), instruction))
    guest.write_register(register, value)


def run_with_e2h(image, instruction, value):
    """Returns what is wrong, or None."""
    with Guest(image.words) as guest:
        if instruction is not None:
            force(guest, image, "vmb_leave_el2", instruction, "x9", value)
        guest.run_until(image.at("vmb_start"))
        has_e2h = guest.read_registers("HCR_EL2")["HCR_EL2"] & HCR_EL2_E2H != 0
        if has_e2h != (instruction is not None):
            return f"HCR_EL2.E2H is {has_e2h:d}"
        guest.run_until(image.at("vmbase_shutdown"))
    return None


def run_without_granule(image, expected):
    with tempfile.TemporaryDirectory() as directory:
        serial = pathlib.Path(directory, "serial")
        with Guest(image.words + ["-serial", f"file:{serial}"]) as guest:
            force(guest, image, "vmb_mmu_on", READ_MMFR0, "x13", TGRAN4_NOT_IMPLEMENTED)
            guest.run_until(image.at("vmb_give_up"))
        output = serial.read_bytes()
    return f"it printed {output}" if output != expected else None


def run_without_granule_on_crosvm(image):
    """With the MMU off the UART is at its physical address."""
    with Guest(image.words) as guest:
        force(guest, image, "vmb_mmu_on", READ_MMFR0, "x13", TGRAN4_NOT_IMPLEMENTED)
        guest.run_until(image.at("vmbase_mmio_write8"))
        address = guest.read_registers("x0")["x0"]
        guest.run_until(image.at("vmb_give_up"))
    return f"it prints at {address:#x}" if address != CROSVM_UART else None


def check_sctlr(image, expected):
    with Guest(image.words) as guest:
        guest.run_until(image.at("vmb_start"))
        bits = guest.read_registers("SCTLR")["SCTLR"] & SCTLR_EL1_RES1
    return f"it has {bits:#x} of SCTLR_EL1's bits, not {expected:#x}" if bits != expected else None


def force_all(dirt, image, elf, qemu_image, qemu_elf, crosvm_image, crosvm_elf):
    """Prints TAP. Returns whether a test failed."""
    options = types.SimpleNamespace(image=image, elf=elf, dirt=dirt, expected=None)

    def on(cpu, el=1):
        words = qemu_test.arguments(qemu_test.Case("raw", el=el, cpu=cpu), options)
        return Image(words, ElfFile(elf), qemu_test.RAW_ADDRESS)

    fixed = Image(["-M", "virt", "-cpu", "max", "-m", "256M", "-kernel", qemu_image], ElfFile(qemu_elf), FIXED_ADDRESS)
    loader = f"loader,cpu-num=0,file={crosvm_image},addr={CROSVM_ADDRESS:#x},force-raw=on"
    crosvm = Image(
        ["-M", "virt", "-cpu", "max", "-m", "3G", "-device", loader], ElfFile(crosvm_elf), CROSVM_ADDRESS
    )
    tests = {
        "EL2 with E2H as it is written": lambda: run_with_e2h(on("max", el=2), None, None),
        "EL2 with E2H 1, by the ID field": lambda: run_with_e2h(on("max", el=2), READ_MMFR4, E2H0_NOT_IMPLEMENTED),
        "EL2 with E2H 1, by the probe": lambda: run_with_e2h(on("max", el=2), READ_FAR, 1),
        "no granule of 4 KiB, any": lambda: run_without_granule(on("max"), b""),
        "no granule of 4 KiB, qemu": lambda: run_without_granule(fixed, NO_GRANULE),
        "no granule of 4 KiB, crosvm": lambda: run_without_granule_on_crosvm(crosvm),
        "SCTLR_EL1 of Armv8.0": lambda: check_sctlr(on("cortex-a53"), SCTLR_EL1_RES1),
        "SCTLR_EL1 with PAN": lambda: check_sctlr(on("max"), SCTLR_EL1_RES1 & ~SCTLR_EL1_SPAN),
    }
    return qemu_test.run_tests(tests)


def main():
    qemu_test.end_on_sigterm()
    with qemu_test.dirt() as dirt:
        return force_all(dirt, *sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""Tells where QEMU loads an image, and refuses images that cannot run there."""

import contextlib
import struct

from vmbase_elf import MAGIC, SEGMENT_INTERPRETER, TYPE_SHARED, ElfFile, Failure, is_elf

RAM_START = 0x40000000
# With this size or more, the device tree of a raw image is at 0x48000000, which the library's platform `qemu` maps.
RAM_BYTES = 256 * 1024 * 1024

# The offset in RAM at which QEMU loads a raw image (hw/arm/boot.c), and the fields of an arm64 Image header that QEMU
# reads (Linux, Documentation/arch/arm64/booting.rst): text_offset, image_size, and the magic number.
RAW_OFFSET = 0x80000
IMAGE_HEADER = struct.Struct("<8xQQ32x4s")
IMAGE_MAGIC = b"ARM\x64"
# An image with a smaller text_offset is moved up, to leave room for QEMU's own boot code.
LOWEST_TEXT_OFFSET = 0x1000
TEXT_OFFSET_MOVE = 0x200000

# QEMU unpacks a gzipped image.
GZIP_MAGIC = b"\x1f\x8b"

# This part of a file shows whether it is a text.
TEXT_SAMPLE_BYTES = 4096


def is_text(sample):
    """Returns whether bytes are a text; they may end in the middle of a character."""
    try:
        text = sample.decode()
    except UnicodeDecodeError as error:
        if error.start < TEXT_SAMPLE_BYTES - 3:
            return False
        text = sample[: error.start].decode()
    return all(character.isprintable() or character in "\t\n\v\f\r" for character in text)


def is_instruction(word):
    """Returns whether a word is in a group that has instructions (Arm DDI 0487, "Top-level encodings for A64")."""
    group = word >> 25 & 15
    # In group 0 only words with bit 31 are instructions, for SME.
    return group not in (0, 1, 3) or (group == 0 and word >> 31 == 1)


def check_raw(image, data):
    """Raises Failure for a file that cannot be a raw image of a guest."""
    if data[: len(GZIP_MAGIC)] == GZIP_MAGIC:
        return
    if is_text(data[:TEXT_SAMPLE_BYTES]):
        raise Failure(f"{image} is a text, not an image of a guest")
    if len(data) < 4 or not is_instruction(int.from_bytes(data[:4], "little")):
        raise Failure(f"{image} does not begin with an instruction of 64-bit Arm: it is not an image of a guest")


def read_segments(image, data):
    """Returns (start, end) of each piece of memory that an ELF file fills; an empty list for a raw image."""
    if not is_elf(data):
        return []
    elf = ElfFile(image, data)
    elf.need_linked()
    if any(segment.kind == SEGMENT_INTERPRETER for segment in elf.segments):
        raise Failure(f"{image} is a program for an operating system: it asks for an interpreter")
    if not any(0 <= elf.entry - segment.address < segment.memory_size for segment in elf.code):
        raise Failure(f"{image} is an ELF file whose entry point, {elf.entry:#x}, is not in its code")
    return [(segment.physical, segment.physical + segment.memory_size) for segment in elf.loaded]


def check_segments(image, segments, ram_size_bytes):
    """Raises Failure for a segment outside the RAM: QEMU would ignore the segment, and the guest would be silent."""
    ram_end = RAM_START + ram_size_bytes
    for start, end in segments:
        if start < RAM_START or end > ram_end:
            raise Failure(
                f"{image} is linked for {start:#x} to {end:#x}: that is not QEMU's RAM; "
                f"link it for {RAM_START:#x} to {ram_end:#x}"
            )


def check_size(image, data, qemu_arguments):
    """Raises Failure for a raw image that is larger than the RAM, before QEMU reads it."""
    # QEMU's arguments might make the RAM larger.
    room = RAM_BYTES - RAW_OFFSET
    if len(data) > room and not qemu_arguments:
        raise Failure(
            f"{image} has {len(data)} bytes, and there is room for {room}; `-- -m 4G` gives the guest more RAM"
        )


def find_other_address(image, data):
    """Returns a sentence if a raw image is linked for another address, by its ELF file, or None."""
    path = find_elf(image)
    if path is None or is_elf(data):
        return None
    with contextlib.suppress(Failure):
        elf = ElfFile(path)
        elf.need_linked()
        linked = min(segment.physical for segment in elf.loaded)
        loaded = raw_load_address(data)
        # Only a position-independent image can relocate itself.
        if elf.type != TYPE_SHARED and linked != loaded:
            return (
                f"{image} is linked for {linked:#x}, and QEMU loads it at {loaded:#x}: is it for another platform?"
            )
    return None


def find_elf(image):
    """Returns the path of the ELF file with the image's symbols, or None."""
    names = [image]
    if image.endswith(".bin"):
        stem = image[: -len(".bin")]
        names += [stem, f"{stem}.elf"]
    for name in names:
        with contextlib.suppress(OSError), open(name, "rb") as file:
            if file.read(len(MAGIC)) == MAGIC:
                return name
    return None


def raw_load_address(data):
    """Returns the address at which QEMU loads a raw image."""
    if len(data) >= IMAGE_HEADER.size:
        text_offset, image_size, magic = IMAGE_HEADER.unpack_from(data)
        if magic == IMAGE_MAGIC and image_size != 0:
            moved = TEXT_OFFSET_MOVE if text_offset < LOWEST_TEXT_OFFSET else 0
            return RAM_START + text_offset + moved
    return RAM_START + RAW_OFFSET

# SPDX-License-Identifier: Apache-2.0
"""Writes an initramfs: a cpio archive in the "newc" format, as the kernel's Documentation/driver-api/early-userspace/
buffer-format.rst has it. Owners and device nodes are only numbers in it: it takes neither root nor mknod."""

import stat

# Of an entry's fields only these are used.
HEADER = "070701{inode:08x}{mode:08x}{zero:08x}{zero:08x}{one:08x}{zero:08x}{size:08x}{zero:08x}{zero:08x}"
HEADER += "{major:08x}{minor:08x}{name_size:08x}{zero:08x}"

TRAILER = "TRAILER!!!"


class Initramfs:
    """Writes to a file that is open for writing bytes. A directory comes before what is in it."""

    def __init__(self, file):
        self.file = file
        self.inode = 0

    def add_directory(self, name):
        self._add(name, stat.S_IFDIR | 0o755)

    def add_file(self, name, data, executable=False):
        self._add(name, stat.S_IFREG | (0o755 if executable else 0o644), data)

    def add_link(self, name, target):
        self._add(name, stat.S_IFLNK | 0o777, target.encode())

    def add_character_device(self, name, major, minor):
        self._add(name, stat.S_IFCHR | 0o600, major=major, minor=minor)

    def finish(self):
        self._add(TRAILER, 0)

    def _add(self, name, mode, data=b"", major=0, minor=0):
        self.inode += 1
        path = name.encode() + b"\0"
        header = HEADER.format(
            inode=self.inode,
            mode=mode,
            size=len(data),
            major=major,
            minor=minor,
            name_size=len(path),
            zero=0,
            one=1,
        )
        for piece in (header.encode() + path, data):
            self.file.write(piece + b"\0" * (-len(piece) % 4))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: upward_names_test.py NM ARCHIVE...

A file of a lower layer (layering_test.py) uses a symbol that a higher layer defines only if UPWARD lists it: these
names are the hooks through which the layers below reach what the linker puts above them.
"""

import re
import subprocess
import sys

import layering_test

UPWARD = {
    # Hooks of a platform: src/platform/platform.h.
    "vmb_boot_regions": "platform",
    "vmbase_console": "platform",
    "vmbase_layout_ram": "platform",
    "vmbase_ram_next": "platform",
    "vmbase_ram_next_free": "platform",
    # The console reads from the UART that it knows by its driver.
    "vmb_uart_8250_read": "drivers",
    "vmb_uart_8250_spaced_read": "drivers",
    "vmb_uart_pl011_read": "drivers",
    "vmb_uart_sbsa": "drivers",
    "vmbase_uart_8250": "drivers",
    "vmbase_uart_pl011": "drivers",
    # The ways into a crash report.
    "vmbase_exception_report": "crash",
    "vmbase_panic": "crash",
    # The entry code of a platform goes on in the common boot code.
    "vmb_enter_c": "boot",
    "vmb_mmu_on": "boot",
    "vmb_print_and_reset": "boot",
}
# What compiled code needs if the stack protector is on.
COMPILERS = {"__stack_chk_fail", "__stack_chk_guard"}

# Only the platform `generic` uses some of the hooks.
ALL_PLATFORMS = "platform_generic_entry"


def objects(nm, archive):
    """Yields for each object of an archive its name, what it defines and what it needs."""
    listing = subprocess.run([nm, "--format=posix", archive], check=True, stdout=subprocess.PIPE, text=True).stdout
    for part in re.split(r"\n\s*\n", listing.strip()):
        name, *lines = part.splitlines()
        words = [line.split()[:2] for line in lines]
        # An archive's name may come before the object's, in brackets.
        name = re.sub(r".*\[", "", name).rstrip(":]")
        yield name, {word for word, kind in words if kind.isupper() and kind != "U"}, {
            word for word, kind in words if kind in "Uw"
        }


def folder_of(name):
    """Returns the folder of src that an object comes from; Meson writes page_table/map.c as page_table_map.c.o."""
    return max((folder for folder in layering_test.HEIGHT if name.startswith(folder + "_")), key=len, default=None)


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    found = [entry for archive in sys.argv[2:] for entry in objects(sys.argv[1], archive)]
    height = layering_test.HEIGHT
    errors = [f"{name} is of no folder of src" for name, _, _ in found if folder_of(name) is None]
    homes = {}
    for name, defined, _ in found:
        for symbol in defined:
            homes.setdefault(symbol, set()).add(folder_of(name))
    used = set()
    for name, _, needed in found:
        folder = folder_of(name)
        for symbol in sorted(needed - COMPILERS):
            homes_above = {home for home in homes.get(symbol, ()) if home != folder and height[home] >= height[folder]}
            if UPWARD.get(symbol) in homes_above:
                used.add(symbol)
            elif homes_above:
                errors.append(f"{name} uses {symbol}, which a higher layer defines: {', '.join(sorted(homes_above))}")
    if any(name.startswith(ALL_PLATFORMS) for name, _, _ in found):
        errors += [f"no lower layer uses {symbol}: it is no hook" for symbol in sorted(UPWARD.keys() - used)]
    for error in errors:
        print(error)
    return 1 if errors or not homes else 0


if __name__ == "__main__":
    sys.exit(main())

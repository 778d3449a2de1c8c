#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the API reference, or says what is missing.

usage: build_reference.py DOXYGEN DOXYFILE OUTPUT
"""

import os
import shutil
import subprocess
import sys


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    doxygen, doxyfile, output = sys.argv[1:]
    if shutil.which(doxygen) is None:
        print("The API reference needs Doxygen. Install it (Debian: apt-get install doxygen) and repeat the command.")
        return 1
    # Pages of headers that no longer exist would stay.
    shutil.rmtree(output, ignore_errors=True)
    os.makedirs(output)
    status = subprocess.run([doxygen, doxyfile]).returncode
    if status == 0:
        print(f"The API reference: {output}/index.html")
    return status


if __name__ == "__main__":
    sys.exit(main())

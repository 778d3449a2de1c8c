#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: append.py IMAGE OUTPUT BYTES: appends so many bytes to a raw image, counting from 1 to 251 again and again."""

import pathlib
import sys

image, output, count = sys.argv[1:]
payload = bytes(i % 251 + 1 for i in range(int(count, 0)))
pathlib.Path(output).write_bytes(pathlib.Path(image).read_bytes() + payload)

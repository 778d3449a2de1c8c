// SPDX-License-Identifier: Apache-2.0

// A guest for a machine that vmbase does not know. The example uses QEMU's machine, so that you can try it.

#include <vmbase/console.h>
#include <vmbase/layout.h>
#include <vmbase/main.h>

#include <inttypes.h>

// The machine's UART; idmap.S maps it.
VMBASE_CONSOLE_PL011(0x09000000);

static void custom(void)
{
	const struct vmbase_range text = vmbase_layout_text();
	const struct vmbase_range data = vmbase_layout_data();

	vmbase_println("Hello from a machine of my own");
	vmbase_println("text at 0x%" PRIxPTR ", data at 0x%" PRIxPTR, text.begin, data.begin);
}

VMBASE_MAIN(custom);

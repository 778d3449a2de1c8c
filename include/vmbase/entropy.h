// SPDX-License-Identifier: Apache-2.0

// Random bytes for keys and secrets.
//
// They come from the hypervisor's or firmware's generator (Arm DEN 0098, issue 1.0, TRNG_RND64) or, where there
// is none or it gives nothing, from the CPU's (Arm DDI 0487, issue K.a, RNDR). Nothing is mixed, stretched or
// kept: each byte is given out once, and without a source there is an error instead of weak bytes. A TRNG
// belongs to whoever answers hypercalls: in a protected VM to the hypervisor, in an ordinary one to the host.
//
// A source that says that it is out of entropy is asked again, up to VMBASE_ENTROPY_ATTEMPTS times a block. One
// that repeats itself, or that claims a success without touching the registers, counts as one that failed: of
// each block of three words it gives, one is compared with that of the block before and never given out.

#ifndef VMBASE_ENTROPY_H
#define VMBASE_ENTROPY_H

#include <vmbase/error.h>

#include <stddef.h>
#include <stdint.h>

// How often a source is asked for 16 bytes before it counts as dry. A call of a TRNG is a VM exit, so that
// this is at the most some milliseconds.
#define VMBASE_ENTROPY_ATTEMPTS 100

// Fills size_bytes from buffer on; none is fine. May be called from anywhere, on any CPU; a block of 16 bytes
// is one call of the TRNG, the first time one more.
//
// On an error the buffer holds zeros: nothing half random is left to be taken for random.
//
// VMBASE_ERROR_UNSUPPORTED   there is neither a TRNG nor RNDR
// VMBASE_ERROR_NO_ENTROPY    there is one, and it gave nothing, or nothing that can be random
enum vmbase_error vmbase_entropy_fill(void *buffer, size_t size_bytes);

// What the stack protector compares: the library fills it before main, and before constructors. Its lowest
// byte, the first in memory, is 0, so that a string neither leaks it nor rewrites it. Without entropy it is
// this, the same for everybody and at every boot, and the boot says so in one line on the console: "# vmbase:
// no entropy, …". (To a reader of TAP that is a comment.)
#define VMBASE_STACK_GUARD_WITHOUT_ENTROPY UINT64_C(0x5bd1e995a7c3f100)

#endif

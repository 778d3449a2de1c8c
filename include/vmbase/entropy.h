// SPDX-License-Identifier: Apache-2.0

// Random bytes for keys and secrets.
//
// They come from the hypervisor's or firmware's generator (Arm DEN 0098, issue 1.0, TRNG_RND64) or, where there
// is none or it gives nothing, from the CPU's (Arm DDI 0487, issue K.a, RNDR). Nothing of theirs is mixed,
// stretched or kept: each byte is given out once. Where neither gives anything, and only there, a seed is
// stretched, if there is one. Without all three there is an error instead of weak bytes. A TRNG belongs to
// whoever answers hypercalls: in a protected VM to the hypervisor, in an ordinary one to the host.
//
// A source that says that it is out of entropy is asked again, up to VMBASE_ENTROPY_ATTEMPTS times a block. One
// that repeats itself, or that claims a success without touching the registers, counts as one that failed: of
// each block of three words it gives, one is compared with that of the block before and never given out.

#ifndef VMBASE_ENTROPY_H
#define VMBASE_ENTROPY_H

#include <vmbase/error.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// How often a source is asked for 16 bytes before it counts as dry. A call of a TRNG is a VM exit, so that
// this is at the most some milliseconds.
#define VMBASE_ENTROPY_ATTEMPTS 100

// Fills size_bytes from buffer on; none is fine. May be called from anywhere, on any CPU; a block of 16 bytes
// is one call of the TRNG, the first time one more.
//
// On an error the buffer holds zeros: nothing half random is left to be taken for random.
//
// VMBASE_ERROR_UNSUPPORTED   there is neither a TRNG nor RNDR, nor a seed
// VMBASE_ERROR_NO_ENTROPY    there is one, and it gave nothing, or nothing that can be random
enum vmbase_error vmbase_entropy_fill(void *buffer, size_t size_bytes);

// What a seed has at the least.
#define VMBASE_ENTROPY_SEED_BYTES 32

// Gives a generator a seed that nobody else knows: secret, random, and used for nothing else. From then on
// vmbase_entropy_fill() has what the generator makes of it (ChaCha20, RFC 8439; its key is replaced with each
// block) wherever the TRNG and RNDR give nothing. Further seeds are added: they never make it weaker, even if
// somebody chose them. Copies of the guest, as from a snapshot of the VM, go on with the same bytes.
//
// The device tree's rng-seed is fed by vmbase_fdt_feed_entropy() of <vmbase/fdt.h>. May be called from
// anywhere, on any CPU. The caller wipes the seed.
//
// VMBASE_ERROR_INVALID_ARGUMENT  it has less than VMBASE_ENTROPY_SEED_BYTES bytes
// VMBASE_ERROR_BUSY              another CPU has stopped while it used the generator
enum vmbase_error vmbase_entropy_seed(const void *seed, size_t size_bytes);

// What the stack protector compares: the library fills it before main, and before constructors. Its lowest
// byte, the first in memory, is 0, so that a string neither leaks it nor rewrites it. Without entropy it is
// this, the same for everybody and at every boot, and the boot says so in one line on the console: "# vmbase:
// no entropy, …". (To a reader of TAP that is a comment.)
#define VMBASE_STACK_GUARD_WITHOUT_ENTROPY UINT64_C(0x5bd1e995a7c3f100)

#ifdef __cplusplus
}
#endif

#endif

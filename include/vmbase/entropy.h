// SPDX-License-Identifier: Apache-2.0

// Random bytes for keys and secrets.
//
// The bytes come from one of three sources, in this order:
//
// - the TRNG, the generator of the hypervisor or of firmware (Arm DEN 0098, issue 1.0, TRNG_RND64)
// - the CPU's generator (Arm DDI 0487, issue K.a, RNDR)
// - a seed (vmbase_entropy_seed()), which a stream cipher stretches
//
// A source is used only if the sources before it do not exist or give nothing. The bytes of the TRNG and of
// RNDR are not mixed, stretched or kept: each byte is given out once. Without any source there is an error
// instead of weak bytes. The TRNG belongs to the one who answers hypercalls: in a protected VM this is the
// hypervisor, in an ordinary VM the host.
//
// A source that reports a lack of entropy is asked again, up to VMBASE_ENTROPY_ATTEMPTS times for each block. A
// source fails if it repeats itself, or if it reports success without a change of the registers: one word of
// each block of three words is compared with the same word of the previous block, and never given out.
//
// All functions may be called on any CPU.

#ifndef VMBASE_ENTROPY_H
#define VMBASE_ENTROPY_H

#include <vmbase/error.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// How often a source is asked for 16 bytes before it counts as failed. A call of the TRNG is one VM exit: this
// takes at most some milliseconds.
#define VMBASE_ENTROPY_ATTEMPTS 100

// Fills a buffer with random bytes; size_bytes may be 0. Costs one call of the TRNG for each 16 bytes. The
// first block after the reset costs one more: the boot takes this block for the stack protector. After an error
// the whole buffer is zero, so that bytes that are partly random are never used.
//
// Context: any
// Errors:
//   VMBASE_ERROR_UNSUPPORTED  if no source exists: no TRNG, no RNDR and no seed
//   VMBASE_ERROR_NO_ENTROPY   if the sources give nothing, or give bytes that cannot be random
enum vmbase_error vmbase_entropy_fill(void *buffer, size_t size_bytes);

// The least size of a seed.
#define VMBASE_ENTROPY_SEED_BYTES 32

// Seeds the generator that vmbase_entropy_fill() uses when the TRNG and RNDR give nothing (ChaCha20, RFC 8439;
// each block replaces the key). The seed must be secret, random, and used for nothing else. The caller wipes it
// afterwards. Further seeds are added: they never weaken the generator, even if an attacker chose them. Copies
// of the guest, such as snapshots of the VM, continue with the same bytes. vmbase_fdt_feed_entropy() of
// <vmbase/fdt.h> uses the device tree's rng-seed as a seed.
//
// Context: any
// Errors:
//   VMBASE_ERROR_INVALID_ARGUMENT  if size_bytes is less than VMBASE_ENTROPY_SEED_BYTES
//   VMBASE_ERROR_BUSY              if another CPU has stopped while it used the generator
enum vmbase_error vmbase_entropy_seed(const void *seed, size_t size_bytes);

// The value of the stack protector's guard if there is no entropy: it is the same at every boot, and the boot
// prints one line "# vmbase: no entropy, …" on the console. (A reader of TAP ignores the line.) The library
// sets the guard before main and before the constructors. The lowest byte, which is the first in memory, is
// always 0, so that a string can neither leak nor rewrite the guard.
#define VMBASE_STACK_GUARD_WITHOUT_ENTROPY UINT64_C(0x5bd1e995a7c3f100)

#ifdef __cplusplus
}
#endif

#endif

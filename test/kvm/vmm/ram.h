// SPDX-License-Identifier: Apache-2.0

// The guest's RAM, seen from the host.

#ifndef RAM_H
#define RAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ram {
	uint64_t base; // the guest's address of it
	uint64_t size;
	uint8_t *host;
};

// Reserves the memory, all zero. Ends the process where there is none.
void ram_init(struct ram *ram, uint64_t base, uint64_t size);

// True if all `size` bytes from a guest's address on are RAM. The guest chooses both: nothing may wrap.
bool ram_contains(const struct ram *ram, uint64_t address, uint64_t size);

// Where the host has `size` bytes of the guest's, or NULL if they are not all RAM.
void *ram_at(const struct ram *ram, uint64_t address, uint64_t size);

// Copies a file into RAM and returns its size in bytes. Ends the process, with a report, if it is unreadable,
// empty or larger than `max_size`.
uint64_t ram_load(const struct ram *ram, uint64_t address, uint64_t max_size, const char *path);

// Reads or writes eight bytes, at a multiple of eight in RAM. Returns 0, or the number of the signal that the
// host got: its kernel lets nobody touch a page that a protected guest keeps private.
int ram_peek(const struct ram *ram, uint64_t address, uint64_t *value);
int ram_poke(const struct ram *ram, uint64_t address, uint64_t value);

#endif

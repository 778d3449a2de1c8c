// SPDX-License-Identifier: Apache-2.0

// The real-time clock as crosvm has it (devices/src/pl030.rs): Arm's PL030 (DDI 0140), but for the
// identification, which is one word instead of four bytes in a word each, and a mask that goes with it. It
// cannot be set, and there is no alarm.

#include "device.h"

#include <time.h>

enum {
	RTCDR = 0x00,   // data register: seconds since 1970
	RTCMR = 0x04,   // match register
	RTCSTAT = 0x08, // interrupt status register; clears the interrupt when written
	RTCLR = 0x0c,   // counter load register, write only
	RTCCR = 0x10,   // counter register: seconds since it was last written
	ID_MASK = 0xfd8,
	ID = 0xfe0,
};

#define ID_MASK_VALUE 0x000fffff
#define ID_VALUE 0x00041030

static uint32_t match;
static uint32_t count_from;

static uint32_t seconds(void)
{
	return (uint32_t)time(NULL);
}

static bool read_register(uint64_t offset, uint64_t *value)
{
	switch (offset) {
	case RTCDR:
		*value = seconds();
		return true;
	case RTCMR:
		*value = match;
		return true;
	case RTCSTAT:
		*value = 0;
		return true;
	case RTCCR:
		*value = seconds() - count_from;
		return true;
	case ID_MASK:
		*value = ID_MASK_VALUE;
		return true;
	case ID:
		*value = ID_VALUE;
		return true;
	default:
		return false;
	}
}

static bool write_register(uint64_t offset, uint32_t value)
{
	switch (offset) {
	case RTCMR:
		match = value;
		return true;
	case RTCSTAT:
	case RTCLR:
		return true;
	case RTCCR:
		count_from = seconds();
		return true;
	default:
		return false;
	}
}

bool rtc_answer(struct vm *vm, unsigned int index, uint64_t offset, struct access *access)
{
	(void)vm, (void)index;
	if (access->size != sizeof(uint32_t)) {
		return false;
	}
	return access->is_write ? write_register(offset, (uint32_t)access->value)
				: read_register(offset, &access->value);
}

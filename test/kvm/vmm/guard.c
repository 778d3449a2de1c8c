// SPDX-License-Identifier: Apache-2.0

#include "guard.h"

#include <stddef.h>

enum {
	MAPPINGS_MAX = 1024,
};

#define MMIO_GUARD_INFO 0xc6000005
#define MMIO_GUARD_ENROLL 0xc6000006
#define MMIO_GUARD_MAP 0xc6000007
#define MMIO_GUARD_UNMAP 0xc6000008

// Android 13's guard returns an int, and leaves in the upper half of x0 what was there.
#define ANDROID13_UPPER_HALF UINT64_C(0x5a5a5a5a00000000)

static const struct options *options;
static const struct ram *ram;
static bool exists;
static bool enrolled;
static uint64_t mappings[MAPPINGS_MAX]; // addresses of granules, in no order
static size_t mapping_count;
static uint64_t refusals;

void guard_init(const struct options *new_options, const struct ram *new_ram)
{
	options = new_options;
	ram = new_ram;
	exists = options_has_pkvm_calls(options) && options->guard != GUARD_ABSENT;
	enrolled = exists && options->guard == GUARD_MAP_ALONE;
}

// Returns the index of a granule's mapping, or mapping_count.
static size_t find(uint64_t granule)
{
	size_t i = 0;

	while (i < mapping_count && mappings[i] != granule) {
		i++;
	}
	return i;
}

static int64_t info(const struct hypercall *call)
{
	if (!hypercall_has_no_arguments(call)) {
		return SMCCC_INVALID_PARAMETER;
	}
	return options->guard == GUARD_NOT_REQUIRED ? SMCCC_NOT_REQUIRED : (int64_t)options->granule;
}

static int64_t enroll(void)
{
	if (options->guard == GUARD_REFUSE_ENROLL || options->guard == GUARD_NOT_REQUIRED) {
		return SMCCC_NOT_SUPPORTED;
	}
	enrolled = true;
	return SMCCC_SUCCESS;
}

static int64_t map(uint64_t granule)
{
	if (options->guard == GUARD_REFUSE_MAP || !enrolled || granule % options->tracking_granule != 0 ||
	    ram_contains(ram, granule, 1)) {
		return SMCCC_INVALID_PARAMETER;
	}
	if (find(granule) < mapping_count) {
		return SMCCC_SUCCESS;
	}
	if (mapping_count == MAPPINGS_MAX) {
		return SMCCC_INVALID_PARAMETER;
	}
	mappings[mapping_count++] = granule;
	return SMCCC_SUCCESS;
}

static int64_t unmap(uint64_t granule)
{
	size_t i = find(granule);

	if (options->guard == GUARD_REFUSE_UNMAP || i == mapping_count) {
		return SMCCC_INVALID_PARAMETER;
	}
	mappings[i] = mappings[--mapping_count];
	return options->android13_quirks ? SMCCC_NOT_SUPPORTED : SMCCC_SUCCESS;
}

bool guard_answer(struct hypercall *call)
{
	uint64_t *result = &call->results[0];

	if (!exists || (options->guard == GUARD_MAP_ALONE && call->id != MMIO_GUARD_MAP)) {
		return false;
	}
	switch (call->id) {
	case MMIO_GUARD_INFO:
		*result = (uint64_t)info(call);
		return true;
	case MMIO_GUARD_ENROLL:
		*result = (uint64_t)enroll();
		return true;
	case MMIO_GUARD_MAP:
		*result = (uint64_t)map(call->arguments[0]);
		if (options->android13_quirks) {
			*result = ANDROID13_UPPER_HALF | (uint32_t)*result;
		}
		return true;
	case MMIO_GUARD_UNMAP:
		*result = (uint64_t)unmap(call->arguments[0]);
		return true;
	default:
		return false;
	}
}

bool guard_refuses(uint64_t address)
{
	return enrolled && find(address - address % options->tracking_granule) == mapping_count;
}

uint64_t guard_count_refusal(void)
{
	return ++refusals;
}

uint64_t guard_refusals(void)
{
	return refusals;
}

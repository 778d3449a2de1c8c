// SPDX-License-Identifier: Apache-2.0

#include "sharing.h"

#include "end.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define HYP_MEMINFO 0xc6000002
#define MEM_SHARE 0xc6000003
#define MEM_UNSHARE 0xc6000004

#define ADDRESS_SPACE_END (UINT64_C(1) << 40) // as KVM makes it unless asked otherwise

static const struct options *options;
static const struct ram *ram;
static bool *shared; // one for each granule of RAM; NULL: no sharing, and all is the host's too

void sharing_init(const struct options *new_options, const struct ram *new_ram)
{
	if (!options_has_pkvm_calls(new_options) || new_options->share == SHARE_ABSENT) {
		return;
	}
	options = new_options;
	ram = new_ram;
	shared = calloc(ram->size / options->tracking_granule, sizeof(*shared));
	if (shared == NULL) {
		end(END_FAILED, "memory for sharing: %s", strerror(errno));
	}
}

static bool *granule_at(uint64_t address)
{
	return &shared[(address - ram->base) / options->tracking_granule];
}

// True if the arguments name one granule that the VM's address space has room for.
static bool names_granule(const struct hypercall *call)
{
	uint64_t granule = call->arguments[0];

	return granule < ADDRESS_SPACE_END && granule % options->tracking_granule == 0 &&
	       call->arguments[1] == 0 && call->arguments[2] == 0;
}

static int64_t share(struct hypercall *call)
{
	uint64_t granule = call->arguments[0];

	if (!names_granule(call) || options->share == SHARE_REFUSE) {
		return SMCCC_INVALID_PARAMETER;
	}
	if (!ram_contains(ram, granule, 1)) {
		// pKVM has the host put memory there before it goes on with the call, and this host has none.
		call->aborts = true;
		return SMCCC_INVALID_PARAMETER;
	}
	if (*granule_at(granule)) {
		return SMCCC_INVALID_PARAMETER;
	}
	*granule_at(granule) = true;
	return SMCCC_SUCCESS;
}

static int64_t unshare(const struct hypercall *call)
{
	uint64_t granule = call->arguments[0];

	if (!names_granule(call) || !ram_contains(ram, granule, 1) || !*granule_at(granule)) {
		return SMCCC_INVALID_PARAMETER;
	}
	*granule_at(granule) = false;
	return SMCCC_SUCCESS;
}

static int64_t meminfo(const struct hypercall *call)
{
	return hypercall_has_no_arguments(call) ? (int64_t)options->granule : SMCCC_INVALID_PARAMETER;
}

bool sharing_answer(struct hypercall *call)
{
	if (shared == NULL) {
		return false;
	}
	switch (call->id) {
	case HYP_MEMINFO:
		call->results[0] = (uint64_t)meminfo(call);
		return true;
	case MEM_SHARE:
		call->results[0] = (uint64_t)share(call);
		return true;
	case MEM_UNSHARE:
		call->results[0] = (uint64_t)unshare(call);
		return true;
	default:
		return false;
	}
}

bool sharing_is_private(uint64_t address)
{
	return shared != NULL && !*granule_at(address);
}

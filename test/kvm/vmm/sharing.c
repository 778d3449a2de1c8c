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

static const struct options *options;
static const struct ram *ram;
static bool *shared; // one for each granule of RAM; NULL: no sharing, and all is the host's too

void sharing_init(const struct options *new_options, const struct ram *new_ram)
{
	bool exists =
		new_options->hypervisor == HYPERVISOR_PKVM || new_options->hypervisor == HYPERVISOR_GENIEZONE;

	if (!exists || new_options->share == SHARE_ABSENT) {
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

// Moves a granule from one side to the other. It has to be on the other one.
static void change(struct hypercall *call, bool to)
{
	uint64_t granule = call->arguments[0];
	bool is_sound =
		granule % options->tracking_granule == 0 && call->arguments[1] == 0 && call->arguments[2] == 0;

	call->results[0] = (uint64_t)SMCCC_INVALID_PARAMETER;
	if (!is_sound || (to && options->share == SHARE_REFUSE)) {
		return;
	}
	if (!ram_contains(ram, granule, 1)) {
		// What is not backed by memory has no state: pKVM has the host provide it, which cannot.
		call->aborts = true;
		return;
	}
	if (*granule_at(granule) != to) {
		*granule_at(granule) = to;
		call->results[0] = (uint64_t)SMCCC_SUCCESS;
	}
}

bool sharing_answer(struct hypercall *call)
{
	if (shared == NULL) {
		return false;
	}
	switch (call->id) {
	case HYP_MEMINFO:
		call->results[0] = options->granule;
		return true;
	case MEM_SHARE:
		change(call, true);
		return true;
	case MEM_UNSHARE:
		change(call, false);
		return true;
	default:
		return false;
	}
}

bool sharing_is_private(uint64_t address)
{
	return shared != NULL && !*granule_at(address);
}

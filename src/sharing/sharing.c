// SPDX-License-Identifier: Apache-2.0

// Shares and unshares ranges of memory.

#include <vmbase/hypervisor.h>
#include <vmbase/layout.h>
#include <vmbase/sharing.h>

#include "../base/range_set.h"

// All records, in no order. Their ranges do not overlap, and no range is empty.
static struct vmbase_sharing_record *ranges;

// The granule in bytes, or 0 before it is known. Asking takes a hypercall. It is known while there are records.
static size_t granule;

// The RAM that the guest has named; empty before.
static struct vmb_range_set told_ram;

enum vmbase_error vmbase_sharing_granule(size_t *granule_bytes)
{
	if (granule == 0) {
		enum vmbase_error error = vmbase_hypervisor_sharing_granule(&granule);

		if (error != VMBASE_OK) {
			return error;
		}
	}
	*granule_bytes = granule;
	return VMBASE_OK;
}

enum vmbase_error vmbase_sharing_set_ram(struct vmbase_range ram)
{
	if (ram.begin >= ram.end) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	vmb_range_set_init(&told_ram, ram);
	return VMBASE_OK;
}

enum vmbase_error vmbase_sharing_add_ram(struct vmbase_range ram)
{
	const struct vmbase_range known = vmbase_layout_ram();

	if (ram.begin >= ram.end) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	if (told_ram.count == 0 && known.begin < known.end) {
		vmb_range_set_init(&told_ram, known);
	}
	return vmb_range_set_add(&told_ram, ram);
}

static bool is_ram(struct vmbase_range range)
{
	return told_ram.count > 0 ? vmb_range_set_contains(&told_ram, range)
				  : vmb_contains(vmbase_layout_ram(), range);
}

// Returns whether a range may be shared in a record, as far as that is known without the hypervisor.
static enum vmbase_error check(const struct vmbase_sharing_record *record, struct vmbase_range range)
{
	if (range.begin >= range.end || !is_ram(range)) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	if (range.begin % granule != 0 || range.end % granule != 0) {
		return VMBASE_ERROR_UNALIGNED;
	}
	for (const struct vmbase_sharing_record *other = ranges; other != NULL; other = other->next) {
		if (other == record) {
			return VMBASE_ERROR_BUSY;
		}
		if (range.begin < other->end && other->begin < range.end) {
			return VMBASE_ERROR_OVERLAP;
		}
	}
	return VMBASE_OK;
}

// Unshares granules from the end down to one that the hypervisor refuses to give back, then from the beginning
// up to another. The rest is one range, as small as possible. Each granule is asked for once. Returns the first
// error.
static enum vmbase_error retract(struct vmbase_sharing_record *range)
{
	for (; range->end != range->begin; range->end -= granule) {
		enum vmbase_error error = vmbase_hypervisor_unshare(vmbase_phys_at(range->end - granule));

		if (error == VMBASE_OK) {
			continue;
		}
		while (range->end - range->begin > granule &&
		       vmbase_hypervisor_unshare(vmbase_phys_at(range->begin)) == VMBASE_OK) {
			range->begin += granule;
		}
		return error;
	}
	return VMBASE_OK;
}

enum vmbase_error vmbase_sharing_share(struct vmbase_sharing_record *record, struct vmbase_range range)
{
	struct vmbase_sharing_record shared = { .begin = range.begin, .end = range.begin, .next = ranges };
	size_t granule_bytes;
	enum vmbase_error error = vmbase_sharing_granule(&granule_bytes);

	if (error == VMBASE_OK) {
		error = check(record, range);
	}
	if (error != VMBASE_OK) {
		return error;
	}
	for (; shared.end < range.end; shared.end += granule_bytes) {
		error = vmbase_hypervisor_share(vmbase_phys_at(shared.end));
		if (error == VMBASE_OK) {
			continue;
		}
		if (retract(&shared) == VMBASE_OK) {
			return error;
		}
		error = VMBASE_ERROR_BUSY;
		break;
	}
	*record = shared;
	ranges = record;
	return error;
}

// Unshares the range of a record and removes the record from the list. After an error the record stays in the
// list.
static enum vmbase_error retract_and_unlink(struct vmbase_sharing_record **link)
{
	struct vmbase_sharing_record *range = *link;
	enum vmbase_error error = retract(range);

	if (error == VMBASE_OK) {
		*link = range->next;
		*range = (struct vmbase_sharing_record){ 0 };
	}
	return error;
}

enum vmbase_error vmbase_sharing_unshare(struct vmbase_sharing_record *record)
{
	for (struct vmbase_sharing_record **link = &ranges; *link != NULL; link = &(*link)->next) {
		if (*link == record) {
			return retract_and_unlink(link);
		}
	}
	return VMBASE_ERROR_NOT_FOUND;
}

enum vmbase_error vmbase_sharing_unshare_all(void)
{
	enum vmbase_error first_error = VMBASE_OK;
	struct vmbase_sharing_record **link = &ranges;

	while (*link != NULL) {
		enum vmbase_error error = retract_and_unlink(link);

		if (error != VMBASE_OK) {
			first_error = first_error == VMBASE_OK ? error : first_error;
			link = &(*link)->next;
		}
	}
	if (ranges == NULL) {
		// The granule is asked for again, as after boot.
		granule = 0;
	}
	return first_error;
}

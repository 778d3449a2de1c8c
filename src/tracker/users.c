// SPDX-License-Identifier: Apache-2.0

// Device pages with more than one user: the devices are smaller than a page. The table itself counts one user
// for each page. The other users are counted here, in one page of the source that exists while it is needed.

#include "tracker_state.h"

// The address of a page. The bits below the page size have the number of its users less one, which is never 0.
#define FURTHER_USERS_MASK (VMBASE_PAGE_SIZE - 1)

struct vmb_shared_pages {
	uint64_t count;
	uint64_t entries[VMBASE_PAGE_SIZE / sizeof(uint64_t) - 1];
};

#define ENTRIES_MAX (sizeof(((struct vmb_shared_pages *)0)->entries) / sizeof(uint64_t))

// Returns the entry of the lowest page of a range that has an entry, or NULL.
static uint64_t *find_lowest(uintptr_t begin, uintptr_t end)
{
	struct vmb_shared_pages *shared = vmb_tracker.shared;
	uint64_t *lowest = NULL;

	for (size_t i = 0; shared != NULL && i < shared->count; i++) {
		uint64_t *entry = &shared->entries[i];

		if (*entry >= begin && *entry < end && (lowest == NULL || *entry < *lowest)) {
			lowest = entry;
		}
	}
	return lowest;
}

uintptr_t vmb_tracker_next_shared(uintptr_t begin, uintptr_t end)
{
	const uint64_t *entry = find_lowest(begin, end);

	return entry == NULL ? end : *entry & ~FURTHER_USERS_MASK;
}

static void add_user(uintptr_t page)
{
	struct vmb_shared_pages *shared = vmb_tracker.shared;
	uint64_t *entry = find_lowest(page, page + VMBASE_PAGE_SIZE);

	if (entry == NULL) {
		entry = &shared->entries[shared->count++];
		*entry = page;
	}
	++*entry;
}

static void remove_user(uintptr_t page)
{
	struct vmb_shared_pages *shared = vmb_tracker.shared;
	uint64_t *entry = find_lowest(page, page + VMBASE_PAGE_SIZE);

	if ((--*entry & FURTHER_USERS_MASK) == 0) {
		*entry = shared->entries[--shared->count];
	}
	if (shared->count == 0) {
		vmb_tracker_forget_users();
	}
}

void vmb_tracker_forget_users(void)
{
	if (vmb_tracker.shared != NULL) {
		vmb_tracker.source.free(vmb_tracker.shared, vmb_tracker.source.context);
		vmb_tracker.shared = NULL;
	}
}

// Counts the entries that will be added.
static enum vmbase_error plan(const struct vmbase_mapping *mapping, void *context)
{
	const uintptr_t page = mapping->range.begin;
	const uint64_t *entry = find_lowest(page, page + VMBASE_PAGE_SIZE);
	size_t *added = context;

	// Device pages are never blocks in the tracker's table.
	if ((mapping->kind != VMBASE_MAP_DEVICE && mapping->kind != VMBASE_MAP_DEVICE_LAZY) ||
	    mapping->leaf_bytes != VMBASE_PAGE_SIZE) {
		return VMBASE_ERROR_OVERLAP;
	}
	*added += entry == NULL ? 1 : 0;
	return entry != NULL && (*entry & FURTHER_USERS_MASK) == FURTHER_USERS_MASK ? VMBASE_ERROR_NO_MEMORY
										    : VMBASE_OK;
}

// Makes room for more entries.
static enum vmbase_error reserve(size_t added)
{
	const size_t count = vmb_tracker.shared == NULL ? 0 : vmb_tracker.shared->count;

	if (added > ENTRIES_MAX - count) {
		return VMBASE_ERROR_NO_MEMORY;
	}
	if (vmb_tracker.shared == NULL) {
		void *page = vmb_tracker_allocate(&vmb_tracker.source);

		if (page == NULL) {
			return VMBASE_ERROR_NO_MEMORY;
		}
		if (!vmb_is_aligned((uintptr_t)page, VMBASE_PAGE_SIZE)) {
			vmb_tracker.source.free(page, vmb_tracker.source.context);
			return VMBASE_ERROR_UNALIGNED;
		}
		vmb_tracker.shared = page;
		vmb_tracker.shared->count = 0;
	}
	return VMBASE_OK;
}

static enum vmbase_error count_user(const struct vmbase_mapping *mapping, void *context)
{
	(void)context;
	add_user(mapping->range.begin);
	return VMBASE_OK;
}

// Maps a part of a range that has no page with several users. The part may be empty.
static enum vmbase_error map_between(uintptr_t begin, uintptr_t end)
{
	return begin == end ? VMBASE_OK
			    : vmbase_page_table_map(&vmb_tracker.table, (struct vmbase_range){ begin, end },
						    VMBASE_MAP_DEVICE_LAZY, 0);
}

enum vmbase_error vmb_tracker_map_again(struct vmbase_range range)
{
	size_t added = 0;
	enum vmbase_error error = vmbase_page_table_walk(&vmb_tracker.table, range, plan, &added);

	if (error == VMBASE_OK) {
		error = reserve(added);
	}
	if (error != VMBASE_OK) {
		return error;
	}
	// Cannot fail: the same range was walked before.
	(void)vmbase_page_table_walk(&vmb_tracker.table, range, count_user, NULL);
	// All pages that are mapped have several users now. The others are not mapped.
	for (uintptr_t begin = range.begin; begin < range.end && error == VMBASE_OK;) {
		const uintptr_t shared = vmb_tracker_next_shared(begin, range.end);

		error = map_between(begin, shared);
		begin = shared + VMBASE_PAGE_SIZE;
	}
	if (error != VMBASE_OK) {
		// Cannot fail. It ignores pages that are not mapped.
		(void)vmb_tracker_remove_users(range);
	}
	return error;
}

enum vmbase_error vmb_tracker_remove_users(struct vmbase_range range)
{
	enum vmbase_error error = VMBASE_OK;

	while (range.begin < range.end && error == VMBASE_OK) {
		const uintptr_t shared = vmb_tracker_next_shared(range.begin, range.end);

		if (range.begin < shared) {
			error = vmbase_page_table_unmap(&vmb_tracker.table,
							(struct vmbase_range){ range.begin, shared });
		}
		if (error == VMBASE_OK && shared < range.end) {
			remove_user(shared);
		}
		range.begin = shared + VMBASE_PAGE_SIZE;
	}
	return error;
}

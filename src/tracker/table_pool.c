// SPDX-License-Identifier: Apache-2.0

// The pool of pages that VMBASE_TABLE_POOL defines.

#include <vmbase/tracker.h>

void *vmbase_table_pool_allocate(void *pool)
{
	struct vmbase_table_pool *it = pool;
	void *page = it->given_back;

	if (page != NULL) {
		it->given_back = *(void **)page;
		return page;
	}
	if (it->unused == it->end) {
		return NULL;
	}
	page = it->unused;
	it->unused += VMBASE_PAGE_SIZE;
	return page;
}

void vmbase_table_pool_free(void *page, void *pool)
{
	struct vmbase_table_pool *it = pool;

	*(void **)page = it->given_back;
	it->given_back = page;
}

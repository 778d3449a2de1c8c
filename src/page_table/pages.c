// SPDX-License-Identifier: Apache-2.0

// The pages of tables: counts them, gets them, and gives them back.

#include "table.h"

size_t vmb_tables_needed(int level, uintptr_t begin, uintptr_t end, int top_leaf_level)
{
	if (level >= top_leaf_level && end - begin == vmb_level_size(level)) {
		return 0;
	}
	int child_level = level + 1;

	if (child_level == VMB_LAST_LEVEL) {
		return 1;
	}
	// The entries in the middle are covered completely and need the same number of tables each.
	uint64_t size = vmb_level_size(child_level);
	uintptr_t whole_begin = vmb_align_up(begin, size);
	uintptr_t whole_end = vmb_align_down(end, size);

	if (whole_begin > whole_end) {
		return 1 + vmb_tables_needed(child_level, begin, end, top_leaf_level);
	}
	size_t count = 1;

	if (begin < whole_begin) {
		count += vmb_tables_needed(child_level, begin, whole_begin, top_leaf_level);
	}
	if (whole_end < end) {
		count += vmb_tables_needed(child_level, whole_end, end, top_leaf_level);
	}
	if (whole_begin < whole_end && child_level < top_leaf_level) {
		count += (whole_end - whole_begin) / size *
			 vmb_tables_needed(child_level, whole_begin, whole_begin + size, top_leaf_level);
	}
	return count;
}

enum vmbase_error vmb_reject_page(const struct vmbase_page_table *table, void *page)
{
	if (page == NULL) {
		return VMBASE_ERROR_NO_MEMORY;
	}
	table->pages.free(page, table->pages.context);
	return !vmb_is_aligned((uintptr_t)page, VMB_PAGE_SIZE) ? VMBASE_ERROR_UNALIGNED
							       : VMBASE_ERROR_OUT_OF_RANGE;
}

enum vmbase_error vmb_reserve(struct vmb_edit *edit)
{
	for (size_t i = 0; i < edit->tables_needed; i++) {
		const struct vmb_allocation new = vmb_allocate(edit->table);

		if (new.entries == NULL) {
			vmb_give_back(edit->table, edit->reserved);
			edit->reserved = NULL;
			return new.error;
		}
		struct vmb_spare *spare = (struct vmb_spare *)new.entries;

		spare->next = edit->reserved;
		edit->reserved = spare;
	}
	return VMBASE_OK;
}

uint64_t *vmb_take(struct vmb_edit *edit)
{
	struct vmb_spare *spare = edit->reserved;

	edit->reserved = spare->next;
	return (uint64_t *)spare;
}

void vmb_remove(struct vmb_edit *edit, uint64_t *entries)
{
	struct vmb_spare *spare = (struct vmb_spare *)entries;

	spare->next = edit->removed;
	edit->removed = spare;
	edit->scope = VMB_TLB_TABLES;
}

void vmb_remove_all(struct vmb_edit *edit, uint64_t *entries, int level, size_t count)
{
	if (level < VMB_LAST_LEVEL) {
		for (size_t i = 0; i < count; i++) {
			if (vmb_is_table(entries[i], level)) {
				vmb_remove_all(edit, vmb_child(edit->table, entries[i]), level + 1,
					       VMB_ENTRIES);
			}
		}
	}
	vmb_remove(edit, entries);
}

void vmb_give_back(const struct vmbase_page_table *table, struct vmb_spare *list)
{
	while (list != NULL) {
		struct vmb_spare *spare = list;

		list = spare->next;
		table->pages.free(spare, table->pages.context);
	}
}

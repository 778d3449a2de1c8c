// SPDX-License-Identifier: Apache-2.0

// A model of a page table, an array of pages: the implementation.

#include "page_table_model.h"

#include <stdio.h>

static struct vmbase_range range_of(const struct model *model, const struct model_step *step)
{
	const uintptr_t begin = model->base + step->first * VMBASE_PAGE_SIZE;

	return (struct vmbase_range){ begin, begin + step->count * VMBASE_PAGE_SIZE };
}

// Whether a step would stop running code, which is on one of the pages.
static bool removes_running_code(const struct model *model, const struct model_step *step)
{
	const struct vmb_in_use *in_use = &fake_cpu.in_use[0];
	const struct vmbase_range range = range_of(model, step);

	if (!model->is_live || (step->operation != MODEL_UNMAP && step->operation != MODEL_PROTECT) ||
	    in_use->range.begin >= range.end || in_use->range.end <= range.begin) {
		return false;
	}
	if (step->operation == MODEL_UNMAP) {
		return true;
	}
	switch (in_use->use) {
	case VMB_USE_EXECUTE:
		return step->kind != VMBASE_MAP_CODE;
	case VMB_USE_READ:
		return step->kind == VMBASE_MAP_DEVICE || step->kind == VMBASE_MAP_DEVICE_LAZY;
	default:
		return step->kind != VMBASE_MAP_DATA;
	}
}

// Returns the result of a step that the array predicts, whatever blocks the table uses.
static enum vmbase_error expect(const struct model *model, const struct model_step *step)
{
	const bool is_of_one_page = step->operation == MODEL_RESOLVE_LAZY || step->operation == MODEL_DIRTY;
	const struct model_page *pages = &model->pages[step->first];

	if (step->count == 0 && !is_of_one_page) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	if (removes_running_code(model, step)) {
		return VMBASE_ERROR_BUSY;
	}
	if (step->operation <= MODEL_MAP_PAGES_ONLY &&
	    range_of(model, step).end + step->offset > UINT64_C(1) << fake_cpu.features.pa_bits) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	for (size_t i = 0; i < step->count; i++) {
		switch (step->operation) {
		case MODEL_MAP:
		case MODEL_MAP_PAGES_ONLY:
			if (pages[i].kind != 0) {
				return VMBASE_ERROR_OVERLAP;
			}
			break;
		case MODEL_PROTECT:
			if (pages[i].kind == 0) {
				return VMBASE_ERROR_NOT_FOUND;
			}
			break;
		default:
			break;
		}
	}
	if (step->operation == MODEL_RESOLVE_LAZY) {
		return pages->kind == VMBASE_MAP_DEVICE || pages->kind == VMBASE_MAP_DEVICE_LAZY
			       ? VMBASE_OK
			       : VMBASE_ERROR_NOT_FOUND;
	}
	if (step->operation == MODEL_DIRTY) {
		return pages->kind == VMBASE_MAP_DATA_TRACKED ? VMBASE_OK : VMBASE_ERROR_NOT_FOUND;
	}
	return VMBASE_OK;
}

static enum vmbase_error apply(const struct model *model, struct vmbase_page_table *table,
			       const struct model_step *step)
{
	const struct vmbase_range range = range_of(model, step);
	const struct vmbase_phys phys = { range.begin + step->offset };

	switch (step->operation) {
	case MODEL_MAP:
		return vmbase_page_table_map_to(table, range, phys, step->kind, 0);
	case MODEL_MAP_PAGES_ONLY:
		return vmbase_page_table_map_to(table, range, phys, step->kind, VMBASE_MAP_PAGES_ONLY);
	case MODEL_UNMAP:
		return vmbase_page_table_unmap(table, range);
	case MODEL_PROTECT:
		return vmbase_page_table_protect(table, range, step->kind);
	case MODEL_FOLD:
		return vmbase_page_table_fold(table, range);
	case MODEL_RESOLVE_LAZY:
		return vmbase_page_table_resolve_lazy(table, range.begin);
	case MODEL_DIRTY:
		return vmbase_page_table_handle_dirty_fault(table, range.begin);
	default:
		return vmbase_page_table_flush_dirty(table, range);
	}
}

static void record(struct model_page *page, const struct model_step *step, uint64_t address)
{
	switch (step->operation) {
	case MODEL_MAP:
	case MODEL_MAP_PAGES_ONLY:
		*page = (struct model_page){ .kind = step->kind, .phys = address + step->offset };
		break;
	case MODEL_UNMAP:
		*page = (struct model_page){ 0 };
		break;
	case MODEL_PROTECT:
		page->is_dirty = page->is_dirty && step->kind == page->kind;
		page->kind = step->kind;
		break;
	case MODEL_RESOLVE_LAZY:
		page->kind = VMBASE_MAP_DEVICE;
		break;
	case MODEL_DIRTY:
		page->is_dirty = true;
		break;
	case MODEL_FLUSH:
		page->is_dirty = false;
		break;
	default:
		break;
	}
}

const char *model_do(struct model *model, struct vmbase_page_table *table, const struct model_step *step,
		     enum vmbase_error *result)
{
	const bool is_of_one_page = step->operation == MODEL_RESOLVE_LAZY || step->operation == MODEL_DIRTY;
	const enum vmbase_error expected = expect(model, step);
	unsigned int dirty = 0;

	for (size_t i = 0; i < step->count; i++) {
		dirty += model->pages[step->first + i].is_dirty;
	}
	fake_cpu.clean_bytes = 0;
	*result = apply(model, table, step);
	if (*result == VMBASE_OK || expected != VMBASE_OK) {
		if (*result != expected && !(model->is_live && *result == VMBASE_ERROR_BUSY)) {
			return "the result differs from the array's";
		}
	} else if (*result != VMBASE_ERROR_NO_MEMORY && !(model->is_live && *result == VMBASE_ERROR_BUSY)) {
		return "an unexpected error";
	}
	if (step->operation == MODEL_FLUSH && *result == VMBASE_OK &&
	    fake_cpu.clean_bytes != dirty * VMBASE_PAGE_SIZE) {
		return "the pages written back are not the dirty pages";
	}
	for (size_t i = 0; *result == VMBASE_OK && i < (is_of_one_page ? 1 : step->count); i++) {
		record(&model->pages[step->first + i], step,
		       model->base + (step->first + i) * VMBASE_PAGE_SIZE);
	}
	return NULL;
}

struct comparison {
	const struct model *model;
	size_t next; // the first page that the walk has not reported
	const char *wrong;
};

static enum vmbase_error compare_mapping(const struct vmbase_mapping *mapping, void *context)
{
	struct comparison *comparison = context;
	const struct model *model = comparison->model;
	uint64_t phys = mapping->phys.address;
	size_t page = (mapping->range.begin - model->base) / VMBASE_PAGE_SIZE;

	while (comparison->next < page) {
		if (model->pages[comparison->next++].kind != 0) {
			comparison->wrong = "a walk skips a page";
		}
	}
	for (uintptr_t address = mapping->range.begin; address < mapping->range.end;
	     address += VMBASE_PAGE_SIZE) {
		const struct model_page *expected = &model->pages[page++];

		if (expected->kind != mapping->kind || expected->phys != phys ||
		    expected->is_dirty != mapping->is_dirty) {
			comparison->wrong = "a walk reports a wrong page";
		}
		phys += VMBASE_PAGE_SIZE;
	}
	comparison->next = page;
	return VMBASE_OK;
}

const char *model_compare(const struct model *model, const struct vmbase_page_table *table)
{
	const struct vmbase_range all = { model->base, model->base + model->count * VMBASE_PAGE_SIZE };
	struct comparison comparison = { .model = model };

	for (size_t i = 0; i < model->count; i++) {
		const struct model_page *expected = &model->pages[i];
		struct vmbase_phys phys = { 0 };
		enum vmbase_map_kind kind = (enum vmbase_map_kind)0;
		const enum vmbase_error error = vmbase_page_table_translate(
			table, model->base + i * VMBASE_PAGE_SIZE + 0x123, &phys, &kind);

		if ((expected->kind == 0) != (error == VMBASE_ERROR_NOT_FOUND) || kind != expected->kind ||
		    (expected->kind != 0 && phys.address != expected->phys + 0x123)) {
			return "a page has a wrong translation";
		}
	}
	if (vmbase_page_table_walk(table, all, compare_mapping, &comparison) != VMBASE_OK) {
		return "a walk fails";
	}
	while (comparison.next < model->count) {
		if (model->pages[comparison.next++].kind != 0) {
			return "a walk ends early";
		}
	}
	return comparison.wrong;
}

void model_print(const struct model_step *step)
{
	static const char *const names[MODEL_OPERATIONS] = {
		"map", "map pages only", "unmap", "protect", "fold", "resolve lazy", "dirty fault", "flush",
	};

	fprintf(stderr, "# %s %zu + %zu, kind %d, offset %#zx\n", names[step->operation], step->first,
		step->count, (int)step->kind, (size_t)step->offset);
}

// SPDX-License-Identifier: Apache-2.0

// The functions of <malloc.h> that describe a heap. The C library's own ones would describe its own heap.

#include <vmbase/console.h>
#include <vmbase/heap.h>

#include <malloc.h>

static void count_free(const struct vmbase_heap_block *block, void *context)
{
	*(size_t *)context += block->is_free;
}

// Returns zeros if the heap is busy or damaged.
struct mallinfo mallinfo(void)
{
	struct vmbase_heap_statistics statistics;
	size_t free_blocks = 0;

	if (vmbase_heap_walk(count_free, &free_blocks) != VMBASE_OK ||
	    vmbase_heap_statistics(&statistics) != VMBASE_OK) {
		return (struct mallinfo){ 0 };
	}
	return (struct mallinfo){
		.arena = statistics.size_bytes,
		.ordblks = free_blocks,
		.uordblks = statistics.live_bytes,
		.fordblks = statistics.size_bytes - statistics.live_bytes,
	};
}

void malloc_stats(void)
{
	struct vmbase_heap_statistics statistics;

	if (vmbase_heap_statistics(&statistics) == VMBASE_OK) {
		vmbase_println("heap: %zu bytes, %zu live in %zu blocks, %zu at the peak",
			       statistics.size_bytes, statistics.live_bytes, statistics.live_blocks,
			       statistics.peak_bytes);
	}
}

// The heap gives no memory back and has no parameters. Both functions return 0, which says so.

int malloc_trim(size_t pad)
{
	(void)pad;
	return 0;
}

int mallopt(int parameter, int value)
{
	(void)parameter, (void)value;
	return 0;
}

// SPDX-License-Identifier: Apache-2.0

// cfree(), an old name of free() that <stdlib.h> declares.

#include <stdlib.h>

void cfree(void *ptr)
{
	free(ptr);
}

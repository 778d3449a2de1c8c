// SPDX-License-Identifier: Apache-2.0

// An old name, which <stdlib.h> still has.

#include <stdlib.h>

void cfree(void *ptr)
{
	free(ptr);
}

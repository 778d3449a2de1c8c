// SPDX-License-Identifier: Apache-2.0

// Translates libfdt's errors.

#include "tree.h"

enum vmbase_error vmb_fdt_error(int error)
{
	if (error >= 0) {
		return VMBASE_OK;
	}
	switch (-error) {
	case FDT_ERR_NOTFOUND:
	case FDT_ERR_BADMAGIC:
		return VMBASE_ERROR_NOT_FOUND;
	case FDT_ERR_EXISTS:
		return VMBASE_ERROR_BUSY;
	case FDT_ERR_NOSPACE:
		return VMBASE_ERROR_NO_MEMORY;
	case FDT_ERR_TRUNCATED:
		return VMBASE_ERROR_OUT_OF_RANGE;
	case FDT_ERR_ALIGNMENT:
		return VMBASE_ERROR_UNALIGNED;
	case FDT_ERR_BADVERSION:
		return VMBASE_ERROR_UNSUPPORTED;
	default:
		return VMBASE_ERROR_CORRUPT;
	}
}

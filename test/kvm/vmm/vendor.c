// SPDX-License-Identifier: Apache-2.0

#include "vendor.h"

#include <stddef.h>

#define VENDOR_HYP_UID 0x8600ff01
#define VENDOR_HYP_FEATURES 0x86000000 // KVM's: bit n stands for call n of this range

#define FEATURE_FEATURES 0x001 // this call
#define FEATURE_SHARING 0x01c  // HYP_MEMINFO, MEM_SHARE, MEM_UNSHARE
#define FEATURE_GUARD 0x1e0    // MMIO_GUARD_INFO, _ENROLL, _MAP, _UNMAP
#define FEATURE_GUARD_MAP 0x080

enum {
	UUID_SIZE = 16,
};

static const uint8_t uuid_kvm[UUID_SIZE] = { 0x28, 0xb4, 0x6f, 0xb6, 0x2e, 0xc5, 0x11, 0xe9,
					     0xa9, 0xca, 0x4b, 0x56, 0x4d, 0x00, 0x3a, 0x74 };
static const uint8_t uuid_geniezone[UUID_SIZE] = { 0x7e, 0x13, 0x4e, 0xd0, 0x3b, 0x82, 0x48, 0x8d,
						   0x8c, 0xee, 0x69, 0xc1, 0x92, 0x11, 0xdb, 0xe7 };
static const uint8_t uuid_gunyah[UUID_SIZE] = { 0xc1, 0xd5, 0x8f, 0xcd, 0xa4, 0x53, 0x5f, 0xdb,
						0x92, 0x65, 0xce, 0x36, 0x67, 0x3d, 0x5f, 0x14 };
static const uint8_t uuid_unknown[UUID_SIZE] = { 0x9d, 0x40, 0x2c, 0x11, 0x6e, 0x57, 0x4b, 0x0f,
						 0xb3, 0x1a, 0x08, 0xe2, 0x55, 0x7c, 0xa6, 0x93 };

static const struct options *options;

void vendor_init(const struct options *new_options)
{
	options = new_options;
}

static const uint8_t *uuid(void)
{
	switch (options->hypervisor) {
	case HYPERVISOR_KVM:
	case HYPERVISOR_PKVM:
		return uuid_kvm;
	case HYPERVISOR_GENIEZONE:
		return uuid_geniezone;
	case HYPERVISOR_GUNYAH:
		return uuid_gunyah;
	case HYPERVISOR_UNKNOWN:
		return uuid_unknown;
	case HYPERVISOR_HOST:
	case HYPERVISOR_NONE:
		break;
	}
	return NULL;
}

// Each register has four bytes of the UUID, the first of them the lowest (Arm DEN0028, "UUID").
static bool answer_uid(struct hypercall *call)
{
	const uint8_t *bytes = uuid();

	if (bytes == NULL) {
		return false;
	}
	for (size_t i = 0; i < UUID_SIZE; i++) {
		size_t in_word = i % sizeof(uint32_t);

		call->results[i / sizeof(uint32_t)] |= (uint64_t)bytes[i] << (in_word * 8);
	}
	return true;
}

static bool answer_features(struct hypercall *call)
{
	bool is_pkvm = options->hypervisor == HYPERVISOR_PKVM;

	if (!is_pkvm && options->hypervisor != HYPERVISOR_KVM) {
		return false;
	}
	call->results[0] = FEATURE_FEATURES;
	if (is_pkvm && options->share != SHARE_ABSENT) {
		call->results[0] |= FEATURE_SHARING;
	}
	if (is_pkvm && options->guard != GUARD_ABSENT) {
		call->results[0] |= options->guard == GUARD_MAP_ALONE ? FEATURE_GUARD_MAP : FEATURE_GUARD;
	}
	return true;
}

bool vendor_answer(struct hypercall *call)
{
	switch (call->id) {
	case VENDOR_HYP_UID:
		return answer_uid(call);
	case VENDOR_HYP_FEATURES:
		return answer_features(call);
	default:
		return false;
	}
}

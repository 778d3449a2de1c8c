// SPDX-License-Identifier: Apache-2.0

// Function IDs of the calls that the library makes (Arm DEN 0028, issue E; DEN 0022, issue F; DEN 0098,
// issue 1.0).

#ifndef VMB_SMCCC_H
#define VMB_SMCCC_H

#define SMCCC_VERSION 0x80000000
#define SMCCC_ARCH_FEATURES 0x80000001

#define PSCI_BASE 0x84000000 // for assembly; C has <vmbase/psci.h>

#define TRNG_VERSION 0x84000050
#define TRNG_RND64 0xc4000053

#define SMCCC_NOT_SUPPORTED (-1) // in x0, for assembly

#define VENDOR_HYP_CALL_UID 0x8600ff01
#define VENDOR_HYP_KVM_FEATURES 0x86000000 // w0: bit n is set if function number n exists (n below 32)

// KVM's calls (Linux, include/linux/arm-smccc.h). GenieZone has the same calls.
#define VENDOR_HYP_MEMINFO 0xc6000002
#define VENDOR_HYP_MEM_SHARE 0xc6000003
#define VENDOR_HYP_MEM_UNSHARE 0xc6000004
#define VENDOR_HYP_MMIO_GUARD_INFO 0xc6000005
#define VENDOR_HYP_MMIO_GUARD_ENROLL 0xc6000006
#define VENDOR_HYP_MMIO_GUARD_MAP 0xc6000007
#define VENDOR_HYP_MMIO_GUARD_UNMAP 0xc6000008

#endif

// SPDX-License-Identifier: Apache-2.0

#ifndef VENDOR_H
#define VENDOR_H

#include "hypercall.h"
#include "options.h"

#include <stdbool.h>

void vendor_init(const struct options *options);

// Answers what a vendor hypervisor says of itself: its UID and, if it is KVM, its features. False: it is
// another call, or the hypervisor does not answer it.
bool vendor_answer(struct hypercall *call);

#endif

// SPDX-License-Identifier: Apache-2.0

// KVM's ioctls: all end the process with a report where they fail.

#ifndef KVM_H
#define KVM_H

#include <stdbool.h>
#include <stdint.h>

// ioctl(fd, request, argument) and its result. `name` is the request's, for the report.
int kvm_ioctl(int fd, unsigned long request, unsigned long argument, const char *name);

// The same with a pointer.
int kvm_ioctl_with(int fd, unsigned long request, void *argument, const char *name);

#define KVM_IOCTL(fd, request, argument) kvm_ioctl(fd, request, argument, #request)
#define KVM_IOCTL_WITH(fd, request, argument) kvm_ioctl_with(fd, request, argument, #request)

// KVM_SET_DEVICE_ATTR, of a device or of the VM.
void kvm_set_attribute(int fd, uint32_t group, uint64_t attribute, void *value, const char *name);

// KVM_HAS_DEVICE_ATTR.
bool kvm_has_attribute(int fd, uint32_t group, uint64_t attribute);

#endif

// SPDX-License-Identifier: Apache-2.0

#include "kvm.h"

#include "end.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/kvm.h>

int kvm_ioctl(int fd, unsigned long request, unsigned long argument, const char *name)
{
	int result = ioctl(fd, request, argument);

	if (result < 0) {
		end(END_FAILED, "%s: %s", name, strerror(errno));
	}
	return result;
}

int kvm_ioctl_with(int fd, unsigned long request, void *argument, const char *name)
{
	return kvm_ioctl(fd, request, (unsigned long)argument, name);
}

void kvm_set_attribute(int fd, uint32_t group, uint64_t attribute, void *value, const char *name)
{
	struct kvm_device_attr attr = { .group = group, .attr = attribute, .addr = (uintptr_t)value };

	kvm_ioctl_with(fd, KVM_SET_DEVICE_ATTR, &attr, name);
}

bool kvm_has_attribute(int fd, uint32_t group, uint64_t attribute)
{
	struct kvm_device_attr attr = { .group = group, .attr = attribute };

	return ioctl(fd, KVM_HAS_DEVICE_ATTR, &attr) == 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Mappings of BARs, as a VMM makes them, and where the guest sees them. */
#ifndef SELFTESTS_KVM_WINDOW_H
#define SELFTESTS_KVM_WINDOW_H

#include <stdbool.h>
#include <linux/types.h>

#include "npu.h"

#define MAX_WINDOWS	24

/**
 * struct window - bytes [@offset, @offset + @size) of a BAR
 * @advertised: the region info says that Normal-NC is allowed (ascend_vfio_pci)
 * @flagged: the mapping carries VM_ALLOW_ANY_UNCACHED, as far as smaps tells
 * @hva: where this process has it
 * @gpa: where the guest has it, when the guest has been given it
 */
struct window {
	int bar;
	__u64 offset;
	__u64 size;
	bool advertised;
	bool flagged;
	char *hva;
	__u64 gpa;
};

struct windows {
	struct window list[MAX_WINDOWS];
	unsigned int count;
};

/*
 * All of them add to @windows and return 0 or a negative errno, having said on
 * stdout what went wrong.
 */
/* What can be mapped of every BAR of an open VFIO device. */
int windows_vfio(struct windows *windows, struct npu *npu);
/* The start of every BAR by its resource file, of a device without a driver. */
int windows_sysfs(struct windows *windows, const char *bdf);
/* Anonymous memory: what a guest's RAM is. */
int windows_ram(struct windows *windows);

void windows_unmap(struct windows *windows);

/* Offset in @w of its first whole block of @size, or -1. */
__s64 window_block(const struct window *w, __u64 size);

#endif /* SELFTESTS_KVM_WINDOW_H */

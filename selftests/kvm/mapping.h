/* SPDX-License-Identifier: GPL-2.0-only */
/* Mappings of BARs, as a VMM makes them, and where the guest sees them. */
#ifndef SELFTESTS_KVM_MAPPING_H
#define SELFTESTS_KVM_MAPPING_H

#include <stdbool.h>
#include <linux/types.h>

#include "npu.h"

#define MAX_MAPPINGS	24

/**
 * struct mapping - bytes [@offset, @offset + @size) of a BAR
 * @advertised: the region info says that Normal-NC is allowed (ascend_vfio_pci)
 * @flagged: the mapping carries VM_ALLOW_ANY_UNCACHED, as far as smaps tells
 * @hva: where this process has it
 * @gpa: where the guest has it, when the guest has been given it
 */
struct mapping {
	int bar;
	__u64 offset;
	__u64 size;
	bool advertised;
	bool flagged;
	char *hva;
	__u64 gpa;
};

struct mappings {
	struct mapping list[MAX_MAPPINGS];
	unsigned int count;
};

/*
 * All of them add to @mappings and return 0 or a negative errno, having said on
 * stdout what went wrong.
 */
/* What can be mapped of every BAR of an open VFIO device. */
int mappings_vfio(struct mappings *mappings, struct npu *npu);
/* The start of every BAR by its resource file, of a device without a driver. */
int mappings_sysfs(struct mappings *mappings, const char *bdf);
/* Anonymous memory: what a guest's RAM is. */
int mappings_ram(struct mappings *mappings);

void mappings_unmap(struct mappings *mappings);

/* Offset in @m of its first whole block of @size, or -1. */
__s64 mapping_block(const struct mapping *m, __u64 size);

#endif /* SELFTESTS_KVM_MAPPING_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* ascend-vfio - what VFIO itself says of a device, by opening it as a VMM does */
#ifndef ASCEND_OPEN_H
#define ASCEND_OPEN_H

#include "npu.h"
#include "out.h"
#include "traps.h"

#define MAX_AREAS	32

struct area {
	u64 offset, size;
};

struct region {
	u64 size;
	u32 flags;
	bool sparse;		/* it came with a list of areas, which may be empty */
	unsigned int nr_areas;
	struct area areas[MAX_AREAS];
};

struct opened {
	const char *why;	/* why it could not be opened */
	struct region regions[NR_BARS];
};

/* Opens its group, asks, closes. That is an open as any: the driver scrubs, may reset. */
bool open_device(const struct npu *npu, struct opened *opened);
/* Compares with sysfs and the table of registers; says what differs. */
bool open_agrees(const struct npu *npu, const struct opened *opened, const struct traps *traps);
void open_json(struct json_object *o, const struct opened *opened);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* ascend-vfio - the registers that the driver traps, with their counters */
#ifndef ASCEND_TRAPS_H
#define ASCEND_TRAPS_H

#include "npu.h"

struct traps {
	struct trap_row rows[MAX_TRAPS];
	int nr;
	bool counted;		/* of debugfs; else what the layout says, without counters */
	const char *why_not;	/* where they are not counted */
};

struct traps npu_traps(const struct npu *npu);

#endif

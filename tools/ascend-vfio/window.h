/* SPDX-License-Identifier: GPL-2.0-only */
/* ascend-vfio - address space for BARs in the guest */
#ifndef ASCEND_WINDOW_H
#define ASCEND_WINDOW_H

#include "npu.h"

/* QEMU's machine "virt": its window, if nothing is said, and what came with 10.0 */
#define VIRT_WINDOW	(512 * GIB)
#define VIRT_SIZE_MAJOR	10

/*
 * The prefetchable window of a root port with this function below it: the firmware
 * rounds it up to the largest BAR's alignment.
 */
u64 npu_window(const struct npu *npu);
/* For all, and for the small devices beside them: a power of two. */
u64 total_window(struct npu *const *npus);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - address space for BARs in the guest */
#include "window.h"

u64 npu_window(const struct npu *npu)
{
	u64 sum = 0, largest = 1;

	for (int i = 0; i < NR_BARS; i++) {
		if (npu->bars[i].io || !npu->bars[i].mem64)
			continue;
		sum += npu->bars[i].size;
		if (npu->bars[i].size > largest)
			largest = npu->bars[i].size;
	}
	return align_up(sum, largest);
}

/*
 * Windows of different sizes fit one behind the other if the largest come first, and the
 * whole begins at a multiple of its size. Other devices' 64-bit BARs (virtio) are small,
 * but they need some place as well: 1 GiB is more than all of them take.
 */
u64 total_window(struct npu *const *npus)
{
	u64 sum = GIB;

	for (; *npus; npus++)
		sum += npu_window(*npus);
	return roundup_pow2(sum);
}

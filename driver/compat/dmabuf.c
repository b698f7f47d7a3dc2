// SPDX-License-Identifier: GPL-2.0-only
/*
 * dma-buf export of BARs, on kernels that have it
 */

#include "../ascend.h"
#include "compat.h"

#ifdef ASCEND_HAVE_DMABUF

/*
 * A dma-buf hands out physical addresses without mmap. Core copied the ranges
 * from user space before it calls this, so they cannot change after the check.
 */
static int ascend_get_dmabuf_phys(struct vfio_pci_core_device *core,
				  struct p2pdma_provider **provider,
				  unsigned int region_index,
				  struct phys_vec *phys_vec,
				  struct vfio_region_dma_range *dma_ranges,
				  size_t nr_ranges)
{
	struct ascend_device *adev = container_of(core, struct ascend_device, core);
	size_t i;

	for (i = 0; i < nr_ranges; i++)
		if (ascend_range_is_guarded(&adev->regs, region_index,
					    dma_ranges[i].offset,
					    dma_ranges[i].length, PAGE_SIZE))
			return -EINVAL;

	return vfio_pci_core_get_dmabuf_phys(core, provider, region_index, phys_vec,
					     dma_ranges, nr_ranges);
}

static const struct vfio_pci_device_ops ascend_dmabuf_ops = {
	.get_dmabuf_phys = ascend_get_dmabuf_phys,
};

void ascend_compat_set_dmabuf_ops(struct vfio_pci_core_device *core)
{
	core->pci_ops = &ascend_dmabuf_ops;
}

#endif /* ASCEND_HAVE_DMABUF */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - what user space sees of a BAR, and how it may be mapped
 *
 * ascend_region_view() is the one place that knows what of a BAR is visible.
 * Region info tells it to user space, mmap enforces the part that is a guard.
 */

#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "ascend.h"
#include "compat/compat.h"

static bool normal_nc = true;
module_param(normal_nc, bool, 0444);
MODULE_PARM_DESC(normal_nc, "Let guests map BARs Normal-NC (write-combining) where the kernel can (default: Y)");

static struct ascend_view ascend_region_view(struct ascend_device *adev, unsigned int bar)
{
	struct ascend_view view = {
		.regs = &adev->regs,
		.bar = bar,
		.len = pci_resource_len(adev->core.pdev, bar),
		.page_size = PAGE_SIZE,
		.block_size = PMD_SIZE,
	};

	/* Core knows the table once the device was opened; before, size is 0. */
	if (adev->core.msix_bar == bar && adev->core.msix_size) {
		view.msix.start = adev->core.msix_offset;
		view.msix.end = view.msix.start + adev->core.msix_size;
	}
	return view;
}

static bool ascend_region_mappable(struct ascend_device *adev, unsigned int bar)
{
	struct pci_dev *pdev = adev->core.pdev;
	struct ascend_range area;
	struct ascend_view view;

	if (!(pci_resource_flags(pdev, bar) & IORESOURCE_MEM) ||
	    !pci_resource_len(pdev, bar))
		return false;
	if (ascend_bar_is_guarded(&adev->regs, bar)) {
		view = ascend_region_view(adev, bar);
		return ascend_next_area(&view, 0, &area);
	}
	/* As vfio-pci-core does: a smaller BAR must have its page to itself. */
	return pci_resource_len(pdev, bar) >= PAGE_SIZE ||
	       !(pci_resource_start(pdev, bar) & ~PAGE_MASK);
}

/**
 * ascend_region_update() - work out which BARs' mappings may be Normal-NC
 * @adev: the device, its registers set
 * @opened: core has enabled it, and so has decided what of it can be mapped
 *
 * Context: no access can run.
 */
void ascend_region_update(struct ascend_device *adev, bool opened)
{
	unsigned long bars = 0;
	unsigned int bar;

	if (!normal_nc || !ascend_compat_has_any_uncached())
		return;

	for (bar = 0; bar < ASCEND_NR_BARS; bar++)
		if ((!opened || adev->core.bar_mmap_supported[bar]) &&
		    ascend_region_mappable(adev, bar))
			bars |= BIT(bar);
	WRITE_ONCE(adev->normal_nc_bars, bars);
}

static int ascend_region_add_sparse(struct ascend_device *adev,
				    struct vfio_region_info *info,
				    struct vfio_info_cap *caps)
{
	struct ascend_view view = ascend_region_view(adev, info->index);
	struct vfio_region_info_cap_sparse_mmap *sparse;
	struct ascend_range area = {};
	unsigned int nr = 0;
	size_t size;
	int ret;

	while (ascend_next_area(&view, area.end, &area))
		nr++;
	if (!nr)
		return 0;

	size = struct_size(sparse, areas, nr);
	sparse = kzalloc(size, GFP_KERNEL);
	if (!sparse)
		return -ENOMEM;

	sparse->header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
	sparse->header.version = 1;
	area = (struct ascend_range) {};
	while (ascend_next_area(&view, area.end, &area)) {
		sparse->areas[sparse->nr_areas].offset = area.start;
		sparse->areas[sparse->nr_areas].size = area.end - area.start;
		sparse->nr_areas++;
	}
	ret = vfio_info_add_capability(caps, &sparse->header, size);
	kfree(sparse);
	return ret;
}

/**
 * ascend_region_info_caps() - answer VFIO_DEVICE_GET_REGION_INFO
 * @core_vdev: the device
 * @info: index set by the caller, the rest is filled in
 * @caps: capabilities are added here
 *
 * Some VMMs look only at the first capability of the chain, so the sparse one
 * is added before core adds its own.
 *
 * Return: 0 or a negative errno.
 */
int ascend_region_info_caps(struct vfio_device *core_vdev,
			    struct vfio_region_info *info,
			    struct vfio_info_cap *caps)
{
	struct ascend_device *adev = to_ascend(core_vdev);
	u32 bar = info->index;
	bool guarded = ascend_bar_is_guarded(&adev->regs, bar);
	bool mappable = bar < VFIO_PCI_ROM_REGION_INDEX &&
			adev->core.bar_mmap_supported[bar];
	int ret;

	if (guarded && mappable) {
		ret = ascend_region_add_sparse(adev, info, caps);
		if (ret)
			return ret;
		/* Without an area there is nothing to map, nor to add to. */
		mappable = caps->size > 0;
	}

	ret = ascend_compat_region_info(core_vdev, info, caps);
	if (ret)
		return ret;

	if (guarded && !mappable) {
		info->flags &= ~VFIO_REGION_INFO_FLAG_MMAP;
		/* Core's MSIX_MAPPABLE, if anything: it is about a BAR with MMAP. */
		kfree(caps->buf);
		*caps = (struct vfio_info_cap) {};
	}
	if (bar < VFIO_PCI_ROM_REGION_INDEX && adev->normal_nc_bars & BIT(bar))
		info->flags |= VFIO_REGION_INFO_FLAG_NORMAL_NC;
	return 0;
}

/**
 * ascend_region_mmap() - map a part of a region
 * @core_vdev: the device
 * @vma: the mapping to be
 *
 * Refuses everything that touches a page with a guarded register; whatever else
 * is wrong with the request is core's to refuse. Core sets VM_DONTEXPAND and
 * VM_PFNMAP, so a mapping can neither grow nor move over such a page later.
 *
 * Context: mmap_lock of the caller is held for writing.
 * Return: 0, -EINVAL for a guarded page, or what core returns.
 */
int ascend_region_mmap(struct vfio_device *core_vdev, struct vm_area_struct *vma)
{
	struct ascend_device *adev = to_ascend(core_vdev);
	/* As core takes it apart. */
	unsigned int index = vma->vm_pgoff >> (VFIO_PCI_OFFSET_SHIFT - PAGE_SHIFT);
	u64 pos = (u64)vma->vm_pgoff << PAGE_SHIFT;
	int ret;

	if (index < VFIO_PCI_ROM_REGION_INDEX &&
	    ascend_range_is_guarded(&adev->regs, index, pos & VFIO_PCI_OFFSET_MASK,
				    vma->vm_end - vma->vm_start, PAGE_SIZE))
		return -EINVAL;

	ret = vfio_pci_core_mmap(core_vdev, vma);
	if (ret || index >= VFIO_PCI_ROM_REGION_INDEX)
		return ret;

	ascend_compat_vma_any_uncached(vma, adev->normal_nc_bars & BIT(index));
	return 0;
}

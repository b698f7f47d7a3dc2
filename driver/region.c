// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - what user space sees of a BAR, and how it may be mapped
 *
 * ascend_region_view() is the one place that knows what of a BAR is visible.
 * Region info tells it to user space, mmap enforces the part that is a guard.
 */

#include <linux/device.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "ascend.h"
#include "compat/compat.h"

/*
 * What registers and the MSI-X table leave is at most one gap more than they are, and a gap
 * has at most three areas: blocks, and what is before and behind them.
 */
#define ASCEND_MAX_AREAS	(3 * (ASCEND_MAX_REGS + 2))

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

	if (!(pci_resource_flags(pdev, bar) & IORESOURCE_MEM) ||
	    !pci_resource_len(pdev, bar))
		return false;
	if (adev->bars[bar].sparse)
		return adev->bars[bar].sparse->nr_areas;
	/* As vfio-pci-core does: a smaller BAR must have its page to itself. */
	return pci_resource_len(pdev, bar) >= PAGE_SIZE ||
	       !(pci_resource_start(pdev, bar) & ~PAGE_MASK);
}

static void ascend_region_find_areas(struct ascend_bar *bar, const struct ascend_view *view)
{
	struct vfio_region_info_cap_sparse_mmap *sparse = bar->sparse;
	struct ascend_range area = {};

	bar->msix = view->msix;
	sparse->nr_areas = 0;
	while (sparse->nr_areas < ASCEND_MAX_AREAS &&
	       ascend_next_area(view, area.end, &area)) {
		sparse->areas[sparse->nr_areas].offset = area.start;
		sparse->areas[sparse->nr_areas].size = area.end - area.start;
		sparse->nr_areas++;
	}
}

/**
 * ascend_region_reserve() - get the memory that ascend_region_work_out() needs
 * @adev: the device
 * @regs: the registers that it is to have then
 *
 * Return: 0 or -ENOMEM.
 */
int ascend_region_reserve(struct ascend_device *adev, const struct ascend_regs *regs)
{
	struct vfio_region_info_cap_sparse_mmap *sparse;
	unsigned int bar;

	for (bar = 0; bar < ASCEND_NR_BARS; bar++) {
		if (adev->bars[bar].room || !ascend_bar_is_guarded(regs, bar))
			continue;
		sparse = devm_kzalloc(&adev->core.pdev->dev,
				      struct_size(sparse, areas, ASCEND_MAX_AREAS),
				      GFP_KERNEL);
		if (!sparse)
			return -ENOMEM;
		sparse->header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
		sparse->header.version = 1;
		adev->bars[bar].room = sparse;
	}
	return 0;
}

/**
 * ascend_region_work_out() - work out what is visible of a device
 * @adev: the device, its registers set, prepared for them by ascend_region_reserve()
 *
 * Context: the device is not open, nor can be opened meanwhile.
 */
void ascend_region_work_out(struct ascend_device *adev)
{
	struct ascend_view view;
	struct ascend_bar *bar;
	unsigned int i;

	adev->loose = 0;
	for (i = 0; i < ASCEND_NR_BARS; i++) {
		bar = &adev->bars[i];
		adev->spans[i] = ascend_find_spans(&adev->regs, i);
		bar->sparse = ascend_bar_is_guarded(&adev->regs, i) ? bar->room : NULL;
		if (!bar->sparse)
			continue;
		/* Two have a span each. */
		if (ascend_find_places(&adev->regs, i, &adev->places[i]) > 2)
			adev->loose |= BIT(i);
		view = ascend_region_view(adev, i);
		ascend_region_find_areas(bar, &view);
	}
	ascend_region_update(adev, false);
}

/* Core looks for the MSI-X table at each open, where it has always been but for the first. */
static void ascend_region_update_areas(struct ascend_device *adev)
{
	struct ascend_view view;
	struct ascend_bar *bar;

	for (bar = adev->bars; bar < adev->bars + ASCEND_NR_BARS; bar++) {
		if (!bar->sparse)
			continue;
		view = ascend_region_view(adev, bar - adev->bars);
		if (view.msix.start != bar->msix.start || view.msix.end != bar->msix.end)
			ascend_region_find_areas(bar, &view);
	}
}

/**
 * ascend_region_update() - work out anew what depends on what core knows of a device
 * @adev: the device, prepared by ascend_region_work_out()
 * @opened: core has enabled it, and so has decided what of it can be mapped
 *
 * Context: no access can run.
 */
void ascend_region_update(struct ascend_device *adev, bool opened)
{
	unsigned long bars = 0;
	unsigned int bar;

	if (opened)
		ascend_region_update_areas(adev);
	if (!normal_nc || !ascend_compat_has_any_uncached())
		return;

	for (bar = 0; bar < ASCEND_NR_BARS; bar++)
		if ((!opened || adev->core.bar_mmap_supported[bar]) &&
		    ascend_region_mappable(adev, bar))
			bars |= BIT(bar);
	WRITE_ONCE(adev->normal_nc_bars, bars);
}

/* Some VMMs look only at the first capability of the chain: it is the sparse one. */
static noinline int ascend_region_info_guarded(struct ascend_device *adev,
				      struct vfio_region_info *info,
				      struct vfio_info_cap *caps)
{
	struct vfio_region_info_cap_sparse_mmap *sparse = adev->bars[info->index].sparse;
	bool mappable = adev->core.bar_mmap_supported[info->index] && sparse->nr_areas;
	int ret;

	if (mappable) {
		/* As vfio_info_add_capability() makes it where there is none yet. */
		caps->size = struct_size(sparse, areas, sparse->nr_areas);
		caps->buf = kmemdup(sparse, caps->size, GFP_KERNEL);
		if (!caps->buf)
			return -ENOMEM;
	}

	ret = ascend_compat_region_info(&adev->core.vdev, info, caps);
	if (ret || mappable)
		return ret;

	/* Without an area there is nothing to map, nor to add to. */
	info->flags &= ~VFIO_REGION_INFO_FLAG_MMAP;
	/* Core's MSIX_MAPPABLE, if anything: it is about a BAR with MMAP. */
	kfree(caps->buf);
	*caps = (struct vfio_info_cap) {};
	return 0;
}

/**
 * ascend_region_info_caps() - answer VFIO_DEVICE_GET_REGION_INFO
 * @core_vdev: the device
 * @info: index set by the caller, the rest is filled in
 * @caps: capabilities are added here
 *
 * Return: 0 or a negative errno.
 */
int ascend_region_info_caps(struct vfio_device *core_vdev,
			    struct vfio_region_info *info,
			    struct vfio_info_cap *caps)
{
	struct ascend_device *adev = to_ascend(core_vdev);
	u32 bar = info->index;
	int ret;

	/* Not indexed: CONFIG_UBSAN_BOUNDS would check it once more. */
	if (bar < VFIO_PCI_ROM_REGION_INDEX && (adev->bars + bar)->sparse)
		ret = ascend_region_info_guarded(adev, info, caps);
	else
		ret = ascend_compat_region_info(core_vdev, info, caps);
	if (!ret && bar < VFIO_PCI_ROM_REGION_INDEX && adev->normal_nc_bars & BIT(bar))
		info->flags |= VFIO_REGION_INFO_FLAG_NORMAL_NC;
	return ret;
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

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio_device_ops.get_region_info_caps: 775f726a742a ("vfio: Add
 * get_region_info_caps op", v6.19). Before, the whole ioctl is the driver's, and
 * core's answer cannot be had without its copy to user space.
 */
#ifndef ASCEND_COMPAT_REGION_INFO_H
#define ASCEND_COMPAT_REGION_INFO_H

#include <linux/vfio_pci_core.h>

#ifdef ASCEND_HAVE_REGION_INFO_CAPS

#define ASCEND_COMPAT_REGION_INFO_OPS \
	.get_region_info_caps	= ascend_region_info_caps,
#define ascend_compat_region_info	vfio_pci_ioctl_get_region_info

/* Never reached: vfio itself handles the ioctl and calls the op above. */
static inline long ascend_compat_region_info_ioctl(struct vfio_device *core_vdev,
						   unsigned long arg)
{
	return -ENOTTY;
}

#else

#define ASCEND_COMPAT_REGION_INFO_OPS

int ascend_compat_msix_mappable(struct vfio_info_cap *caps);
long ascend_compat_region_info_ioctl(struct vfio_device *core_vdev,
				     unsigned long arg);

/**
 * ascend_compat_region_info() - core's answer for a BAR
 * @core_vdev: the device
 * @info: index is a BAR's; the rest is filled in
 * @caps: core's capabilities are added here
 *
 * Return: 0 or a negative errno.
 */
static inline int ascend_compat_region_info(struct vfio_device *core_vdev,
					    struct vfio_region_info *info,
					    struct vfio_info_cap *caps)
{
	struct vfio_pci_core_device *core =
		container_of(core_vdev, struct vfio_pci_core_device, vdev);

	info->offset = VFIO_PCI_INDEX_TO_OFFSET(info->index);
	info->size = pci_resource_len(core->pdev, info->index);
	info->flags = 0;
	if (!info->size)
		return 0;

	info->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	if (!core->bar_mmap_supported[info->index])
		return 0;

	info->flags |= VFIO_REGION_INFO_FLAG_MMAP;
	if (info->index == core->msix_bar)
		return ascend_compat_msix_mappable(caps);
	return 0;
}

#endif

#endif /* ASCEND_COMPAT_REGION_INFO_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFIO_DEVICE_GET_REGION_INFO for kernels without get_region_info_caps
 */

#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../ascend.h"
#include "compat.h"

#ifndef ASCEND_HAVE_REGION_INFO_CAPS

/**
 * ascend_compat_msix_mappable() - add the capability of that name
 * @caps: the chain
 *
 * Return: 0 or a negative errno.
 */
int ascend_compat_msix_mappable(struct vfio_info_cap *caps)
{
	struct vfio_info_cap_header header = {
		.id = VFIO_REGION_INFO_CAP_MSIX_MAPPABLE,
		.version = 1,
	};

	return vfio_info_add_capability(caps, &header, sizeof(header));
}

static int ascend_compat_copy_caps(struct vfio_region_info *info,
				   struct vfio_info_cap *caps, void __user *uarg)
{
	info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
	if (info->argsz < sizeof(*info) + caps->size) {
		info->argsz = sizeof(*info) + caps->size;
		info->cap_offset = 0;
		return 0;
	}
	vfio_info_cap_shift(caps, sizeof(*info));
	info->cap_offset = sizeof(*info);
	if (copy_to_user(uarg + sizeof(*info), caps->buf, caps->size))
		return -EFAULT;
	return 0;
}

/**
 * ascend_compat_region_info_ioctl() - the ioctl around ascend_region_info_caps()
 * @core_vdev: the device
 * @arg: user pointer to struct vfio_region_info
 *
 * Regions that are no BAR are core's, ioctl and all.
 *
 * Return: 0 or a negative errno.
 */
long ascend_compat_region_info_ioctl(struct vfio_device *core_vdev,
				     unsigned long arg)
{
	size_t minsz = offsetofend(struct vfio_region_info, offset);
	void __user *uarg = (void __user *)arg;
	struct vfio_region_info info = {};
	struct vfio_info_cap caps = {};
	int ret;

	if (copy_from_user(&info, uarg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	if (info.index >= VFIO_PCI_ROM_REGION_INDEX)
		return vfio_pci_core_ioctl(core_vdev, VFIO_DEVICE_GET_REGION_INFO,
					   arg);

	ret = ascend_region_info_caps(core_vdev, &info, &caps);
	if (caps.size) {
		ret = ret ?: ascend_compat_copy_caps(&info, &caps, uarg);
		kfree(caps.buf);
	}
	if (ret)
		return ret;
	return copy_to_user(uarg, &info, minsz) ? -EFAULT : 0;
}

#endif /* ASCEND_HAVE_REGION_INFO_CAPS */

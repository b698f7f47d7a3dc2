// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - ioctls that could reach a register without read, write or mmap
 */

#include "ascend.h"
#include "compat/compat.h"

/**
 * ascend_ioctl() - ioctl() of the device
 * @core_vdev: the device
 * @cmd: VFIO_DEVICE_*
 * @arg: its argument
 *
 * A list of what may pass and not of what may not: an ioctl that a future kernel adds
 * could be another way to a BAR. VFIO_DEVICE_IOEVENTFD is one, as it makes the kernel
 * write there. Refusing only those that hit a register would be a race, since core reads
 * @arg again; so there are none, and a VMM that gets -ENOTTY handles the doorbell itself.
 *
 * Return: as vfio-pci for an ioctl on the list, else -ENOTTY.
 */
long ascend_ioctl(struct vfio_device *core_vdev, unsigned int cmd,
		  unsigned long arg)
{
	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
	case VFIO_DEVICE_GET_IRQ_INFO:
	case VFIO_DEVICE_SET_IRQS:
	case VFIO_DEVICE_RESET:
	case VFIO_DEVICE_GET_PCI_HOT_RESET_INFO:
	case VFIO_DEVICE_PCI_HOT_RESET:
		return vfio_pci_core_ioctl(core_vdev, cmd, arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return ascend_compat_region_info_ioctl(core_vdev, arg);
	default:
		return -ENOTTY;
	}
}

/**
 * ascend_device_feature() - VFIO_DEVICE_FEATURE of the device
 * @core_vdev: the device
 * @flags: operation and feature number
 * @arg: the feature's data
 * @argsz: its size
 *
 * A list of what may pass and not of what may not: a feature that a future
 * kernel adds could be another way to a BAR.
 *
 * Return: as vfio-pci for a feature on the list, else -ENOTTY.
 */
int ascend_device_feature(struct vfio_device *core_vdev, u32 flags,
			  void __user *arg, size_t argsz)
{
	switch (flags & VFIO_DEVICE_FEATURE_MASK) {
	case VFIO_DEVICE_FEATURE_PCI_VF_TOKEN:
	case VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY:
	case VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP:
	case VFIO_DEVICE_FEATURE_LOW_POWER_EXIT:
	ASCEND_COMPAT_CASE_FEATURE_DMA_BUF
		return vfio_pci_core_ioctl_feature(core_vdev, flags, arg, argsz);
	default:
		return -ENOTTY;
	}
}

// SPDX-License-Identifier: GPL-2.0-only
// The op, and core's function for it
#include <linux/vfio_pci_core.h>

const struct vfio_device_ops probe = {
	.get_region_info_caps = vfio_pci_ioctl_get_region_info,
};

// SPDX-License-Identifier: GPL-2.0-only
// Came four releases after attach
#include <linux/vfio.h>

const struct vfio_device_ops probe = {
	.detach_ioas = vfio_iommufd_physical_detach_ioas,
};

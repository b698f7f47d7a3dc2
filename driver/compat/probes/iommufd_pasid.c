// SPDX-License-Identifier: GPL-2.0-only
// PASID attach and detach came together
#include <linux/vfio.h>

const struct vfio_device_ops probe = {
	.pasid_attach_ioas = vfio_iommufd_physical_pasid_attach_ioas,
	.pasid_detach_ioas = vfio_iommufd_physical_pasid_detach_ioas,
};

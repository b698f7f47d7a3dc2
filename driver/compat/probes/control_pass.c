// SPDX-License-Identifier: GPL-2.0-only
// Control: every supported kernel has this; if it fails, the probes are broken
#include <linux/vfio_pci_core.h>

const struct vfio_device_ops probe = {
	.init = vfio_pci_core_init_dev,
	.release = vfio_pci_core_release_dev,
};

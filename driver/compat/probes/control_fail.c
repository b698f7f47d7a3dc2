// SPDX-License-Identifier: GPL-2.0-only
// Control: no kernel has this; if it compiles, the probes are broken
#include <linux/vfio_pci_core.h>

const struct vfio_device_ops probe = {
	.ascend_no_such_op = vfio_pci_core_no_such_function,
};

// SPDX-License-Identifier: GPL-2.0-only
// The op, and core's function for it
#include <linux/vfio_pci_core.h>

const struct vfio_device_ops probe = {
	.match_token_uuid = vfio_pci_core_match_token_uuid,
};

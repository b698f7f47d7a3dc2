// SPDX-License-Identifier: GPL-2.0-only
// Core maps the BARs when it enables a device, and tells where
#include <linux/vfio_pci_core.h>

void __iomem *probe(struct vfio_pci_core_device *core);
void __iomem *probe(struct vfio_pci_core_device *core)
{
	return vfio_pci_core_get_iomap(core, 0);
}

// SPDX-License-Identifier: GPL-2.0-only
// Both, with the check of memory under memory_lock
#include <linux/vfio_pci_core.h>

int probe(struct vfio_pci_core_device *core, void __iomem *io);
int probe(struct vfio_pci_core_device *core, void __iomem *io)
{
	u32 value;

	return vfio_pci_core_iowrite32(core, true, 0, io) ?:
	       vfio_pci_core_ioread32(core, true, &value, io);
}

// SPDX-License-Identifier: GPL-2.0-only
// Declared where drivers can see it, and so exported
#include <linux/vfio_pci_core.h>

int probe(struct vfio_pci_core_device *core);
int probe(struct vfio_pci_core_device *core)
{
	return vfio_pci_core_setup_barmap(core, 0);
}

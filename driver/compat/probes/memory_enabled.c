// SPDX-License-Identifier: GPL-2.0-only
// Declared where drivers can see it, and so exported
#include <linux/vfio_pci_core.h>

bool probe(struct vfio_pci_core_device *core);
bool probe(struct vfio_pci_core_device *core)
{
	return __vfio_pci_memory_enabled(core);
}

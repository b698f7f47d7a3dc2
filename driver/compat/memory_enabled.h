/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * __vfio_pci_memory_enabled(): exported and in the public header since a23b10608d42
 * ("vfio/nvgrace-gpu: wait for the GPU mem to be ready", v6.19), private to core
 * before. The body is the same in 6.1, 6.12 and 7.3.
 */
#ifndef ASCEND_COMPAT_MEMORY_ENABLED_H
#define ASCEND_COMPAT_MEMORY_ENABLED_H

#include <linux/vfio_pci_core.h>

/* Called with memory_lock held. */
static inline bool ascend_compat_memory_enabled(struct vfio_pci_core_device *core)
{
#ifdef ASCEND_HAVE_MEMORY_ENABLED
	return __vfio_pci_memory_enabled(core);
#else
	struct pci_dev *pdev = core->pdev;
	u16 cmd = le16_to_cpup((__le16 *)&core->vconfig[PCI_COMMAND]);

	return (__force int)pdev->current_state < (__force int)PCI_D3hot &&
	       (pdev->no_command_memory || (cmd & PCI_COMMAND_MEMORY));
#endif
}

#endif /* ASCEND_COMPAT_MEMORY_ENABLED_H */

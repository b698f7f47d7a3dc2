/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * __vfio_pci_memory_enabled(): exported and in the public header of 7.3,
 * private to core in 6.1 and 6.12. The body is the same in all three.
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

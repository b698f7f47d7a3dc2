/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A register of the device, for the driver's own use.
 *
 * vfio_pci_core_get_iomap(): 859dc0f6253b ("vfio/pci: Replace vfio_pci_core_setup_barmap()
 * with vfio_pci_core_get_iomap()", v7.2); core has mapped each BAR for itself when it has
 * enabled the device. Before, it does so at the first access, and a BAR may be large: asking
 * for that at each open (vfio_pci_core_setup_barmap(), v6.8) took half as long again as the
 * open itself. There the register alone is mapped, and stays so while the device is bound.
 *
 * vfio_pci_core_ioread32() and the like: 8486ae162b3b ("vfio/pci: Expose
 * vfio_pci_core_iowrite/read##size()", v6.8). __vfio_pci_memory_enabled(): a23b10608d42
 * ("vfio/nvgrace-gpu: wait for the GPU mem to be ready", v6.19), private to core before;
 * its body is the same in 6.1, 6.12 and 7.3.
 */
#ifndef ASCEND_COMPAT_IO_H
#define ASCEND_COMPAT_IO_H

#include <linux/io.h>
#include <linux/vfio_pci_core.h>

/*
 * @io: what this returned when the device was opened before, or NULL.
 * Context: core has enabled the device. Return: the mapping, or an error pointer.
 */
static inline void __iomem *ascend_compat_map(struct vfio_pci_core_device *core,
					      void __iomem *io, unsigned int bar,
					      u64 offset, u64 size)
{
#ifdef ASCEND_HAVE_GET_IOMAP
	io = vfio_pci_core_get_iomap(core, bar);
	return IS_ERR(io) ? io : io + offset;
#else
	if (!io)
		io = ioremap(pci_resource_start(core->pdev, bar) + offset, size);
	return io ?: IOMEM_ERR_PTR(-ENOMEM);
#endif
}

/* Context: the device is no longer open. */
static inline void ascend_compat_unmap(void __iomem *io)
{
#ifndef ASCEND_HAVE_GET_IOMAP
	iounmap(io);
#endif
}

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

/*
 * The functions below take memory_lock for reading; they return 0, or -EIO while the
 * device's memory is disabled.
 */

static inline int ascend_compat_check_memory(struct vfio_pci_core_device *core)
{
	bool enabled;

	down_read(&core->memory_lock);
	enabled = ascend_compat_memory_enabled(core);
	up_read(&core->memory_lock);
	return enabled ? 0 : -EIO;
}

static inline int ascend_compat_ioread32(struct vfio_pci_core_device *core, u32 *value,
					 void __iomem *io)
{
#ifdef ASCEND_HAVE_CORE_IO
	return vfio_pci_core_ioread32(core, true, value, io);
#else
	int ret = -EIO;

	down_read(&core->memory_lock);
	if (ascend_compat_memory_enabled(core)) {
		*value = ioread32(io);
		ret = 0;
	}
	up_read(&core->memory_lock);
	return ret;
#endif
}

static inline int ascend_compat_iowrite32(struct vfio_pci_core_device *core, u32 value,
					  void __iomem *io)
{
#ifdef ASCEND_HAVE_CORE_IO
	return vfio_pci_core_iowrite32(core, true, value, io);
#else
	int ret = -EIO;

	down_read(&core->memory_lock);
	if (ascend_compat_memory_enabled(core)) {
		iowrite32(value, io);
		ret = 0;
	}
	up_read(&core->memory_lock);
	return ret;
#endif
}

#endif /* ASCEND_COMPAT_IO_H */

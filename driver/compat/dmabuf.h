/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio_pci_device_ops.get_dmabuf_phys: 5d74781ebc86 ("vfio/pci: Add dma-buf export
 * support for MMIO regions", v6.19). A kernel without it exports nothing, and the
 * feature stays off the allow-list there.
 */
#ifndef ASCEND_COMPAT_DMABUF_H
#define ASCEND_COMPAT_DMABUF_H

#include <linux/vfio_pci_core.h>

#ifdef ASCEND_HAVE_DMABUF
#define ASCEND_COMPAT_CASE_FEATURE_DMA_BUF	case VFIO_DEVICE_FEATURE_DMA_BUF:
void ascend_compat_set_dmabuf_ops(struct vfio_pci_core_device *core);
#else
#define ASCEND_COMPAT_CASE_FEATURE_DMA_BUF
static inline void ascend_compat_set_dmabuf_ops(struct vfio_pci_core_device *core)
{
}
#endif

#endif /* ASCEND_COMPAT_DMABUF_H */

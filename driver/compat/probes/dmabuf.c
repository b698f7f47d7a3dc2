// SPDX-License-Identifier: GPL-2.0-only
// The hook a variant driver can check ranges in, and the feature number
#include <linux/vfio_pci_core.h>

int probe_feature = VFIO_DEVICE_FEATURE_DMA_BUF;
const struct vfio_pci_device_ops probe = {
	.get_dmabuf_phys = vfio_pci_core_get_dmabuf_phys,
};

void probe_set(struct vfio_pci_core_device *core);
void probe_set(struct vfio_pci_core_device *core)
{
	core->pci_ops = &probe;
}

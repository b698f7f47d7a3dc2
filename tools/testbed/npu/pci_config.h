/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NPU_PCI_CONFIG_H
#define NPU_PCI_CONFIG_H

#include "models.h"
#include "defs.h"

#define NPU_CONFIG_SIZE	4096

/* Functions 1 to 7 of the slot: more would need ARI */
#define NPU_MAX_VFS	7

/**
 * struct npu_pci_config - configuration space
 * @data: what reads return
 * @writable: which bits of @data a write changes
 */
struct npu_pci_config {
	u8	data[NPU_CONFIG_SIZE];
	u8	writable[NPU_CONFIG_SIZE];
};

void npu_config_init(struct npu_pci_config *cfg, const struct npu_model *model);

void npu_config_set_ids(struct npu_pci_config *cfg, u16 vendor, u16 device);

/**
 * npu_config_add_sriov - give a physical function its SR-IOV capability
 * @cfg: initialized
 * @vf: what the virtual functions look like
 * @total: how many there are
 * @shown: false: it looks like a capability of no meaning to anyone
 */
void npu_config_add_sriov(struct npu_pci_config *cfg, const struct npu_model *vf,
			  unsigned int total, bool shown);

/* NumVFs while VF Enable is set, else 0 */
unsigned int npu_config_enabled_vfs(const struct npu_pci_config *cfg);

/* The caller has checked that @offset and @len lie inside */
void npu_config_write(struct npu_pci_config *cfg, u64 offset, const u8 *data, u32 len);

bool npu_config_memory_enabled(const struct npu_pci_config *cfg);

/* A Function Level Reset was asked for; the bit clears itself */
bool npu_config_take_flr(struct npu_pci_config *cfg);

#endif /* NPU_PCI_CONFIG_H */

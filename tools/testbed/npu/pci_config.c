// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space of the simulated NPU: a type 0 header, the three
 * capabilities the tests rely on, and SR-IOV where it was asked for. The VMM's vfio-user client emulates much of
 * this itself from what it reads here, but forwards every write.
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "pci_config.h"

#define CAP_PM		0x40
#define CAP_EXP		0x50
#define CAP_MSIX	0xa0
#define EXT_DSN		0x100
#define EXT_SRIOV	0x140

/* PCIe 4.0 x16, as on the 910B4's connector */
#define LINK_SPEED	PCI_EXP_LNKCAP_SLS_16_0GB
#define LINK_WIDTH	16

#define PCIE_CAP_VERSION	2
#define PM_CAP_VERSION		3
#define MAX_PAYLOAD_256		1

/* Of PCIe: 4K, 8K, 64K, 256K, 1M and 4M; those that every function must take */
#define VF_PAGE_SIZES		0x553

#define EXT_CAP(id, next)	((id) | 1U << 16 | (u32)(next) << 20)

static void put(u8 *at, unsigned int bytes, u64 value)
{
	for (unsigned int i = 0; i < bytes; i++)
		at[i] = value >> (8 * i);
}

static u64 get(const u8 *at, unsigned int bytes)
{
	u64 value = 0;

	for (unsigned int i = 0; i < bytes; i++)
		value |= (u64)at[i] << (8 * i);
	return value;
}

static void init_header(struct npu_pci_config *cfg, const struct npu_model *model)
{
	u8 *data = cfg->data;

	put(data + PCI_VENDOR_ID, 2, model->vendor);
	put(data + PCI_DEVICE_ID, 2, model->device);
	put(data + PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
	put(data + PCI_CLASS_REVISION, 4, model->class << 8 | model->revision);
	put(data + PCI_SUBSYSTEM_VENDOR_ID, 2, model->subsys_vendor);
	put(data + PCI_SUBSYSTEM_ID, 2, model->subsys_id);
	put(data + PCI_CAPABILITY_LIST, 1, CAP_PM);

	put(cfg->writable + PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
	    PCI_COMMAND_PARITY | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	put(cfg->writable + PCI_CACHE_LINE_SIZE, 1, 0xff);
	put(cfg->writable + PCI_INTERRUPT_LINE, 1, 0xff);
}

/* A BAR's address bits below its size stay 0: that is how it tells its size */
static void init_bars(struct npu_pci_config *cfg, const struct npu_model *model,
		      unsigned int first)
{
	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		unsigned int at = first + 4 * bar;

		if (!model->bars[bar])
			continue;
		put(cfg->data + at, 4,
		    PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH);
		put(cfg->writable + at, 8, ~(model->bars[bar] - 1));
	}
}

static void init_pm(struct npu_pci_config *cfg)
{
	u8 *data = cfg->data + CAP_PM;

	put(data + PCI_CAP_LIST_ID, 1, PCI_CAP_ID_PM);
	put(data + PCI_CAP_LIST_NEXT, 1, CAP_EXP);
	put(data + PCI_PM_PMC, 2, PM_CAP_VERSION);
	put(data + PCI_PM_CTRL, 2, PCI_PM_CTRL_NO_SOFT_RESET);
	put(cfg->writable + CAP_PM + PCI_PM_CTRL, 2, PCI_PM_CTRL_STATE_MASK);
}

static void init_exp(struct npu_pci_config *cfg, const struct npu_model *model)
{
	u8 *data = cfg->data + CAP_EXP;
	u8 *writable = cfg->writable + CAP_EXP;

	put(data + PCI_CAP_LIST_ID, 1, PCI_CAP_ID_EXP);
	put(data + PCI_CAP_LIST_NEXT, 1, CAP_MSIX);
	put(data + PCI_EXP_FLAGS, 2, PCIE_CAP_VERSION | PCI_EXP_TYPE_ENDPOINT << 4);
	put(data + PCI_EXP_DEVCAP, 4, MAX_PAYLOAD_256 | PCI_EXP_DEVCAP_EXT_TAG |
	    PCI_EXP_DEVCAP_RBER | (model->flr ? PCI_EXP_DEVCAP_FLR : 0));
	put(data + PCI_EXP_LNKCAP, 4, LINK_SPEED | LINK_WIDTH << 4);
	put(data + PCI_EXP_LNKSTA, 2, LINK_SPEED | LINK_WIDTH << PCI_EXP_LNKSTA_NLW_SHIFT);
	put(data + PCI_EXP_LNKCAP2, 4, PCI_EXP_LNKCAP2_SLS_2_5GB | PCI_EXP_LNKCAP2_SLS_5_0GB |
	    PCI_EXP_LNKCAP2_SLS_8_0GB | PCI_EXP_LNKCAP2_SLS_16_0GB);
	put(data + PCI_EXP_LNKCTL2, 2, LINK_SPEED);
	put(writable + PCI_EXP_DEVCTL, 2, model->flr ? 0xffff : 0x7fff);
	put(writable + PCI_EXP_LNKCTL, 2, PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_RCB |
	    PCI_EXP_LNKCTL_CCC | PCI_EXP_LNKCTL_ES);
}

static void init_msix(struct npu_pci_config *cfg, const struct npu_model *model)
{
	const struct npu_msix *msix = &model->msix;
	u8 *data = cfg->data + CAP_MSIX;

	if (!msix->vectors) {
		put(cfg->data + CAP_EXP + PCI_CAP_LIST_NEXT, 1, 0);
		return;
	}
	put(data + PCI_CAP_LIST_ID, 1, PCI_CAP_ID_MSIX);
	put(data + PCI_MSIX_FLAGS, 2, msix->vectors - 1);
	put(data + PCI_MSIX_TABLE, 4, msix->table_offset | msix->table_bar);
	put(data + PCI_MSIX_PBA, 4, msix->pba_offset | msix->pba_bar);
	put(cfg->writable + CAP_MSIX + PCI_MSIX_FLAGS, 2,
	    PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
}

void npu_config_init(struct npu_pci_config *cfg, const struct npu_model *model)
{
	memset(cfg, 0, sizeof(*cfg));
	init_header(cfg, model);
	init_bars(cfg, model, PCI_BASE_ADDRESS_0);
	init_pm(cfg);
	init_exp(cfg, model);
	init_msix(cfg, model);
}

void npu_config_set_ids(struct npu_pci_config *cfg, u16 vendor, u16 device)
{
	put(cfg->data + PCI_VENDOR_ID, 2, vendor);
	put(cfg->data + PCI_DEVICE_ID, 2, device);
}

/*
 * QEMU takes the capability out of the chain of a device that is handed to it. It looks at
 * the id once, when it takes the device, and later passes on what the device says but for
 * the links of the chain (and but for the first header, hence the serial number). So until
 * then the capability goes by another id.
 */
void npu_config_add_sriov(struct npu_pci_config *cfg, const struct npu_model *vf,
			  unsigned int total, bool shown)
{
	u8 *data = cfg->data + EXT_SRIOV;
	u8 *writable = cfg->writable + EXT_SRIOV;

	put(cfg->data + EXT_DSN, 4, EXT_CAP(PCI_EXT_CAP_ID_DSN, EXT_SRIOV));
	put(data, 4, EXT_CAP(shown ? PCI_EXT_CAP_ID_SRIOV : PCI_EXT_CAP_ID_VNDR, 0));
	put(data + PCI_SRIOV_INITIAL_VF, 2, total);
	put(data + PCI_SRIOV_TOTAL_VF, 2, total);
	put(data + PCI_SRIOV_VF_OFFSET, 2, 1);
	put(data + PCI_SRIOV_VF_STRIDE, 2, 1);
	put(data + PCI_SRIOV_VF_DID, 2, vf->device);
	put(data + PCI_SRIOV_SUP_PGSIZE, 4, VF_PAGE_SIZES);
	put(data + PCI_SRIOV_SYS_PGSIZE, 4, 1);
	init_bars(cfg, vf, EXT_SRIOV + PCI_SRIOV_BAR);

	put(writable + PCI_SRIOV_CTRL, 2, PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
	put(writable + PCI_SRIOV_NUM_VF, 2, 0xffff);
	put(writable + PCI_SRIOV_SYS_PGSIZE, 4, VF_PAGE_SIZES);
}

unsigned int npu_config_enabled_vfs(const struct npu_pci_config *cfg)
{
	const u8 *data = cfg->data + EXT_SRIOV;

	return get(data + PCI_SRIOV_CTRL, 2) & PCI_SRIOV_CTRL_VFE ?
		get(data + PCI_SRIOV_NUM_VF, 2) : 0;
}

void npu_config_write(struct npu_pci_config *cfg, u64 offset, const u8 *data, u32 len)
{
	for (u32 i = 0; i < len; i++) {
		u8 *byte = &cfg->data[offset + i];
		u8 writable = cfg->writable[offset + i];

		*byte = (*byte & ~writable) | (data[i] & writable);
	}
}

bool npu_config_memory_enabled(const struct npu_pci_config *cfg)
{
	return get(cfg->data + PCI_COMMAND, 2) & PCI_COMMAND_MEMORY;
}

bool npu_config_take_flr(struct npu_pci_config *cfg)
{
	u8 *devctl = cfg->data + CAP_EXP + PCI_EXP_DEVCTL;
	u16 value = get(devctl, 2);

	if (!(value & PCI_EXP_DEVCTL_BCR_FLR))
		return false;
	put(devctl, 2, value & ~PCI_EXP_DEVCTL_BCR_FLR);
	return true;
}

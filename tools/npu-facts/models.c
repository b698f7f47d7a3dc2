// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each NPU looks like on the bus: see models.h for who may use this.
 *
 * Sources, named beside the values:
 *   lspci     output of lspci on a real part (a 910B4 on a Kunpeng 920)
 *   quirk     the vendor's QEMU patches ("Write Combining" guide; for the 950 that
 *             of openEuler's ubs-virt)
 *   hicann    Huawei's open driver, hicann/driver, commit ef377e95, below
 *             src/sdk_driver/comm/pcie: the file is named, cloud_v1 and the like
 *             being dc/host/X/res_drv_X.c
 *   dvt.h     the same driver's src/sdk_driver/vascend/dvt.h, VF_MMIO_BAR*_SIZE_*
 *   field     a Kunpeng 920 with two Atlas 300I Duo (Evanshenf/kunpeng-pve-arm64)
 *   assumed   nothing is known; chosen so that the registers fit. A size that
 *             is assumed also differs from the neighbours' where that helps to
 *             catch a driver that tells models apart by size alone
 *
 * In hicann the chip's driver maps "load SRAM" at DEVDRV_IO_LOAD_SRAM_OFFSET of the IO
 * BAR, and SHR() into that (DEVDRV_SHR_PARA_ADDR_OFFSET, inc/devdrv_msg_def.h) is
 * struct devdrv_shr_para. It says itself that phy_match_flag is at 0x30
 * (PHY_MATCH_FLAG_OFFSET_IN_SHR_MEM); bar_wc_flag is at 0x1f8 by counting its members.
 *
 * Device ids: g_devdrv_tbl (dc/host/devdrv_adapt.c) and host/devdrv_pci.h. The same
 * table has the vendors of rebranded boards, for d500 and d802.
 *
 * No source shows FLR on any of these parts, and lspci shows FLReset- on the
 * 910B4, so none has it here.
 */
#include <string.h>

#include "models.h"

#define KIB	1024ULL
#define MIB	(1024 * KIB)
#define GIB	(1024 * MIB)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define HUAWEI	0x19e5
/* hicann, host/devdrv_pci.h: DEVDRV_PCI_SUBSYS_PRIVATE_VENDOR_HK, _KL, _CJ */
#define REBRANDED	{ 0x20c6, 0x203f, 0x20e9 }
#define CLASS_ACCELERATOR	0x120000

/*
 * On the 910B4 the MSI-X table starts 64 KiB before the end of BAR0 and the PBA
 * 16 KiB later; the assumed ones do the same.
 */
#define MSIX(n, table, pba)	{ .vectors = (n), .table_offset = (table), .pba_offset = (pba) }

#define SHR(load_sram)		((load_sram) + 0x400)
#define PHY_MATCH(load_sram)	(SHR(load_sram) + 0x30)
#define BAR_WC(load_sram)	(SHR(load_sram) + 0x1f8)

#define XLOADER(b, o, d)	{ .kind = NPU_REG_XLOADER, .bar = (b), .offset = (o), .die = (d) }
#define FEATURE(b, o)		{ .kind = NPU_REG_FEATURE, .bar = (b), .offset = (o) }
/* hicann, cloud_v2: DEVDRV_VIRT_PARA_ADDR_OFFSET in the load SRAM, the second word */
#define NODE(b, o)		{ .kind = NPU_REG_NODE, .bar = (b), .offset = (o) }
#define UNLISTED(b, o, d)	{ .kind = NPU_REG_FEATURE, .bar = (b), .offset = (o), .die = (d), \
				  .unlisted = true }

const struct npu_model npu_models[] = {
	{
		.name = "910",
		.vendor = HUAWEI, .device = 0xd801,	/* hicann: CLOUD_V1_DEVICE */
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x3000,	/* assumed */
		.bars = { [0] = 32 * MIB, [2] = 128 * MIB, [4] = 32 * GIB }, /* assumed */
		.dies = 1,
		.msix = MSIX(256, 0x1ff0000, 0x1ff4000),	/* assumed */
		.nr_regs = 1, .nr_all_regs = 2,
		.regs = {
			/* quirk; hicann, cloud_v1: not in the block, phy_match_flag_addr */
			XLOADER(0, 0x80400, 0),
			UNLISTED(2, BAR_WC(0xe20000), 0),	/* hicann, cloud_v1 */
		},
	}, {
		.name = "910a2-pf",
		.vendor = HUAWEI, .device = 0xd802,		/* lspci */
		.more_devices = { 0xd804 },		/* hicann: CLOUD_V2_2P_DEVICE */
		.more_vendors = REBRANDED,
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* lspci */
		.subsys_vendor = HUAWEI, .subsys_id = 0x3002,	/* lspci */
		.bars = { [0] = 512 * MIB, [2] = 512 * MIB, [4] = 64 * GIB }, /* lspci */
		.vf = "910a2-vf",
		.dies = 1,
		.msix = MSIX(256, 0x1fff0000, 0x1fff4000),	/* lspci */
		.node = NODE(2, 0x18244ba4),
		.nr_regs = 2, .nr_all_regs = 2,
		.regs = {	/* quirk; hicann, cloud_v2 */
			XLOADER(2, PHY_MATCH(0x18208000), 0),
			FEATURE(2, BAR_WC(0x18208000)),
		},
	}, {
		.name = "910a2-vf",
		.vendor = HUAWEI, .device = 0xd802,		/* lspci of its PF */
		.more_devices = { 0xd805 },		/* hicann: CLOUD_V2_VF_DEVICE */
		.more_vendors = REBRANDED,
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed: as the PF */
		.subsys_vendor = HUAWEI, .subsys_id = 0x3002,	/* assumed: as the PF */
		.bars = { [0] = 128 * MIB, [2] = 64 * MIB, [4] = 4 * GIB }, /* dvt.h */
		.is_vf = true,
		.dies = 1,
		.msix = MSIX(32, 0x7ff0000, 0x7ff4000),	/* assumed */
		.nr_regs = 2, .nr_all_regs = 2,
		.regs = {	/* hicann, cloud_v2: DEVDRV_VF_IO_LOAD_SRAM_OFFSET */
			XLOADER(2, PHY_MATCH(0x2908000), 0),
			FEATURE(2, BAR_WC(0x2908000)),
		},
	}, {
		.name = "910a3-pf",
		.vendor = HUAWEI, .device = 0xd803,	/* hicann: CLOUD_V2_HCCS_IEP_DEVICE */
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x3003,	/* assumed */
		/* assumed: as 910A2 */
		.bars = { [0] = 512 * MIB, [2] = 512 * MIB, [4] = 64 * GIB },
		.vf = "910a3-vf",
		.dies = 1,
		.msix = MSIX(256, 0x1fff0000, 0x1fff4000),	/* as 910A2 */
		.node = NODE(2, 0x18244ba4),
		.nr_regs = 2, .nr_all_regs = 2,
		.regs = {	/* quirk; hicann, cloud_v2 */
			XLOADER(2, PHY_MATCH(0x18208000), 0),
			FEATURE(2, BAR_WC(0x18208000)),
		},
	}, {
		.name = "910a3-vf",
		.vendor = HUAWEI, .device = 0xd803,		/* hicann, as its PF */
		.more_devices = { 0xd805 },		/* hicann: CLOUD_V2_VF_DEVICE */
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x3003,	/* assumed */
		.bars = { [0] = 128 * MIB, [2] = 64 * MIB, [4] = 4 * GIB }, /* dvt.h */
		.is_vf = true,
		.dies = 1,
		.msix = MSIX(32, 0x7ff0000, 0x7ff4000),	/* assumed */
		.nr_regs = 2, .nr_all_regs = 2,
		.regs = {	/* hicann, cloud_v2: DEVDRV_VF_IO_LOAD_SRAM_OFFSET */
			XLOADER(2, PHY_MATCH(0x2908000), 0),
			FEATURE(2, BAR_WC(0x2908000)),
		},
	}, {
		.name = "950-pf",
		.vendor = HUAWEI, .device = 0xd806,	/* hicann: CLOUD_V4_DEVICE */
		/* hicann: CLOUD_V5_DEVICE, MINI_V4_DEVICE, all devdrv_cloud_v4_res_init */
		.more_devices = { 0xd807, 0xd808 },
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x3004,	/* assumed */
		/* assumed; BAR2 is as small as the registers let it be */
		.bars = { [0] = 128 * MIB, [2] = 256 * MIB, [4] = 128 * GIB },
		.vf = "950-vf",
		.dies = 1,
		.msix = MSIX(256, 0x7ff0000, 0x7ff4000),	/* hicann, cloud_v4: the number */
		.nr_regs = 1, .nr_all_regs = 2,
		.regs = {
			XLOADER(2, PHY_MATCH(0x8c28000), 0),	/* quirk; hicann, cloud_v4 */
			UNLISTED(2, BAR_WC(0x8c28000), 0),	/* hicann, cloud_v4 */
		},
	}, {
		.name = "950-vf",
		.vendor = HUAWEI, .device = 0xd806,		/* hicann, as its PF */
		.more_devices = { 0xd807, 0xd808 },
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x3004,	/* assumed */
		.bars = { [0] = 128 * MIB, [2] = 64 * MIB, [4] = 4 * GIB }, /* dvt.h */
		.is_vf = true,
		.dies = 1,
		.msix = MSIX(64, 0x7ff0000, 0x7ff4000),	/* hicann, cloud_v4: the number */
		.nr_regs = 1, .nr_all_regs = 2,
		.regs = {	/* hicann, cloud_v4: DEVDRV_VF_IO_LOAD_SRAM_OFFSET */
			XLOADER(2, PHY_MATCH(0xa000), 0),
			UNLISTED(2, BAR_WC(0xa000), 0),
		},
	}, {
		.name = "310p",
		.vendor = HUAWEI, .device = 0xd500,	/* hicann: MINI_V2_DEVICE */
		.more_devices = { 0xd501 },		/* hicann: MINI_V2_2P_DEVICE */
		.more_vendors = REBRANDED,
		.class = CLASS_ACCELERATOR, .revision = 0x23,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x100,	/* quirk: 0x100-0x10f */
		.bars = { [0] = 64 * MIB, [2] = 128 * MIB, [4] = 16 * GIB }, /* assumed */
		.dies = 1,
		.resets_badly = true,			/* field: a 310P of two dies */
		.msix = MSIX(128, 0x3ff0000, 0x3ff4000),	/* assumed */
		.nr_regs = 1, .nr_all_regs = 2,
		.regs = {
			/* quirk; hicann, mini_v2: the block's copy in DEVDRV_RESERVE_MEM_MSG */
			XLOADER(2, PHY_MATCH(0x100000), 0),
			UNLISTED(0, BAR_WC(0x20000), 0),	/* hicann, mini_v2 */
		},
	}, {
		.name = "310p-duo",
		.vendor = HUAWEI, .device = 0xd500,		/* hicann, field */
		.more_devices = { 0xd501 },		/* hicann: MINI_V2_2P_DEVICE */
		.more_vendors = REBRANDED,
		.class = CLASS_ACCELERATOR, .revision = 0x23,	/* assumed */
		/* field; 0x110-0x11f: hicann, devdrv_get_pdev_davinci_dev_num() */
		.subsys_vendor = HUAWEI, .subsys_id = 0x110,
		/* BAR2: field; the others: assumed */
		.bars = { [0] = 64 * MIB, [2] = 256 * MIB, [4] = 32 * GIB },
		/* hicann, mini_v2: devdrv_mini_v2_init_bar_info() divides each BAR's length */
		.dies = 2,
		.resets_badly = true,				/* field */
		.msix = MSIX(128, 0x3ff0000, 0x3ff4000),	/* assumed */
		.nr_regs = 2, .nr_all_regs = 4,
		.regs = {
			XLOADER(2, PHY_MATCH(0x100000), 0),	/* quirk, hicann, field */
			XLOADER(2, 128 * MIB + PHY_MATCH(0x100000), 1), /* quirk, field */
			UNLISTED(0, BAR_WC(0x20000), 0),	/* hicann, mini_v2 */
			UNLISTED(0, 32 * MIB + BAR_WC(0x20000), 1),
		},
	}, {
		.name = "310b",
		.vendor = HUAWEI, .device = 0xd105,	/* hicann: MINI_V3_DEVICE */
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x100,	/* assumed */
		/* assumed; BAR2 is one 64 KiB page: a 64 KiB host maps none of it */
		.bars = { [0] = 4 * MIB, [2] = 64 * KIB, [4] = 4 * GIB },
		.dies = 1,
		.msix = MSIX(32, 0x3f0000, 0x3f4000),	/* assumed */
		.nr_regs = 1, .nr_all_regs = 2,
		.regs = {
			XLOADER(2, PHY_MATCH(0x4000), 0),	/* quirk; hicann, mini_v3 */
			UNLISTED(2, BAR_WC(0x4000), 0),		/* hicann, mini_v3 */
		},
	}, {
		.name = "310",
		.vendor = HUAWEI, .device = 0xd100,		/* quirk */
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x100,	/* assumed */
		.bars = { [0] = 1 * MIB, [2] = 32 * MIB, [4] = 128 * MIB }, /* assumed */
		.dies = 1,
		.no_scrub = true,
		.msix = MSIX(32, 0xf0000, 0xf4000),	/* assumed */
		.nr_regs = 1, .nr_all_regs = 1,
		.regs = { XLOADER(4, 0x400, 0) },		/* quirk */
	},
};

const size_t npu_models_count = ARRAY_SIZE(npu_models);

const struct npu_model *npu_model_find(const char *name)
{
	for (size_t i = 0; i < npu_models_count; i++)
		if (strcmp(npu_models[i].name, name) == 0)
			return &npu_models[i];
	return NULL;
}

void npu_model_set_bar(struct npu_model *model, unsigned int bar, __u64 size)
{
	__u64 was = model->bars[bar] / model->dies, is = size / model->dies;

	for (unsigned int i = 0; i < model->nr_all_regs; i++) {
		struct npu_reg *reg = &model->regs[i];

		if (reg->bar == bar)
			reg->offset += reg->die * (is - was);
	}
	model->bars[bar] = size;
}

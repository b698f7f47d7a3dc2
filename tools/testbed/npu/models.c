// SPDX-License-Identifier: GPL-2.0
/*
 * What each NPU looks like on the bus: see models.h for who may use this.
 *
 * Sources, named beside the values:
 *   lspci     output of lspci on a real part (a 910B4 on a Kunpeng 920)
 *   vendor    Huawei's published driver sources and QEMU quirks
 *   assumed   nothing is known; chosen so that the registers fit. A size that
 *             is assumed also differs from the neighbours' where that helps to
 *             catch a driver that tells models apart by size alone
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
#define CLASS_ACCELERATOR	0x120000

/*
 * On the 910B4 the MSI-X table starts 64 KiB before the end of BAR0 and the PBA
 * 16 KiB later; the assumed ones do the same.
 */
#define MSIX(n, table, pba)	{ .vectors = (n), .table_offset = (table), .pba_offset = (pba) }

#define XLOADER(b, o)	{ .kind = NPU_REG_XLOADER, .bar = (b), .offset = (o) }
#define FEATURE(b, o)	{ .kind = NPU_REG_FEATURE, .bar = (b), .offset = (o) }

const struct npu_model npu_models[] = {
	{
		.name = "910",
		.vendor = HUAWEI, .device = 0xd801,
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x3000,	/* assumed */
		.bars = { [0] = 32 * MIB, [2] = 128 * MIB, [4] = 32 * GIB }, /* assumed */
		.msix = MSIX(256, 0x1ff0000, 0x1ff4000),	/* assumed */
		.nr_regs = 1,
		.regs = { XLOADER(0, 0x80400) },		/* vendor */
	}, {
		.name = "910a2-pf",
		.vendor = HUAWEI, .device = 0xd802,		/* lspci */
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* lspci */
		.subsys_vendor = HUAWEI, .subsys_id = 0x3002,	/* lspci */
		.bars = { [0] = 512 * MIB, [2] = 512 * MIB, [4] = 64 * GIB }, /* lspci */
		.msix = MSIX(256, 0x1fff0000, 0x1fff4000),	/* lspci */
		.nr_regs = 2,
		.regs = { XLOADER(2, 0x18208430), FEATURE(2, 0x182085f8) }, /* vendor */
	}, {
		.name = "910a2-vf",
		.vendor = HUAWEI, .device = 0xd802,		/* lspci of its PF */
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed: as the PF */
		.subsys_vendor = HUAWEI, .subsys_id = 0x3002,	/* assumed: as the PF */
		.bars = { [0] = 128 * MIB, [2] = 64 * MIB, [4] = 4 * GIB }, /* vendor */
		.is_vf = true,
		.msix = MSIX(32, 0x7ff0000, 0x7ff4000),	/* assumed */
		.nr_regs = 2,
		.regs = { XLOADER(2, 0x2908430), FEATURE(2, 0x29085f8) }, /* vendor */
	}, {
		.name = "910a3-pf",
		.vendor = HUAWEI, .device = 0xd803,		/* vendor */
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x3003,	/* assumed */
		/* assumed: as 910A2 */
		.bars = { [0] = 512 * MIB, [2] = 512 * MIB, [4] = 64 * GIB },
		.msix = MSIX(256, 0x1fff0000, 0x1fff4000),	/* as 910A2 */
		.nr_regs = 2,
		.regs = { XLOADER(2, 0x18208430), FEATURE(2, 0x182085f8) }, /* vendor */
	}, {
		.name = "910a3-vf",
		.vendor = HUAWEI, .device = 0xd803,		/* vendor */
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x3003,	/* assumed */
		.bars = { [0] = 128 * MIB, [2] = 64 * MIB, [4] = 4 * GIB }, /* vendor */
		.is_vf = true,
		.msix = MSIX(32, 0x7ff0000, 0x7ff4000),	/* assumed */
		.nr_regs = 2,
		.regs = { XLOADER(2, 0x2908430), FEATURE(2, 0x29085f8) }, /* vendor */
	}, {
		.name = "310p",
		.vendor = HUAWEI, .device = 0xd500,		/* vendor */
		.class = CLASS_ACCELERATOR, .revision = 0x23,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x100,	/* vendor: 0x100-0x10f */
		.bars = { [0] = 64 * MIB, [2] = 128 * MIB, [4] = 16 * GIB }, /* assumed */
		.msix = MSIX(128, 0x3ff0000, 0x3ff4000),	/* assumed */
		.nr_regs = 1,
		.regs = { XLOADER(2, 0x100430) },		/* vendor */
	}, {
		.name = "310p-duo",
		.vendor = HUAWEI, .device = 0xd500,		/* vendor */
		.class = CLASS_ACCELERATOR, .revision = 0x23,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x110,	/* vendor: 0x110-0x11f */
		.bars = { [0] = 64 * MIB, [2] = 256 * MIB, [4] = 32 * GIB }, /* assumed */
		.msix = MSIX(128, 0x3ff0000, 0x3ff4000),	/* assumed */
		.nr_regs = 2,
		.regs = { XLOADER(2, 0x100430), XLOADER(2, 0x8100430) }, /* vendor */
	}, {
		.name = "310b",
		.vendor = HUAWEI, .device = 0xd105,		/* vendor */
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x100,	/* assumed */
		/* assumed; BAR2 is one 64 KiB page: a 64 KiB host maps none of it */
		.bars = { [0] = 4 * MIB, [2] = 64 * KIB, [4] = 4 * GIB },
		.msix = MSIX(32, 0x3f0000, 0x3f4000),	/* assumed */
		.nr_regs = 1,
		.regs = { XLOADER(2, 0x4430) },			/* vendor */
	}, {
		.name = "310",
		.vendor = HUAWEI, .device = 0xd100,		/* vendor */
		.class = CLASS_ACCELERATOR, .revision = 0x20,	/* assumed */
		.subsys_vendor = HUAWEI, .subsys_id = 0x100,	/* assumed */
		.bars = { [0] = 1 * MIB, [2] = 32 * MIB, [4] = 128 * MIB }, /* assumed */
		.msix = MSIX(32, 0xf0000, 0xf4000),	/* assumed */
		.nr_regs = 1,
		.regs = { XLOADER(4, 0x400) },			/* vendor */
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

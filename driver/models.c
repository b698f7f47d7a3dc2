// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - the chips: their ids, and where their registers are
 *
 * The only file of the driver to touch for a new chip; ADDING-A-CHIP.md names the others.
 *
 * A chip shares a block with its driver, struct devdrv_shr_para (inc/devdrv_msg_def.h:225):
 * phy_match_flag, here xloader, is at +0x30 (line 223 there) and bar_wc_flag, here feature,
 * at +0x1f8; on the 910, 310P and 310 xloader lies elsewhere. numa_node is the second word
 * of virt_para, which only cloud_v2's file has, and for physical functions
 * only (res_drv_cloud_v2.c:1373 and 1377). Sources of where the block and the registers are:
 *  [quirk]  the vendor's patches for QEMU: the "Write Combining" guide of the Ascend docs;
 *           for the 950, openEuler's ubs-virt, virt-optimizer best practice "A5"
 *  [hicann] hicann/driver at ef377e95, src/sdk_driver/comm/pcie/dc/host/CHIP/res_drv_CHIP.c,
 *           CHIP being the vendor's name of the chip below; ids: host/devdrv_pci.h:33 and
 *           dc/host/devdrv_adapt.c:28
 *  [field]  a Kunpeng 920 with two Atlas 300I Duo: Evanshenf/kunpeng-pve-arm64,
 *           docs/en/ascend-310p-vfio-pve.md
 */

#include <linux/module.h>
#include <linux/string.h>

#include "ascend.h"

#define XLOADER(_bar, _offset) \
	{ .name = "xloader", .kind = ASCEND_XLOADER, .bar = _bar, .offset = _offset, .size = 4 }
#define FEATURE(_bar, _offset) \
	{ .name = "feature", .kind = ASCEND_FEATURE, .bar = _bar, .offset = _offset, .size = 4 }

#define NODE(_bar, _offset) \
	{ .name = "numa_node", .kind = ASCEND_NODE, .bar = _bar, .offset = _offset, .size = 4 }

/* Of one device id, a PF comes before a VF: where neither is known, it is tried first. */
const struct ascend_layout ascend_layouts[] = {
	{	/* [quirk]; no source has another register of it */
		.name = "310", .devices = { 0xd100 }, .no_scrub = true,
		.regs = { XLOADER(4, 0x400) },
	}, {	/* mini_v3: block at BAR2 0x4400 [hicann], xloader [quirk] */
		.name = "310b", .devices = { 0xd105 },
		.regs = { XLOADER(2, 0x4430), FEATURE(2, 0x45f8) },
	}, {	/* mini_v2: block at BAR0 0x20400 [hicann], xloader [quirk, hicann, field] */
		.name = "310p", .devices = { 0xd500, 0xd501 },
		.sub_first = 0x100, .sub_last = 0x10f, .resets_badly = true,
		.regs = { FEATURE(0, 0x205f8), XLOADER(2, 0x100430) },
	}, {	/* the same, two dies: devdrv_pci.h:103, devdrv_pci.c:236 there */
		.name = "310p-duo", .devices = { 0xd500, 0xd501 },
		.sub_first = 0x110, .sub_last = 0x11f, .resets_badly = true, .two_dies = true,
		.regs = { FEATURE(0, 0x205f8), XLOADER(2, 0x100430) },
	}, {	/* cloud_v1: block at BAR2 0xe20400 [hicann], xloader [quirk, hicann] */
		.name = "910", .devices = { 0xd801 },
		.regs = { XLOADER(0, 0x80400), FEATURE(2, 0xe205f8) },
	}, {	/* cloud_v2: block at BAR2 0x18208400 [quirk, hicann] */
		.name = "910a2-pf", .devices = { 0xd802, 0xd804 },
		.function = ASCEND_PF, .wc_listed = true,
		.node = NODE(2, 0x18244ba4),
		.regs = { XLOADER(2, 0x18208430), FEATURE(2, 0x182085f8) },
	}, {	/* cloud_v2: a VF's block at BAR2 0x2908400 [hicann] */
		.name = "910a2-vf", .devices = { 0xd802, 0xd805 },
		.function = ASCEND_VF, .wc_listed = true,
		.regs = { XLOADER(2, 0x2908430), FEATURE(2, 0x29085f8) },
	}, {	/* cloud_v2 [quirk, hicann] */
		.name = "910a3-pf", .devices = { 0xd803 },
		.function = ASCEND_PF, .wc_listed = true,
		.node = NODE(2, 0x18244ba4),
		.regs = { XLOADER(2, 0x18208430), FEATURE(2, 0x182085f8) },
	}, {	/* cloud_v2 [hicann] */
		.name = "910a3-vf", .devices = { 0xd803 },
		.function = ASCEND_VF, .wc_listed = true,
		.regs = { XLOADER(2, 0x2908430), FEATURE(2, 0x29085f8) },
	}, {	/* cloud_v4: block at BAR2 0x8c28400 [hicann], xloader [quirk, hicann] */
		.name = "950-pf", .devices = { 0xd806, 0xd807, 0xd808 },
		.function = ASCEND_PF,
		.regs = { XLOADER(2, 0x8c28430), FEATURE(2, 0x8c285f8) },
	}, {	/* cloud_v4: a VF's block at BAR2 0xa400 [hicann] */
		.name = "950-vf", .devices = { 0xd806, 0xd807, 0xd808 },
		.function = ASCEND_VF,
		.regs = { XLOADER(2, 0xa430), FEATURE(2, 0xa5f8) },
	},
};

const unsigned int ascend_nr_layouts = ARRAY_SIZE(ascend_layouts);

#define HUAWEI	PCI_VENDOR_ID_HUAWEI
#define ASCEND_ID(_vendor, _device) \
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(_vendor, _device) }

/*
 * The ids of the rows above, as the PCI core wants them; loading the module compares the
 * two. An override entry never matches by itself, so one too many takes no device away
 * from its driver. Rebranded boards [hicann] have their own vendor ids.
 */
const struct pci_device_id ascend_pci_ids[] = {
	ASCEND_ID(HUAWEI, 0xd100),
	ASCEND_ID(HUAWEI, 0xd105),
	ASCEND_ID(HUAWEI, 0xd500),
	ASCEND_ID(HUAWEI, 0xd501),
	ASCEND_ID(HUAWEI, 0xd801),
	ASCEND_ID(HUAWEI, 0xd802),
	ASCEND_ID(HUAWEI, 0xd803),
	ASCEND_ID(HUAWEI, 0xd804),
	ASCEND_ID(HUAWEI, 0xd805),
	ASCEND_ID(HUAWEI, 0xd806),
	ASCEND_ID(HUAWEI, 0xd807),
	ASCEND_ID(HUAWEI, 0xd808),
	ASCEND_ID(0x20c6, 0xd500),
	ASCEND_ID(0x20c6, 0xd802),
	ASCEND_ID(0x203f, 0xd500),
	ASCEND_ID(0x203f, 0xd802),
	ASCEND_ID(0x20e9, 0xd500),
	ASCEND_ID(0x20e9, 0xd802),
	{}
};
MODULE_DEVICE_TABLE(pci, ascend_pci_ids);

static bool ascend_id_listed(u16 device)
{
	const struct pci_device_id *id;

	for (id = ascend_pci_ids; id->vendor; id++)
		if (id->device == device)
			return true;
	return false;
}

/**
 * ascend_models_fault() - look for a slip in the tables above
 *
 * A register that both kinds of access cannot express, or that two dies' halves cannot
 * hold, is found when a device is bound; here, what is wrong for every device.
 *
 * Return: NULL, or the name of a layout that must not be used.
 */
const char *ascend_models_fault(void)
{
	unsigned int i, j;

	for (i = 0; i < ascend_nr_layouts; i++) {
		const struct ascend_layout *layout = &ascend_layouts[i];
		struct ascend_identity huge = {};
		struct ascend_regs regs;

		for (j = 0; j < ASCEND_NR_BARS; j++)
			huge.bar_len[j] = ASCEND_BAR_LEN_MAX;
		if (ascend_layout_resolve(layout, &huge, true, &regs))
			return layout->name;
		for (j = 0; j < regs.nr; j++)
			if (regs.reg[j].size != sizeof(u32) || regs.reg[j].offset % sizeof(u32))
				return layout->name;
		for (j = 0; layout->devices[j]; j++)
			if (!ascend_id_listed(layout->devices[j]))
				return layout->name;
	}
	return NULL;
}

/**
 * ascend_layout_by_name() - find a layout by its name
 * @name: as in the table
 *
 * Return: the layout, or NULL.
 */
const struct ascend_layout *ascend_layout_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < ascend_nr_layouts; i++)
		if (!strcmp(ascend_layouts[i].name, name))
			return &ascend_layouts[i];
	return NULL;
}

/**
 * ascend_layout_names() - list the names of all layouts, for a message
 * @buf: room for ASCEND_NAMES_LEN bytes
 *
 * Return: @buf.
 */
const char *ascend_layout_names(char *buf)
{
	unsigned int i;
	size_t n = 0;

	for (i = 0; i < ascend_nr_layouts; i++)
		n += scnprintf(buf + n, ASCEND_NAMES_LEN - n, "%s%s", i ? ", " : "",
			       ascend_layouts[i].name);
	return buf;
}

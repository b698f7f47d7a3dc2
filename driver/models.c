// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - the chips: ids, register layouts, and which of them fits
 *
 * The only file to touch for a new chip. Sources of the offsets:
 *  [quirk]  the vendor's QEMU quirk ("Write Combining" guide of the Ascend docs)
 *  [hicann] hicann/driver, vascend cloud_v2, devdrv_msg_def.h
 */

#include <linux/module.h>
#include <linux/string.h>

#include "ascend.h"

#define XLOADER(_name, _bar, _offset) \
	{ .name = _name, .kind = ASCEND_XLOADER, .bar = _bar, .offset = _offset }
#define FEATURE(_bar, _offset) \
	{ .name = "feature", .kind = ASCEND_FEATURE, .bar = _bar, .offset = _offset }

const struct ascend_layout ascend_layouts[] = {
	{	/* [quirk] */
		.id = ASCEND_VFIO_LAYOUT_910, .name = "910",
		.nr_regs = 1, .regs = {
			XLOADER("xloader", 0, 0x80400),
		},
	}, {	/* [quirk] */
		.id = ASCEND_VFIO_LAYOUT_910A2_PF, .name = "910a2-pf",
		.nr_regs = 2, .regs = {
			XLOADER("xloader", 2, 0x18208430),
			FEATURE(2, 0x182085f8),
		},
	}, {	/* [hicann] */
		.id = ASCEND_VFIO_LAYOUT_910A2_VF, .name = "910a2-vf", .is_vf = true,
		.nr_regs = 2, .regs = {
			XLOADER("xloader", 2, 0x2908430),
			FEATURE(2, 0x29085f8),
		},
	}, {	/* [quirk] */
		.id = ASCEND_VFIO_LAYOUT_910A3_PF, .name = "910a3-pf",
		.nr_regs = 2, .regs = {
			XLOADER("xloader", 2, 0x18208430),
			FEATURE(2, 0x182085f8),
		},
	}, {	/* [hicann] */
		.id = ASCEND_VFIO_LAYOUT_910A3_VF, .name = "910a3-vf", .is_vf = true,
		.nr_regs = 2, .regs = {
			XLOADER("xloader", 2, 0x2908430),
			FEATURE(2, 0x29085f8),
		},
	}, {	/* [quirk] */
		.id = ASCEND_VFIO_LAYOUT_310P, .name = "310p",
		.nr_regs = 1, .regs = {
			XLOADER("xloader", 2, 0x100430),
		},
	}, {	/* [quirk]: the second die's BAR window starts at 128 MiB */
		.id = ASCEND_VFIO_LAYOUT_310P_DUO, .name = "310p-duo",
		.nr_regs = 2, .regs = {
			XLOADER("xloader0", 2, 0x100430),
			XLOADER("xloader1", 2, SZ_128M + 0x100430),
		},
	}, {	/* [quirk] */
		.id = ASCEND_VFIO_LAYOUT_310B, .name = "310b",
		.nr_regs = 1, .regs = {
			XLOADER("xloader", 2, 0x4430),
		},
	}, {	/* [quirk]; no source shows a host driver that writes the register */
		.id = ASCEND_VFIO_LAYOUT_310, .name = "310", .no_scrub = true,
		.nr_regs = 1, .regs = {
			XLOADER("xloader", 4, 0x400),
		},
	},
};

const unsigned int ascend_nr_layouts = ARRAY_SIZE(ascend_layouts);

/**
 * struct ascend_chip - which layouts a PCI id may have
 * @device: PCI device id under vendor 0x19e5
 * @sub_first: first subsystem id of the range
 * @sub_last: last subsystem id of the range
 * @layouts: in the order in which they are tried; AUTO ends the list
 */
struct ascend_chip {
	u16 device;
	u16 sub_first;
	u16 sub_last;
	enum ascend_vfio_layout layouts[2];
};

static const struct ascend_chip ascend_chips[] = {
	{ 0xd100, 0, 0xffff, { ASCEND_VFIO_LAYOUT_310 } },
	{ 0xd105, 0, 0xffff, { ASCEND_VFIO_LAYOUT_310B } },
	{ 0xd500, 0x100, 0x10f, { ASCEND_VFIO_LAYOUT_310P } },
	{ 0xd500, 0x110, 0x11f, { ASCEND_VFIO_LAYOUT_310P_DUO } },
	{ 0xd801, 0, 0xffff, { ASCEND_VFIO_LAYOUT_910 } },
	{ 0xd802, 0, 0xffff,
	  { ASCEND_VFIO_LAYOUT_910A2_PF, ASCEND_VFIO_LAYOUT_910A2_VF } },
	{ 0xd803, 0, 0xffff,
	  { ASCEND_VFIO_LAYOUT_910A3_PF, ASCEND_VFIO_LAYOUT_910A3_VF } },
};

#define ASCEND_ID(_device, _layout) { \
	PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_HUAWEI, _device), \
	.driver_data = _layout }

/*
 * The first entry of a device id is the one that matches, so a known id always
 * means AUTO. The others are there because the PCI core takes only those values
 * of driver_data in new_id that some entry has.
 */
const struct pci_device_id ascend_pci_ids[] = {
	ASCEND_ID(0xd100, ASCEND_VFIO_LAYOUT_AUTO),
	ASCEND_ID(0xd105, ASCEND_VFIO_LAYOUT_AUTO),
	ASCEND_ID(0xd500, ASCEND_VFIO_LAYOUT_AUTO),
	ASCEND_ID(0xd801, ASCEND_VFIO_LAYOUT_AUTO),
	ASCEND_ID(0xd802, ASCEND_VFIO_LAYOUT_AUTO),
	ASCEND_ID(0xd803, ASCEND_VFIO_LAYOUT_AUTO),
	ASCEND_ID(0xd801, ASCEND_VFIO_LAYOUT_910),
	ASCEND_ID(0xd802, ASCEND_VFIO_LAYOUT_910A2_PF),
	ASCEND_ID(0xd802, ASCEND_VFIO_LAYOUT_910A2_VF),
	ASCEND_ID(0xd803, ASCEND_VFIO_LAYOUT_910A3_PF),
	ASCEND_ID(0xd803, ASCEND_VFIO_LAYOUT_910A3_VF),
	ASCEND_ID(0xd500, ASCEND_VFIO_LAYOUT_310P),
	ASCEND_ID(0xd500, ASCEND_VFIO_LAYOUT_310P_DUO),
	ASCEND_ID(0xd105, ASCEND_VFIO_LAYOUT_310B),
	ASCEND_ID(0xd100, ASCEND_VFIO_LAYOUT_310),
	{}
};
MODULE_DEVICE_TABLE(pci, ascend_pci_ids);

/**
 * ascend_layout_by_id() - find a layout by its number
 * @id: number in the uapi header
 *
 * Return: the layout, or NULL for AUTO and unknown numbers.
 */
const struct ascend_layout *ascend_layout_by_id(unsigned long id)
{
	unsigned int i;

	for (i = 0; i < ascend_nr_layouts; i++)
		if (ascend_layouts[i].id == id)
			return &ascend_layouts[i];
	return NULL;
}

/**
 * ascend_layout_by_name() - find a layout by its name
 * @name: need not be terminated
 * @len: length of @name in bytes
 *
 * Return: the layout, or NULL.
 */
const struct ascend_layout *ascend_layout_by_name(const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < ascend_nr_layouts; i++)
		if (strlen(ascend_layouts[i].name) == len &&
		    !memcmp(ascend_layouts[i].name, name, len))
			return &ascend_layouts[i];
	return NULL;
}

/**
 * ascend_layout_misfit() - tell why a device cannot have a layout
 * @layout: the layout
 * @id: the device
 *
 * Return: NULL if every register of @layout lies inside a memory BAR of the
 * device, else the reason.
 */
const char *ascend_layout_misfit(const struct ascend_layout *layout,
				 const struct ascend_identity *id)
{
	unsigned int i;

	for (i = 0; i < layout->nr_regs; i++) {
		const struct ascend_reg *reg = &layout->regs[i];
		u64 len = id->bar_len[reg->bar];

		if (!len)
			return "the BAR that should hold its registers is missing or not memory";
		if (reg->offset + ASCEND_REG_SIZE > len)
			return "its registers lie beyond the end of the BAR";
	}
	return NULL;
}

static const struct ascend_layout *
ascend_chip_fit(const struct ascend_chip *chip, const struct ascend_identity *id,
		bool vf_only, const char **why)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(chip->layouts); i++) {
		const struct ascend_layout *layout =
			ascend_layout_by_id(chip->layouts[i]);

		if (!layout)
			break;
		if (vf_only && !layout->is_vf)
			continue;
		*why = ascend_layout_misfit(layout, id);
		if (!*why)
			return layout;
	}
	return NULL;
}

/**
 * ascend_layout_choose() - choose the register layout of a device
 * @id: the device
 * @why: set to the reason when there is no layout
 *
 * PF and VF share their device ids, and a VF that was passed into a guest looks
 * like a PF there: so the BAR decides, and is_virtfn only says what to try first.
 *
 * Return: the layout, or NULL if the device must be refused.
 */
const struct ascend_layout *ascend_layout_choose(const struct ascend_identity *id,
						 const char **why)
{
	const struct ascend_layout *layout = NULL;
	unsigned int i;

	*why = "its vendor and device id are not in this driver's table";
	if (id->vendor != PCI_VENDOR_ID_HUAWEI)
		return NULL;

	for (i = 0; i < ARRAY_SIZE(ascend_chips); i++) {
		const struct ascend_chip *chip = &ascend_chips[i];

		if (chip->device != id->device)
			continue;
		if (id->subdevice < chip->sub_first ||
		    id->subdevice > chip->sub_last) {
			*why = "no register layout is known for its subsystem id";
			continue;
		}
		if (id->is_virtfn)
			layout = ascend_chip_fit(chip, id, true, why);
		if (!layout)
			layout = ascend_chip_fit(chip, id, false, why);
		return layout;
	}
	return NULL;
}

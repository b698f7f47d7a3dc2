// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio - the one table of chips
 *
 * The registers' sources are named in driver/models.c. settle_s: hicann/driver waits
 * three seconds after a reset, and five where the chips are linked (d803).
 */
#include <string.h>

#include "chips.h"

const struct layout layouts[] = {
	{ .name = "310", .chip = "310", .devices = { 0xd100 },
	  .xloader = { 4, 0x400 }, .settle_s = 3 },
	{ .name = "310b", .chip = "310B", .devices = { 0xd105 },
	  .xloader = { 2, 0x4430 }, .feature = { 2, 0x45f8 }, .settle_s = 3 },
	{ .name = "310p", .chip = "310P", .devices = { 0xd500, 0xd501 },
	  .sub_first = 0x100, .sub_last = 0x10f,
	  .xloader = { 2, 0x100430 }, .feature = { 0, 0x205f8 },
	  .resets_badly = true, .settle_s = 3 },
	{ .name = "310p-duo", .chip = "310P", .devices = { 0xd500, 0xd501 },
	  .sub_first = 0x110, .sub_last = 0x11f,
	  .xloader = { 2, 0x100430 }, .feature = { 0, 0x205f8 },
	  .resets_badly = true, .two_dies = true, .settle_s = 3 },
	{ .name = "910", .chip = "910", .devices = { 0xd801 },
	  .xloader = { 0, 0x80400 }, .feature = { 2, 0xe205f8 }, .settle_s = 3 },
	{ .name = "910a2-pf", .chip = "910A2", .devices = { 0xd802, 0xd804 }, .function = FN_PF,
	  .xloader = { 2, 0x18208430 }, .feature = { 2, 0x182085f8 },
	  .wc_listed = true, .cloud_v2 = true, .settle_s = 3 },
	{ .name = "910a2-vf", .chip = "910A2", .devices = { 0xd802, 0xd805 }, .function = FN_VF,
	  .xloader = { 2, 0x2908430 }, .feature = { 2, 0x29085f8 },
	  .wc_listed = true, .cloud_v2 = true, .settle_s = 3 },
	{ .name = "910a3-pf", .chip = "910A3", .devices = { 0xd803 }, .function = FN_PF,
	  .xloader = { 2, 0x18208430 }, .feature = { 2, 0x182085f8 },
	  .wc_listed = true, .cloud_v2 = true, .settle_s = 5 },
	{ .name = "910a3-vf", .chip = "910A3", .devices = { 0xd803 }, .function = FN_VF,
	  .xloader = { 2, 0x2908430 }, .feature = { 2, 0x29085f8 },
	  .wc_listed = true, .cloud_v2 = true, .settle_s = 5 },
	{ .name = "950-pf", .chip = "950", .devices = { 0xd806, 0xd807, 0xd808 },
	  .function = FN_PF,
	  .xloader = { 2, 0x8c28430 }, .feature = { 2, 0x8c285f8 }, .settle_s = 3 },
	{ .name = "950-vf", .chip = "950", .devices = { 0xd806, 0xd807, 0xd808 },
	  .function = FN_VF,
	  .xloader = { 2, 0xa430 }, .feature = { 2, 0xa5f8 }, .settle_s = 3 },
};

const unsigned int nr_layouts = ARRAY_SIZE(layouts);

/* Rebranded boards: the vendor ids that others gave to these two. */
static const u16 other_vendors[] = { 0x20c6, 0x203f, 0x20e9 };
static const u16 rebranded[] = { 0xd500, 0xd802 };

static bool has_device(const struct layout *layout, u16 device)
{
	for (size_t i = 0; i < ARRAY_SIZE(layout->devices) && layout->devices[i]; i++)
		if (layout->devices[i] == device)
			return true;
	return false;
}

static bool vendor_has(u16 vendor, u16 device)
{
	if (vendor == HUAWEI)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(other_vendors); i++)
		for (size_t j = 0; j < ARRAY_SIZE(rebranded); j++)
			if (vendor == other_vendors[i] && device == rebranded[j])
				return true;
	return false;
}

const struct layout *chip_by_id(u16 vendor, u16 device)
{
	if (!vendor_has(vendor, device))
		return NULL;
	for (unsigned int i = 0; i < nr_layouts; i++)
		if (has_device(&layouts[i], device))
			return &layouts[i];
	return NULL;
}

const struct layout *layout_by_name(const char *name)
{
	for (unsigned int i = 0; i < nr_layouts; i++)
		if (!strcmp(layouts[i].name, name))
			return &layouts[i];
	return NULL;
}

u64 second_die(const struct reg_at *reg, u64 bar_len)
{
	return bar_len / 2 + reg->offset;
}

static const char *misfit(const struct layout *layout, const struct identity *id)
{
	const struct reg_at *regs[] = { &layout->xloader, &layout->feature };

	for (size_t i = 0; i < ARRAY_SIZE(regs); i++) {
		u64 len = id->bar_len[regs[i]->bar];

		if (!regs[i]->offset)
			continue;
		if (regs[i] == &layout->feature && !layout->wc_listed && !id->wc_unlisted)
			continue;
		if (!len)
			return "the BAR that should hold its registers is missing or not memory";
		if (layout->two_dies)
			len /= 2;
		if (regs[i]->offset + 4 > len)
			return "its registers lie beyond the end of the BAR";
	}
	return NULL;
}

const struct layout *choose_layout(const struct identity *id, const char **why)
{
	bool fits_not = false;

	*why = "its vendor and device id are not in the table of chips";
	if (!vendor_has(id->vendor, id->device))
		return NULL;
	for (unsigned int i = 0; i < nr_layouts; i++) {
		const struct layout *layout = &layouts[i];

		if (!has_device(layout, id->device))
			continue;
		if (layout->sub_last &&
		    (id->subdevice < layout->sub_first || id->subdevice > layout->sub_last)) {
			*why = "no register layout is known for its subsystem id";
			continue;
		}
		if ((id->is_vf && layout->function != FN_VF) ||
		    (id->is_pf && layout->function == FN_VF)) {
			/* Of two reasons, that of the layout that was meant */
			if (!fits_not)
				*why = id->is_vf ?
					"no register layout is known for a VF of this chip" :
					"this device id is a VF's, but the function is a PF";
			continue;
		}
		*why = misfit(layout, id);
		if (!*why)
			return layout;
		fits_not = true;
	}
	return NULL;
}

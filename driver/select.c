// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - which register layout a device has, if any
 *
 * Pure but for the table it looks into: KUnit runs it on devices of every kind.
 *
 * Fails closed. What is not known for certain is refused, and what an operator names
 * must not contradict what the device itself says: a layout that fits by accident
 * guards two words of somebody's memory and leaves the real registers open.
 */

#include <linux/kernel.h>
#include <linux/string.h>

#include "ascend.h"

/**
 * ascend_insert_reg() - put a register into its place in a list
 * @regs: the list, not full
 * @reg: the register
 */
void ascend_insert_reg(struct ascend_regs *regs, const struct ascend_reg *reg)
{
	unsigned int i = regs->nr++;

	for (; i; i--) {
		const struct ascend_reg *before = &regs->reg[i - 1];

		if (before->bar < reg->bar ||
		    (before->bar == reg->bar && before->offset < reg->offset))
			break;
		regs->reg[i] = *before;
	}
	regs->reg[i] = *reg;
}

static const char *ascend_add_die(const struct ascend_layout *layout, unsigned int die,
				  const struct ascend_identity *id, bool wc_unlisted,
				  struct ascend_regs *regs)
{
	const struct ascend_reg *row;

	for (row = layout->regs; row->size; row++) {
		u64 len = id->bar_len[row->bar] >> layout->two_dies;
		struct ascend_reg reg = *row;

		if (reg.kind == ASCEND_FEATURE && !layout->wc_listed && !wc_unlisted)
			continue;
		if (!len)
			return "the BAR that should hold its registers is missing or not memory";
		if (reg.size > len || reg.offset > len - reg.size)
			return "its registers lie beyond the end of the BAR";
		if (regs->nr == ASCEND_MAX_REGS)
			return "it has more registers than the driver can guard";
		if (layout->two_dies) {
			/* The compiler has no other proof that both fit. */
			snprintf(reg.name, sizeof(reg.name), "%.*s%u",
				 (int)sizeof(reg.name) - 2, row->name, die);
			reg.offset += die * len;
		}
		ascend_insert_reg(regs, &reg);
	}
	return NULL;
}

/**
 * ascend_layout_resolve() - work out the registers of one device
 * @layout: its layout
 * @id: the device
 * @wc_unlisted: answer feature on chips for which the vendor does not support it, too
 * @regs: set to the registers, a list that ascend_regs_valid() accepts
 *
 * Return: NULL, or why the device cannot have this layout; @regs is then not to be used.
 */
const char *ascend_layout_resolve(const struct ascend_layout *layout,
				  const struct ascend_identity *id, bool wc_unlisted,
				  struct ascend_regs *regs)
{
	unsigned int die;
	const char *why;

	memset(regs, 0, sizeof(*regs));
	for (die = 0; die < 1 + layout->two_dies; die++) {
		why = ascend_add_die(layout, die, id, wc_unlisted, regs);
		if (why)
			return why;
	}
	return ascend_regs_valid(regs) ? NULL : "its register table is invalid";
}

static bool ascend_has_device(const struct ascend_layout *layout, u16 device)
{
	const u16 *listed;

	for (listed = layout->devices; *listed; listed++)
		if (*listed == device)
			return true;
	return false;
}

static bool ascend_has_subsystem(const struct ascend_layout *layout, u16 subdevice)
{
	return !layout->sub_last || (subdevice >= layout->sub_first &&
				     subdevice <= layout->sub_last);
}

/* Does some layout have the device's ids? With @subdevice, its subsystem id as well. */
static bool ascend_ids_known(const struct ascend_identity *id, bool subdevice)
{
	unsigned int i;

	for (i = 0; i < ascend_nr_layouts; i++)
		if (ascend_has_device(&ascend_layouts[i], id->device) &&
		    (!subdevice || ascend_has_subsystem(&ascend_layouts[i], id->subdevice)))
			return true;
	return false;
}

static bool ascend_vendor_known(const struct ascend_identity *id)
{
	const struct pci_device_id *known;

	for (known = ascend_pci_ids; known->vendor; known++)
		if (known->vendor == id->vendor && known->device == id->device)
			return true;
	return false;
}

/*
 * The host's PCI core knows what a function is. In a guest both flags are clear, for a VF
 * as well, and only the BARs tell.
 */
static bool ascend_has_function(const struct ascend_layout *layout,
				const struct ascend_identity *id)
{
	if (id->is_virtfn)
		return layout->function == ASCEND_VF;
	if (id->is_physfn)
		return layout->function != ASCEND_VF;
	return true;
}

static const struct ascend_layout *
ascend_first_fit(const struct ascend_identity *id, const struct ascend_layout *only,
		 bool wc_unlisted, struct ascend_regs *regs, const char **why)
{
	bool tried = false;
	unsigned int i;

	for (i = 0; i < ascend_nr_layouts; i++) {
		const struct ascend_layout *layout = &ascend_layouts[i];

		if (!ascend_has_device(layout, id->device) || (only && layout != only) ||
		    (!only && !ascend_has_subsystem(layout, id->subdevice)))
			continue;
		if (!ascend_has_function(layout, id)) {
			if (!tried)
				*why = id->is_virtfn ?
				"it is a virtual function, and none is known of its device id" :
				"it is a physical function, and its device id is a virtual function's";
			continue;
		}
		tried = true;
		*why = ascend_layout_resolve(layout, id, wc_unlisted, regs);
		if (!*why)
			return layout;
	}
	return NULL;
}

/**
 * ascend_layout_choose() - choose the register layout of a device, or refuse it
 * @id: the device
 * @named: the layout that the operator named for it, or NULL
 * @wc_unlisted: the parameter
 * @regs: set to the device's registers
 * @why: set to the reason when there is no layout
 *
 * A name is needed where the vendor or subsystem id is unknown, and changes nothing where
 * all is known: it must be a layout of the chip that the device id tells, fit, be of the
 * kind of function that the device is, and be the one that the device would get if its
 * vendor id were Huawei's.
 *
 * Return: the layout, or NULL if the device must be refused.
 */
const struct ascend_layout *
ascend_layout_choose(const struct ascend_identity *id,
		     const struct ascend_layout *named, bool wc_unlisted,
		     struct ascend_regs *regs, const char **why)
{
	bool subsystem_known = ascend_ids_known(id, true);
	const struct ascend_layout *layout;

	*why = NULL;
	if (!ascend_ids_known(id, false))
		*why = "its device id is not in this driver's table";
	else if (named && !ascend_has_device(named, id->device))
		*why = "layout= names a register layout of another chip";
	else if (!named && !ascend_vendor_known(id))
		*why = "its vendor id is not known for this device id";
	else if (!named && !subsystem_known)
		*why = "no register layout is known for its subsystem id";
	if (*why)
		return NULL;

	layout = ascend_first_fit(id, subsystem_known ? NULL : named, wc_unlisted, regs, why);
	if (layout && named && named != layout) {
		*why = "layout= names another register layout than its ids and BARs tell";
		return NULL;
	}
	return layout;
}

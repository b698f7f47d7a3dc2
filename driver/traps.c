// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - which bytes are trapped
 *
 * Pure: works on a layout and numbers, does no I/O and takes no lock, so that
 * KUnit can run it against an oracle.
 */

#include <linux/align.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/overflow.h>

#include "ascend.h"

static bool ascend_reg_before(const struct ascend_reg *a, const struct ascend_reg *b)
{
	if (a->bar != b->bar)
		return a->bar < b->bar;
	return a->offset + ASCEND_REG_SIZE <= b->offset;
}

/**
 * ascend_layout_check() - validate a table entry
 * @layout: the layout
 *
 * Everything else in this driver relies on what is checked here: registers
 * exist, are sorted, do not overlap, are aligned (so that each lies in a single
 * page and its hole is one page), and their number is within the budget.
 *
 * Return: 0, or -EINVAL for a table that must not be used.
 */
int ascend_layout_check(const struct ascend_layout *layout)
{
	unsigned int i;

	if (!layout->name || layout->id == ASCEND_VFIO_LAYOUT_AUTO)
		return -EINVAL;
	if (!layout->nr_regs || layout->nr_regs > ASCEND_MAX_REGS)
		return -EINVAL;

	for (i = 0; i < layout->nr_regs; i++) {
		const struct ascend_reg *reg = &layout->regs[i];

		if (!reg->name || reg->kind >= ASCEND_NR_REG_KINDS ||
		    reg->bar >= PCI_STD_NUM_BARS)
			return -EINVAL;
		if (!IS_ALIGNED(reg->offset, ASCEND_REG_SIZE) ||
		    reg->offset > VFIO_PCI_OFFSET_MASK)
			return -EINVAL;
		if (i && !ascend_reg_before(reg - 1, reg))
			return -EINVAL;
	}
	return 0;
}

/**
 * ascend_bar_has_traps() - does a BAR hold a trapped register?
 * @layout: the device's layout
 * @bar: region index, any value
 *
 * Return: true if it does.
 */
bool ascend_bar_has_traps(const struct ascend_layout *layout, unsigned int bar)
{
	unsigned int i;

	for (i = 0; i < layout->nr_regs; i++)
		if (layout->regs[i].bar == bar)
			return true;
	return false;
}

/**
 * ascend_split() - cut the first piece off an access
 * @layout: the device's layout
 * @bar: region index, any value
 * @pos: first byte of the access in the region
 * @count: length of the access, not 0
 * @len: set to the length of the piece, 1 to @count
 *
 * A piece lies either wholly inside one register or wholly outside all of them.
 *
 * Return: the register that holds the piece, or NULL.
 */
const struct ascend_reg *ascend_split(const struct ascend_layout *layout,
				      unsigned int bar, u64 pos, size_t count,
				      size_t *len)
{
	unsigned int i;

	for (i = 0; i < layout->nr_regs; i++) {
		const struct ascend_reg *reg = &layout->regs[i];
		u64 end = reg->offset + ASCEND_REG_SIZE;

		if (reg->bar != bar || pos >= end)
			continue;
		if (pos >= reg->offset) {
			*len = min_t(u64, count, end - pos);
			return reg;
		}
		*len = min_t(u64, count, reg->offset - pos);
		return NULL;
	}
	*len = count;
	return NULL;
}

/**
 * ascend_range_is_trapped() - does a range touch a page with a register?
 * @layout: the device's layout
 * @bar: region index, any value
 * @start: first byte of the range in the region
 * @len: its length in bytes
 * @page_size: a power of two
 *
 * Return: true if it does, and for a range that ends past 2^64.
 */
bool ascend_range_is_trapped(const struct ascend_layout *layout,
			     unsigned int bar, u64 start, u64 len, u64 page_size)
{
	unsigned int i;
	u64 end;

	if (check_add_overflow(start, len, &end))
		return true;

	for (i = 0; i < layout->nr_regs; i++) {
		u64 page = ALIGN_DOWN(layout->regs[i].offset, page_size);

		if (layout->regs[i].bar == bar &&
		    start < page + page_size && end > page)
			return true;
	}
	return false;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - which bytes are guarded
 *
 * Pure: see guard.h.
 */

#include <linux/align.h>
#include <linux/minmax.h>
#include <linux/overflow.h>

#include "guard.h"

static bool ascend_reg_valid(const struct ascend_reg *reg)
{
	/* An enum may be signed. */
	return (unsigned int)reg->kind < ASCEND_NR_REG_KINDS && reg->bar < ASCEND_NR_BARS &&
	       reg->size && reg->size <= ASCEND_BAR_LEN_MAX &&
	       reg->offset <= ASCEND_BAR_LEN_MAX - reg->size;
}

static bool ascend_reg_before(const struct ascend_reg *a, const struct ascend_reg *b)
{
	if (a->bar != b->bar)
		return a->bar < b->bar;
	return a->offset + a->size <= b->offset;
}

/**
 * ascend_regs_valid() - may a list of registers be used?
 * @regs: the list
 *
 * Everything else relies on what is checked here: there are registers, not too many,
 * each lies in a BAR that can exist, and they are sorted and do not overlap.
 *
 * Return: true if so.
 */
bool ascend_regs_valid(const struct ascend_regs *regs)
{
	unsigned int i;

	if (!regs->nr || regs->nr > ASCEND_MAX_REGS)
		return false;

	for (i = 0; i < regs->nr; i++) {
		if (!ascend_reg_valid(&regs->reg[i]))
			return false;
		if (i && !ascend_reg_before(&regs->reg[i - 1], &regs->reg[i]))
			return false;
	}
	return true;
}

/**
 * ascend_bar_is_guarded() - does a BAR hold a guarded register?
 * @regs: the device's registers
 * @bar: region index, any value
 *
 * Return: true if it does.
 */
bool ascend_bar_is_guarded(const struct ascend_regs *regs, unsigned int bar)
{
	unsigned int i;

	for (i = 0; i < regs->nr; i++)
		if (regs->reg[i].bar == bar)
			return true;
	return false;
}

/**
 * ascend_split() - cut the first piece off an access
 * @regs: the device's registers
 * @bar: region index, any value
 * @pos: first byte of the access in the region
 * @count: length of the access, not 0
 * @len: set to the length of the piece, 1 to @count
 *
 * A piece lies either wholly inside one register or wholly outside all of them.
 *
 * Return: the register that holds the piece, or NULL.
 */
const struct ascend_reg *ascend_split(const struct ascend_regs *regs,
				      unsigned int bar, u64 pos, size_t count,
				      size_t *len)
{
	unsigned int i;

	for (i = 0; i < regs->nr; i++) {
		const struct ascend_reg *reg = &regs->reg[i];
		u64 end = reg->offset + reg->size;

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
 * ascend_find_spans() - work out where in a BAR its registers are
 * @regs: the device's registers
 * @bar: BAR index
 *
 * From the first register to the last, without the widest gap: so the dies of a device,
 * which are half a BAR apart, get a span each, and two registers are all that is in them.
 *
 * Return: the spans.
 */
struct ascend_spans ascend_find_spans(const struct ascend_regs *regs, unsigned int bar)
{
	struct ascend_range all = {}, gap = {};
	struct ascend_spans spans;
	unsigned int i;

	for (i = 0; i < regs->nr; i++) {
		const struct ascend_reg *reg = &regs->reg[i];

		if (reg->bar != bar)
			continue;
		if (!all.end)
			all.start = reg->offset;
		else if (reg->offset - all.end >= gap.end - gap.start)
			gap = (struct ascend_range) { all.end, reg->offset };
		all.end = reg->offset + reg->size;
	}
	spans.first.start = all.start;
	spans.first.end = gap.end ? gap.start : all.start;
	spans.last.start = gap.end ? gap.end : all.start;
	spans.last.end = all.end;
	return spans;
}

/**
 * ascend_find_places() - list the registers of a BAR for ascend_at_reg()
 * @regs: the device's registers
 * @bar: BAR index
 * @places: set to where they are
 *
 * Return: how many there are.
 */
unsigned int ascend_find_places(const struct ascend_regs *regs, unsigned int bar,
				struct ascend_places *places)
{
	unsigned int i, nr = 0;

	for (i = 0; i < regs->nr; i++) {
		const struct ascend_reg *reg = &regs->reg[i];

		if (reg->bar == bar)
			places->at[nr++] = (struct ascend_range) {
				reg->offset, reg->offset + reg->size,
			};
	}
	for (i = nr; i < ASCEND_MAX_REGS; i++)
		places->at[i] = (struct ascend_range) { ~0ULL, ~0ULL };
	return nr;
}

/**
 * ascend_range_is_guarded() - does a range touch a page with a register?
 * @regs: the device's registers
 * @bar: region index, any value
 * @start: first byte of the range in the region
 * @len: its length in bytes
 * @page_size: a power of two
 *
 * Return: true if it does, and for a range that ends past 2^64.
 */
bool ascend_range_is_guarded(const struct ascend_regs *regs, unsigned int bar,
			     u64 start, u64 len, u64 page_size)
{
	unsigned int i;
	u64 end;

	if (check_add_overflow(start, len, &end))
		return true;

	for (i = 0; i < regs->nr; i++) {
		const struct ascend_reg *reg = &regs->reg[i];

		if (reg->bar == bar &&
		    start < ALIGN(reg->offset + reg->size, page_size) &&
		    end > ALIGN_DOWN(reg->offset, page_size))
			return true;
	}
	return false;
}

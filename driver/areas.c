// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - which areas of a BAR may be mapped
 *
 * Pure: see guard.h.
 */

#include <linux/align.h>
#include <linux/minmax.h>

#include "guard.h"

static void ascend_add_hole(struct ascend_holes *holes, u64 start, u64 end, u64 page_size)
{
	struct ascend_range *hole = &holes->hole[holes->nr++];

	hole->start = ALIGN_DOWN(start, page_size);
	hole->end = ALIGN(end, page_size);
}

/**
 * ascend_find_holes() - list what of a BAR must not be mapped
 * @regs: the device's registers
 * @bar: BAR index
 * @msix: bytes of the MSI-X table if it is in this BAR, else an empty range
 * @page_size: a power of two
 * @holes: filled in; every page of the BAR that a guarded register or the MSI-X table
 *	touches is in one, and no other page
 */
void ascend_find_holes(const struct ascend_regs *regs, unsigned int bar,
		       const struct ascend_range *msix, u64 page_size,
		       struct ascend_holes *holes)
{
	bool msix_due = msix->start < msix->end;
	unsigned int i;

	holes->nr = 0;
	for (i = 0; i < regs->nr; i++) {
		const struct ascend_reg *reg = &regs->reg[i];

		if (reg->bar != bar)
			continue;
		/* Registers come sorted: the table goes before the first behind it. */
		if (msix_due && msix->start < reg->offset) {
			ascend_add_hole(holes, msix->start, msix->end, page_size);
			msix_due = false;
		}
		ascend_add_hole(holes, reg->offset, reg->offset + reg->size, page_size);
	}
	if (msix_due)
		ascend_add_hole(holes, msix->start, msix->end, page_size);
}

/**
 * ascend_next_area() - find the next area of a BAR that may be mapped
 * @holes: what must not be mapped
 * @len: length of the BAR in whole pages, in bytes
 * @block_size: what areas are split at, PMD_SIZE; a power of two, at least a page
 * @start: where to look from: 0, or the end of the area before
 * @area: set to the area
 *
 * An area is page-aligned, not empty, inside the BAR, and keeps clear of every hole;
 * between @start and the area there are only holes. A VMM maps an area at an address
 * that suits the area's size, so the part of a gap that can use huge mappings is an
 * area of its own and does not share one with the odd pages beside a hole.
 *
 * Return: true, or false if there are only holes from @start on.
 */
bool ascend_next_area(const struct ascend_holes *holes, u64 len, u64 block_size,
		      u64 start, struct ascend_range *area)
{
	u64 end = len, cut;
	unsigned int i;

	for (i = 0; i < holes->nr && holes->hole[i].start <= start; i++)
		start = max(start, holes->hole[i].end);
	if (i < holes->nr)
		end = min(end, holes->hole[i].start);
	if (start >= end)
		return false;

	cut = ALIGN(start, block_size);
	if (cut == start)
		cut = ALIGN_DOWN(end, block_size);
	if (cut > start && cut < end)
		end = cut;
	area->start = start;
	area->end = end;
	return true;
}

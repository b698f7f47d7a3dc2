// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - which areas of a BAR may be mapped
 *
 * Pure: see guard.h.
 */

#include <linux/align.h>
#include <linux/minmax.h>

#include "guard.h"

/* The pages that a range of bytes touches. */
static struct ascend_range ascend_pages(u64 start, u64 end, u64 page_size)
{
	struct ascend_range pages = {};

	if (start < end) {
		pages.start = ALIGN_DOWN(start, page_size);
		pages.end = ALIGN(end, page_size);
	}
	return pages;
}

/* Empty for a register of another BAR. */
static struct ascend_range ascend_reg_pages(const struct ascend_view *view, unsigned int i)
{
	const struct ascend_reg *reg = &view->regs->reg[i];
	u64 end = reg->bar == view->bar ? reg->offset + reg->size : 0;

	return ascend_pages(reg->offset, end, view->page_size);
}

/* From @start over all pages with registers; they are sorted, so one pass is enough. */
static u64 ascend_skip_regs(const struct ascend_view *view, u64 start)
{
	unsigned int i;

	for (i = 0; i < view->regs->nr; i++) {
		struct ascend_range hole = ascend_reg_pages(view, i);

		if (hole.start <= start)
			start = max(start, hole.end);
	}
	return start;
}

/* From @start to where the next hole begins, or the BAR ends. */
static u64 ascend_gap_end(const struct ascend_view *view,
			  const struct ascend_range *msix, u64 start)
{
	u64 end = ALIGN_DOWN(view->len, view->page_size);
	unsigned int i;

	for (i = 0; i < view->regs->nr; i++) {
		struct ascend_range hole = ascend_reg_pages(view, i);

		if (hole.start > start)
			end = min(end, hole.start);
	}
	if (msix->start > start)
		end = min(end, msix->start);
	return end;
}

/**
 * ascend_next_area() - find the next area of a BAR that may be mapped
 * @view: the BAR
 * @start: where to look from: 0, or the end of the area before
 * @area: set to the area
 *
 * An area is page-aligned, not empty, inside the BAR, and touches no page that a guarded
 * register or the MSI-X table touches; between @start and the area there are only such
 * pages. A VMM maps an area at an address that suits the area's size, so the part of a gap
 * that can use huge mappings is an area of its own and does not share one with the odd
 * pages beside a hole.
 *
 * Return: true, or false if there is no area from @start on.
 */
bool ascend_next_area(const struct ascend_view *view, u64 start,
		      struct ascend_range *area)
{
	struct ascend_range msix = ascend_pages(view->msix.start, view->msix.end,
						view->page_size);
	u64 end, cut;

	start = ascend_skip_regs(view, start);
	if (msix.start <= start && start < msix.end)
		start = ascend_skip_regs(view, msix.end);
	end = ascend_gap_end(view, &msix, start);
	if (start >= end)
		return false;

	cut = ALIGN(start, view->block_size);
	if (cut == start)
		cut = ALIGN_DOWN(end, view->block_size);
	if (cut > start && cut < end)
		end = cut;
	area->start = start;
	area->end = end;
	return true;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - which areas of a BAR may be mapped
 *
 * Pure, like traps.c.
 */

#include <linux/align.h>
#include <linux/minmax.h>

#include "ascend.h"

/* Keep @holes sorted, and merge neighbours so that no gap between is empty. */
static unsigned int ascend_add_hole(struct ascend_range *holes, unsigned int nr,
				    u64 start, u64 end)
{
	struct ascend_range new = { start, end };
	unsigned int i, kept = 0;
	struct ascend_range out[ASCEND_MAX_HOLES];
	bool placed = false;

	for (i = 0; i < nr; i++) {
		if (holes[i].end < new.start) {
			out[kept++] = holes[i];
		} else if (holes[i].start > new.end) {
			if (!placed)
				out[kept++] = new;
			placed = true;
			out[kept++] = holes[i];
		} else {
			new.start = min(new.start, holes[i].start);
			new.end = max(new.end, holes[i].end);
		}
	}
	if (!placed)
		out[kept++] = new;
	for (i = 0; i < kept; i++)
		holes[i] = out[i];
	return kept;
}

static unsigned int ascend_holes(const struct ascend_layout *layout,
				 unsigned int bar,
				 const struct ascend_range *msix, u64 page_size,
				 struct ascend_range *holes)
{
	unsigned int i, nr = 0;

	for (i = 0; i < layout->nr_regs; i++) {
		u64 page = ALIGN_DOWN(layout->regs[i].offset, page_size);

		if (layout->regs[i].bar == bar)
			nr = ascend_add_hole(holes, nr, page, page + page_size);
	}
	if (msix->start < msix->end)
		nr = ascend_add_hole(holes, nr,
				     ALIGN_DOWN(msix->start, page_size),
				     ALIGN(msix->end, page_size));
	return nr;
}

/*
 * A VMM maps an area at an address that suits the area's size, so the part that
 * can use huge mappings must not share an area with the odd pages beside a hole.
 */
static unsigned int ascend_add_gap(struct ascend_range *areas, unsigned int nr,
				   u64 start, u64 end, u64 block_size)
{
	u64 cut[] = { ALIGN(start, block_size), ALIGN_DOWN(end, block_size), end };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cut); i++) {
		if (cut[i] <= start || cut[i] > end)
			continue;
		areas[nr].start = start;
		areas[nr].end = cut[i];
		start = cut[i];
		nr++;
	}
	return nr;
}

/**
 * ascend_visible_areas() - list the areas of a BAR that may be mapped
 * @layout: the device's layout
 * @bar: BAR index, one that holds trapped registers
 * @bar_len: length of the BAR in bytes
 * @msix: bytes of the MSI-X table if it is in this BAR, else an empty range
 * @page_size: a power of two
 * @block_size: what the areas are split at, PMD_SIZE
 * @areas: room for ASCEND_MAX_AREAS
 *
 * Areas are sorted, page-aligned, not empty, and keep clear of trapped pages and
 * of the MSI-X table's pages.
 *
 * Return: how many there are; 0 if nothing of the BAR may be mapped.
 */
unsigned int ascend_visible_areas(const struct ascend_layout *layout,
				  unsigned int bar, u64 bar_len,
				  const struct ascend_range *msix,
				  u64 page_size, u64 block_size,
				  struct ascend_range *areas)
{
	struct ascend_range holes[ASCEND_MAX_HOLES];
	u64 start = 0, end = ALIGN_DOWN(bar_len, page_size);
	unsigned int i, nr = 0, nr_holes;

	nr_holes = ascend_holes(layout, bar, msix, page_size, holes);
	for (i = 0; i < nr_holes; i++) {
		if (holes[i].start > start)
			nr = ascend_add_gap(areas, nr, start,
					    min(holes[i].start, end), block_size);
		start = holes[i].end;
	}
	if (start < end)
		nr = ascend_add_gap(areas, nr, start, end, block_size);
	return nr;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Proofs about driver/areas.c. See README.md, which also says how they fit together.
 */

#include "proof.h"

/* Of one of the holes, and of it and the next. */
static bool hole_is_good(const struct ascend_range *hole)
{
	return hole->start < hole->end && hole->end <= ASCEND_BAR_LEN_MAX &&
	       hole->start % PAGE_SIZE == 0 && hole->end % PAGE_SIZE == 0;
}

static bool hole_has(const struct ascend_range *hole, u64 page)
{
	return hole->start <= page << PAGE_SHIFT && page << PAGE_SHIFT < hole->end;
}

static bool some_hole_has(const struct ascend_holes *holes, u64 page)
{
	unsigned int i;
	bool has = false;

	for (i = 0; i < holes->nr; i++)
		has = has || hole_has(&holes->hole[i], page);
	return has;
}

static u64 any_page(void)
{
	u64 page = nondet_u64();

	assume(page < ASCEND_BAR_LEN_MAX >> PAGE_SHIFT);
	return page;
}

void prove_holes(void)
{
	struct ascend_regs regs = any_valid_regs();
	struct ascend_range msix = nondet_range();
	unsigned int bar = nondet_uint(), i;
	struct ascend_holes holes;
	u64 page = any_page();
	bool guarded;

	assume(msix.end <= ASCEND_BAR_LEN_MAX);
	ascend_find_holes(&regs, bar, &msix, PAGE_SIZE, &holes);

	claim("holes: no more than there is room for", holes.nr <= ASCEND_MAX_HOLES);
	guarded = msix.start < msix.end && touches(msix.start, msix.end - 1, page);
	for (i = 0; i < regs.nr; i++)
		guarded = guarded || reg_touches(&regs.reg[i], bar, page);
	claim("holes: every guarded page is in one",
	      implies(guarded, some_hole_has(&holes, page)));
	claim("holes: no other page is", implies(!guarded, !some_hole_has(&holes, page)));
	assume(holes.nr);
	i = any_of(holes.nr);
	claim("holes: whole pages, not empty", hole_is_good(&holes.hole[i]));
	claim("holes: sorted", !i || holes.hole[i - 1].start <= holes.hole[i].start);
}

static struct ascend_holes any_valid_holes(void)
{
	struct ascend_holes holes = nondet_holes();
	unsigned int i;

	assume(holes.nr <= PROOF_REGS + 1);
	for (i = 0; i < PROOF_REGS + 1; i++) {
		holes.hole[i].start = any_page_start();
		holes.hole[i].end = any_page_start();
		assume(holes.hole[i].start < holes.hole[i].end);
		assume(!i || i >= holes.nr || holes.hole[i - 1].start <= holes.hole[i].start);
	}
	return holes;
}

/*
 * One step, where there is one hole or none. What is claimed of the area's end is what is
 * assumed of start, so that steps can be chained.
 */
void prove_area(void)
{
	u64 start = any_page_start(), len = any_page_start(), page = any_page();
	struct ascend_holes holes = any_valid_holes();
	struct ascend_range area;

	assume(holes.nr <= 1);
	if (!ascend_next_area(&holes, len, BLOCK_SIZE, start, &area)) {
		claim("area: after the last there are only holes",
		      implies(len && touches(start, len - 1, page), some_hole_has(&holes, page)));
		return;
	}
	claim("area: not empty", area.start < area.end);
	claim("area: inside the BAR, not before start", area.start >= start && area.end <= len);
	claim("area: whole pages", area.start % PAGE_SIZE == 0 && area.end % PAGE_SIZE == 0);
	claim("area: only holes before it",
	      implies(page >= page_of(start) && page < page_of(area.start),
		      some_hole_has(&holes, page)));
	claim("area: touches no hole", !holes.nr || holes.hole[0].end <= area.start ||
				       holes.hole[0].start >= area.end);
}

/* The same for more holes: the first is either behind start, or as if start were its end. */
void prove_more(void)
{
	u64 start = any_page_start(), len = any_page_start();
	struct ascend_holes holes = any_valid_holes(), fewer = { 0 };
	struct ascend_range area = { 0 }, same = { 0 };
	bool found, found_same;
	unsigned int i;

	assume(holes.nr > 1);
	found = ascend_next_area(&holes, len, BLOCK_SIZE, start, &area);
	if (holes.hole[0].start > start) {
		fewer.nr = 1;
		fewer.hole[0] = holes.hole[0];
	} else {
		fewer.nr = holes.nr - 1;
		for (i = 0; i < PROOF_REGS; i++)
			fewer.hole[i] = holes.hole[i + 1];
		if (start < holes.hole[0].end)
			start = holes.hole[0].end;
	}
	found_same = ascend_next_area(&fewer, len, BLOCK_SIZE, start, &same);
	claim("area: the first hole counts by itself",
	      found == found_same &&
	      implies(found, area.start == same.start && area.end == same.end));
}

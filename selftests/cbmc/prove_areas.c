// SPDX-License-Identifier: GPL-2.0-only
/*
 * Proofs about driver/areas.c. See README.md, which also says how they fit together.
 */

#include "proof.h"

/* As it is, for its static functions. */
#include "areas.c"

static u64 any_page(void)
{
	u64 page = nondet_u64();

	assume(page < ASCEND_BAR_LEN_MAX >> PAGE_SHIFT);
	return page;
}

/* A BAR of any length, with the MSI-X table anywhere, in it or not. */
static struct ascend_view any_view(const struct ascend_regs *regs)
{
	struct ascend_view view = {
		.regs = regs, .bar = nondet_uint(), .len = nondet_u64() & BYTES,
		.page_size = PAGE_SIZE, .block_size = BLOCK_SIZE,
	};

	view.msix = nondet_range();
	assume(view.len <= ASCEND_BAR_LEN_MAX && view.msix.end <= ASCEND_BAR_LEN_MAX);
	return view;
}

static bool msix_touches(const struct ascend_view *view, u64 page)
{
	return view->msix.start < view->msix.end &&
	       touches(view->msix.start, view->msix.end - 1, page);
}

/* Does some register, or the table, hide the page? */
static bool is_hidden(const struct ascend_view *view, u64 page)
{
	bool hidden = msix_touches(view, page);
	unsigned int i;

	for (i = 0; i < view->regs->nr; i++)
		hidden = hidden || reg_touches(&view->regs->reg[i], view->bar, page);
	return hidden;
}

/*
 * One step. What is claimed of the area's end is what is assumed of start, so that steps
 * can be chained.
 */
void prove_area(void)
{
	struct ascend_regs regs = any_valid_regs();
	struct ascend_view view = any_view(&regs);
	u64 start = any_page_start(), page = any_page();
	bool hidden = is_hidden(&view, page);
	struct ascend_range area;

	if (!ascend_next_area(&view, start, &area)) {
		claim("area: after the last there are only hidden pages",
		      implies(page >= page_of(start) && page < page_of(view.len), hidden));
		return;
	}
	claim("area: not empty", area.start < area.end);
	claim("area: inside the BAR, not before start",
	      area.start >= start && area.end <= view.len);
	claim("area: whole pages", area.start % PAGE_SIZE == 0 && area.end % PAGE_SIZE == 0);
	claim("area: only hidden pages before it",
	      implies(page >= page_of(start) && page < page_of(area.start), hidden));
	claim("area: no hidden page in it",
	      implies(page >= page_of(area.start) && page < page_of(area.end), !hidden));
}

/* Lists of any length: the last register has its say after all others had theirs. */
void prove_skip_more(void)
{
	struct ascend_regs regs = any_regs(2), fewer = all_but_last(&regs), last = { .nr = 1 };
	struct ascend_view view = any_view(&regs), fewer_view, last_view;
	u64 start = nondet_u64() & BYTES;

	view.page_size = any_page_size();
	fewer_view = view;
	last_view = view;
	last.reg[0] = regs.reg[regs.nr - 1];
	fewer_view.regs = &fewer;
	last_view.regs = &last;
	claim("skip: as over all but the last, and from there over the last",
	      ascend_skip_regs(&view, start) ==
	      ascend_skip_regs(&last_view, ascend_skip_regs(&fewer_view, start)));
}

/* Of two registers in order: what the first has settled, the second does not undo. */
void prove_skip_keeps(void)
{
	struct ascend_regs regs = valid_regs(2), second = { .nr = 1 };
	struct ascend_view view = any_view(&second);
	u64 start = any_page_start(), page = any_page(), from;
	const struct ascend_reg *first = &regs.reg[0];

	second.reg[0] = regs.reg[1];
	/* start is not in the first's pages; nor is what follows, unless they are behind it */
	assume(!reg_touches(first, view.bar, page_of(start)));
	from = ascend_skip_regs(&view, start);
	claim("skip: not before start", from >= start);
	claim("skip: only over pages of the register",
	      implies(page >= page_of(start) && page < page_of(from),
		      reg_touches(&second.reg[0], view.bar, page)));
	claim("skip: not into pages of the register",
	      !reg_touches(&second.reg[0], view.bar, page_of(from)));
	claim("skip: nor into those of one before it",
	      !reg_touches(first, view.bar, page_of(from)));
}

/* Lists of any length: the last register's pages end the gap if nothing does before. */
void prove_gap_more(void)
{
	struct ascend_regs regs = any_regs(2), fewer = all_but_last(&regs);
	struct ascend_view view = any_view(&regs), fewer_view;
	struct ascend_range msix = nondet_range();
	u64 start = nondet_u64() & BYTES, of_others, hole;

	view.page_size = any_page_size();
	fewer_view = view;
	fewer_view.regs = &fewer;
	hole = ascend_reg_pages(&view, regs.nr - 1).start;
	of_others = ascend_gap_end(&fewer_view, &msix, start);
	claim("gap: ends at the last register if that is before all others",
	      ascend_gap_end(&view, &msix, start) ==
	      (hole > start && hole < of_others ? hole : of_others));
}

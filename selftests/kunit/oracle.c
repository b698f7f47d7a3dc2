// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random layouts and ranges, compared with an oracle that looks at every byte or
 * every page by itself. Numbers are small so that everything collides often.
 */

#include "kunit.h"

#define SPACE		256U	/* bytes of the BAR that splits are tried in */
#define PAGE		16U	/* of the ranges: 16 pages of 16 bytes */
#define BLOCK		(4 * PAGE)
#define LOW_BITS	(ASCEND_REG_SIZE - 1)

static void random_layout(struct rnd_state *rnd, struct ascend_layout *layout)
{
	static const u8 bars[] = { 0, 2, 4 };
	u32 first = ascend_random(rnd, SPACE - 2 * ASCEND_REG_SIZE) & ~LOW_BITS;
	u32 gap = ascend_random(rnd, SPACE - ASCEND_REG_SIZE - first) & ~LOW_BITS;
	u8 bar = bars[ascend_random(rnd, ARRAY_SIZE(bars))];

	*layout = (struct ascend_layout) {
		.id = ASCEND_VFIO_LAYOUT_910,
		.name = "random",
		.nr_regs = 1 + ascend_random(rnd, ASCEND_MAX_REGS),
	};
	layout->regs[0] = (struct ascend_reg) {
		.name = "first", .bar = bar, .offset = first,
	};
	layout->regs[1] = (struct ascend_reg) {
		.name = "second", .bar = bar,
		.offset = first + max(gap, ASCEND_REG_SIZE),
	};
}

/* What ascend_split() must find, one byte at a time. */
static const struct ascend_reg *oracle_byte(const struct ascend_layout *layout,
					    unsigned int bar, u64 pos)
{
	unsigned int i;

	for (i = 0; i < layout->nr_regs; i++)
		if (layout->regs[i].bar == bar && pos >= layout->regs[i].offset &&
		    pos - layout->regs[i].offset < ASCEND_REG_SIZE)
			return &layout->regs[i];
	return NULL;
}

static bool split_agrees(const struct ascend_layout *layout, unsigned int bar,
			 u64 pos, size_t count)
{
	while (count) {
		const struct ascend_reg *reg;
		size_t len = 0, i;

		reg = ascend_split(layout, bar, pos, count, &len);
		if (!len || len > count)
			return false;
		for (i = 0; i < len; i++)
			if (oracle_byte(layout, bar, pos + i) != reg)
				return false;
		/* A piece is as long as it can be. */
		if (len < count && oracle_byte(layout, bar, pos + len) == reg)
			return false;
		pos += len;
		count -= len;
	}
	return true;
}

static void split_matches_oracle(struct kunit *test)
{
	struct ascend_layout layout;
	struct rnd_state rnd;
	u32 i, bar, pos, count;

	ascend_seed(test, &rnd);
	for (i = 0; i < ASCEND_RANDOM_CASES; i++) {
		random_layout(&rnd, &layout);
		KUNIT_ASSERT_EQ(test, ascend_layout_check(&layout), 0);
		bar = ascend_random(&rnd, 4) ? layout.regs[0].bar :
					       ascend_random(&rnd, 9);
		pos = ascend_random(&rnd, SPACE);
		count = 1 + ascend_random(&rnd, ascend_random(&rnd, 2) ? 12 : SPACE);
		if (!split_agrees(&layout, bar, pos, count)) {
			KUNIT_FAIL(test, "case %u: registers at %llu, %llu; bar %u pos %u count %u",
				   i, layout.regs[0].offset, layout.regs[1].offset,
				   bar, pos, count);
			return;
		}
	}
}

static bool oracle_page(const struct ascend_layout *layout, unsigned int bar,
			u64 page)
{
	u64 pos;

	for (pos = page * PAGE; pos < (page + 1) * PAGE; pos++)
		if (oracle_byte(layout, bar, pos))
			return true;
	return false;
}

static bool oracle_range(const struct ascend_layout *layout, unsigned int bar,
			 u64 start, u64 len)
{
	u64 pos;

	for (pos = start; pos < start + len; pos++)
		if (oracle_page(layout, bar, pos / PAGE))
			return true;
	return false;
}

static void range_matches_oracle(struct kunit *test)
{
	struct ascend_layout layout;
	struct rnd_state rnd;
	u32 i, bar, start, len;

	ascend_seed(test, &rnd);
	for (i = 0; i < ASCEND_RANDOM_CASES; i++) {
		random_layout(&rnd, &layout);
		bar = ascend_random(&rnd, 4) ? layout.regs[0].bar :
					       ascend_random(&rnd, 9);
		start = ascend_random(&rnd, SPACE);
		len = 1 + ascend_random(&rnd, 3 * PAGE);
		if (ascend_range_is_trapped(&layout, bar, start, len, PAGE) !=
		    oracle_range(&layout, bar, start, len)) {
			KUNIT_FAIL(test, "case %u: registers at %llu, %llu; bar %u start %u len %u",
				   i, layout.regs[0].offset, layout.regs[1].offset,
				   bar, start, len);
			return;
		}
	}
}

static bool in_areas(const struct ascend_range *areas, unsigned int nr, u64 page)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (page * PAGE >= areas[i].start && page * PAGE < areas[i].end)
			return true;
	return false;
}

/* Sorted, aligned, not empty, and whole blocks share an area with nothing else. */
static bool areas_are_sound(const struct ascend_range *areas, unsigned int nr)
{
	unsigned int i;

	if (nr > ASCEND_MAX_AREAS)
		return false;
	for (i = 0; i < nr; i++) {
		u64 start = areas[i].start, end = areas[i].end;
		bool whole = !(start % BLOCK) && !(end % BLOCK);
		bool has_block = roundup(start, BLOCK) + BLOCK <= end;

		if (start >= end || start % PAGE || end % PAGE)
			return false;
		if (i && start < areas[i - 1].end)
			return false;
		if (has_block && !whole)
			return false;
	}
	return true;
}

static bool areas_agree(const struct ascend_layout *layout, unsigned int bar,
			u64 bar_len, const struct ascend_range *msix)
{
	/* One more than allowed, so that an overrun is seen and not suffered. */
	struct ascend_range areas[ASCEND_MAX_AREAS + 1] = {};
	unsigned int nr;
	u64 page;

	nr = ascend_visible_areas(layout, bar, bar_len, msix, PAGE, BLOCK, areas);
	if (!areas_are_sound(areas, nr))
		return false;
	for (page = 0; page < bar_len / PAGE; page++) {
		u64 start = page * PAGE;
		bool hidden = oracle_page(layout, bar, page) ||
			      (msix->start < start + PAGE && msix->end > start &&
			       msix->start < msix->end);

		if (in_areas(areas, nr, page) == hidden)
			return false;
	}
	return !nr || areas[nr - 1].end <= bar_len;
}

static void areas_match_oracle(struct kunit *test)
{
	static const u64 lengths[] = { PAGE, 2 * PAGE, BLOCK, SPACE, 2 * SPACE };
	struct ascend_range msix;
	struct ascend_layout layout;
	struct rnd_state rnd;
	u64 bar_len;
	u32 i;

	ascend_seed(test, &rnd);
	for (i = 0; i < ASCEND_RANDOM_CASES; i++) {
		random_layout(&rnd, &layout);
		bar_len = lengths[ascend_random(&rnd, ARRAY_SIZE(lengths))];
		msix.start = ascend_random(&rnd, bar_len) & ~7U;
		msix.end = msix.start;
		if (ascend_random(&rnd, 2))
			msix.end = min(msix.start + ascend_random(&rnd, 40), bar_len);
		if (!areas_agree(&layout, layout.regs[0].bar, bar_len, &msix)) {
			KUNIT_FAIL(test, "case %u: registers at %llu, %llu; BAR of %llu, MSI-X %llu-%llu", i,
				   layout.regs[0].offset, layout.regs[1].offset,
				   bar_len, msix.start, msix.end);
			return;
		}
	}
}

struct kunit_case ascend_oracle_cases[] = {
	KUNIT_CASE(split_matches_oracle),
	KUNIT_CASE(range_matches_oracle),
	KUNIT_CASE(areas_match_oracle),
	{}
};

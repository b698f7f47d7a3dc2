// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random lists of registers and ranges, compared with an oracle that looks at every byte
 * or every page by itself. Numbers are small so that everything collides often.
 */

#include "kunit.h"

#define SPACE		ASCEND_RANDOM_SPACE
#define PAGE		16U	/* pages of 16 bytes */
#define BLOCK		(4 * PAGE)
#define MAX_BAR		(2 * SPACE)

/**
 * struct scene - one random case
 * @regs: a list of registers, in BARs 0, 2 and 4
 * @bar: the BAR that is looked at
 * @owner: for each of its bytes the register that has it, NULL where none has
 */
struct scene {
	struct ascend_regs regs;
	unsigned int bar;
	const struct ascend_reg *owner[MAX_BAR + 1];
};

/* Of a chip's and of an operator's list, random ones that overlap as they like. */
static bool random_resolved(struct rnd_state *rnd, struct ascend_regs *regs)
{
	struct ascend_rules rules;
	struct ascend_regs own;

	ascend_random_own(rnd, &own);
	ascend_random_rules(rnd, &rules);
	return ascend_rules_resolve(&own, &rules, regs);
}

/* Registers one after the other, so that they come sorted and apart. */
static void random_apart(struct rnd_state *rnd, struct ascend_regs *regs)
{
	unsigned int wanted = 1 + ascend_random(rnd, ascend_random(rnd, 2) ? 3 : ASCEND_MAX_REGS);
	u64 pos = 0;
	u8 bar = 0;

	memset(regs, 0, sizeof(*regs));
	while (regs->nr < wanted) {
		struct ascend_reg *reg = &regs->reg[regs->nr];

		pos += ascend_random(rnd, 4) ? ascend_random(rnd, 2 * SPACE / wanted) : 0;
		reg->size = ascend_random(rnd, 4) ? 4 : 1 + ascend_random(rnd, 3 * PAGE);
		if (pos + reg->size > SPACE || !ascend_random(rnd, 8)) {
			if (bar == 4)
				break;
			bar += 2;
			pos = 0;
			continue;
		}
		reg->bar = bar;
		reg->offset = pos;
		pos += reg->size;
		regs->nr++;
	}
	if (!regs->nr)
		regs->reg[regs->nr++] = (struct ascend_reg) { .bar = 2, .offset = 8, .size = 4 };
}

static void random_regs(struct rnd_state *rnd, struct ascend_regs *regs)
{
	if (ascend_random(rnd, 2) || !random_resolved(rnd, regs))
		random_apart(rnd, regs);
}

static void random_scene(struct kunit *test, struct rnd_state *rnd, struct scene *scene)
{
	struct ascend_regs *regs = &scene->regs;
	unsigned int i;
	u64 pos;

	random_regs(rnd, regs);
	KUNIT_ASSERT_TRUE(test, ascend_regs_valid(regs));
	scene->bar = ascend_random(rnd, 8) ? regs->reg[ascend_random(rnd, regs->nr)].bar :
					     ascend_random(rnd, 9);
	memset(scene->owner, 0, sizeof(scene->owner));
	for (i = 0; i < regs->nr; i++)
		for (pos = 0; regs->reg[i].bar == scene->bar && pos < regs->reg[i].size; pos++)
			scene->owner[regs->reg[i].offset + pos] = &regs->reg[i];
}

/* Calls @agrees with a scene ASCEND_RANDOM_CASES times; a failure shows the scene. */
static void try_scenes(struct kunit *test,
		       bool (*agrees)(struct rnd_state *rnd, const struct scene *scene))
{
	struct scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);
	struct rnd_state rnd;
	unsigned int i, j;

	KUNIT_ASSERT_NOT_NULL(test, scene);
	ascend_seed(test, &rnd);
	for (i = 0; i < ASCEND_RANDOM_CASES; i++) {
		random_scene(test, &rnd, scene);
		if (agrees(&rnd, scene))
			continue;
		for (j = 0; j < scene->regs.nr; j++)
			kunit_info(test, "BAR%u [%llu, +%llu)\n", scene->regs.reg[j].bar,
				   scene->regs.reg[j].offset, scene->regs.reg[j].size);
		KUNIT_FAIL(test, "case %u, BAR%u", i, scene->bar);
		return;
	}
}

static bool split_agrees(struct rnd_state *rnd, const struct scene *scene)
{
	u64 pos = ascend_random(rnd, SPACE);
	size_t count = 1 + ascend_random(rnd, ascend_random(rnd, 2) ? 12 : SPACE);

	while (count) {
		const struct ascend_reg *reg;
		size_t len = 0, i;

		reg = ascend_split(&scene->regs, scene->bar, pos, count, &len);
		if (!len || len > count)
			return false;
		for (i = 0; i < len; i++)
			if (scene->owner[pos + i] != reg)
				return false;
		/* A piece is as long as it can be. */
		if (len < count && scene->owner[pos + len] == reg)
			return false;
		pos += len;
		count -= len;
	}
	return true;
}

static void split_matches_oracle(struct kunit *test)
{
	try_scenes(test, split_agrees);
}

/* A register must be seen; where there are two at most, or places are asked, nothing else. */
static bool spans_agree(struct rnd_state *rnd, const struct scene *scene)
{
	struct ascend_spans spans = ascend_find_spans(&scene->regs, scene->bar);
	u64 pos = ascend_random(rnd, 2 * SPACE), byte;
	size_t count = 1 + ascend_random(rnd, ascend_random(rnd, 2) ? 12 : SPACE);
	struct ascend_places places;
	unsigned int i, nr = 0;
	bool touched = false;

	if (!ascend_random(rnd, 8))
		count = SIZE_MAX - ascend_random(rnd, SPACE);
	for (i = 0; i < scene->regs.nr; i++)
		nr += scene->regs.reg[i].bar == scene->bar;
	for (byte = pos; byte - pos < count && byte < MAX_BAR; byte++)
		touched |= !!scene->owner[byte];
	if (!ascend_in_spans(&spans, pos, count))
		return !touched;
	return ascend_find_places(&scene->regs, scene->bar, &places) == nr &&
	       (touched || nr > 2) && ascend_at_reg(&places, pos, count) == touched;
}

static void spans_match_oracle(struct kunit *test)
{
	try_scenes(test, spans_agree);
}

static bool page_is_guarded(const struct scene *scene, u64 page)
{
	u64 pos;

	for (pos = page * PAGE; pos < (page + 1) * PAGE; pos++)
		if (scene->owner[pos])
			return true;
	return false;
}

static bool range_agrees(struct rnd_state *rnd, const struct scene *scene)
{
	u64 start = ascend_random(rnd, SPACE), len = 1 + ascend_random(rnd, 3 * PAGE), page;
	bool guarded = false;

	for (page = start / PAGE; page <= (start + len - 1) / PAGE; page++)
		guarded |= page_is_guarded(scene, page);
	return ascend_range_is_guarded(&scene->regs, scene->bar, start, len, PAGE) == guarded;
}

static void range_matches_oracle(struct kunit *test)
{
	try_scenes(test, range_agrees);
}

/* Aligned, not empty, and whole blocks share an area with nothing else. */
static bool area_is_sound(const struct ascend_range *area)
{
	bool whole = !(area->start % BLOCK) && !(area->end % BLOCK);
	bool has_block = roundup(area->start, BLOCK) + BLOCK <= area->end;

	return area->start < area->end && !(area->start % PAGE) && !(area->end % PAGE) &&
	       (whole || !has_block);
}

/* Going through the areas goes through the BAR: what is between two of them is hidden. */
static bool areas_agree(struct rnd_state *rnd, const struct scene *scene)
{
	static const u64 lengths[] = { PAGE, 2 * PAGE, BLOCK, SPACE, MAX_BAR };
	u64 len = lengths[ascend_random(rnd, ARRAY_SIZE(lengths))], page = 0;
	struct ascend_range msix, area = {};
	struct ascend_view view;
	bool more;

	msix.start = ascend_random(rnd, len) & ~7U;
	msix.end = ascend_random(rnd, 2) ? min(msix.start + ascend_random(rnd, 40), len) : 0;
	view = (struct ascend_view) {
		.regs = &scene->regs, .bar = scene->bar, .len = len, .msix = msix,
		.page_size = PAGE, .block_size = BLOCK,
	};
	do {
		u64 before = area.end, end;

		more = ascend_next_area(&view, before, &area);
		if (more && (!area_is_sound(&area) || area.start < before || area.end > len))
			return false;
		for (end = more ? area.end : len; page < end / PAGE; page++) {
			u64 start = page * PAGE;
			bool hidden = page_is_guarded(scene, page) ||
				      (msix.start < msix.end && msix.start < start + PAGE &&
				       msix.end > start);

			if (hidden == (more && start >= area.start))
				return false;
		}
	} while (more);
	return true;
}

static void areas_match_oracle(struct kunit *test)
{
	try_scenes(test, areas_agree);
}

struct kunit_case ascend_oracle_cases[] = {
	KUNIT_CASE(split_matches_oracle),
	KUNIT_CASE(spans_match_oracle),
	KUNIT_CASE(range_matches_oracle),
	KUNIT_CASE(areas_match_oracle),
	{}
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of an operator: what a text means, and what holds for each byte where rules and the
 * chip's registers overlap.
 */

#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "kunit.h"

#define SPACE	ASCEND_RANDOM_SPACE

/* --- what holds for a byte ------------------------------------------------------------- */

void ascend_random_own(struct rnd_state *rnd, struct ascend_regs *own)
{
	static const enum ascend_reg_kind kinds[] = {
		ASCEND_XLOADER, ASCEND_XLOADER, ASCEND_FEATURE, ASCEND_NODE,
	};
	unsigned int i, nr = 1 + ascend_random(rnd, ARRAY_SIZE(kinds));
	u64 pos = 0;

	memset(own, 0, sizeof(*own));
	for (i = 0; i < nr; i++) {
		/* Now and then two side by side, which must not become one. */
		pos += ascend_random(rnd, 4) ? 4 * ascend_random(rnd, SPACE / 16) : 0;
		own->reg[i] = (struct ascend_reg) {
			.kind = kinds[i], .bar = 2, .offset = pos, .size = 4,
		};
		snprintf(own->reg[i].name, sizeof(own->reg[i].name), "own%u", i);
		pos += 4;
	}
	own->nr = nr;
}

void ascend_random_rules(struct rnd_state *rnd, struct ascend_rules *rules)
{
	unsigned int i;

	memset(rules, 0, sizeof(*rules));
	rules->nr = ascend_random(rnd, ascend_random(rnd, 2) ? 4 : ASCEND_MAX_REGS + 1);
	for (i = 0; i < rules->nr; i++) {
		struct ascend_reg *rule = &rules->rule[i];
		u64 most;

		rule->bar = ascend_random(rnd, 4) ? 2 : 4 * ascend_random(rnd, 2);
		rule->kind = ascend_random(rnd, 2) ? ASCEND_HIDE : ASCEND_READ_ONLY;
		rule->quiet = ascend_random(rnd, 2);
		rule->offset = ascend_random(rnd, 8) ? ascend_random(rnd, SPACE) : 0;
		most = SPACE - rule->offset;
		rule->size = ascend_random(rnd, 8) ?
			     1 + ascend_random(rnd, min_t(u64, most, 24)) : most;
	}
}

/* The oracle: written apart from the driver, byte by byte, larger is stricter. */
static unsigned int wanted(const struct ascend_regs *own, const struct ascend_rules *rules,
			   unsigned int bar, u64 pos)
{
	unsigned int i, most = 0;

	for (i = 0; i < own->nr; i++)
		if (own->reg[i].bar == bar && pos >= own->reg[i].offset &&
		    pos < own->reg[i].offset + 4)
			return 100 + i;
	for (i = 0; i < rules->nr; i++) {
		const struct ascend_reg *rule = &rules->rule[i];
		unsigned int is = (rule->kind == ASCEND_HIDE ? 3 : 1) + !rule->quiet;

		if (rule->bar == bar && pos >= rule->offset && pos < rule->offset + rule->size)
			most = max(most, is);
	}
	return most;
}

static unsigned int found(const struct ascend_regs *own, const struct ascend_regs *regs,
			  unsigned int bar, u64 pos)
{
	unsigned int i, j;

	for (i = 0; i < regs->nr; i++) {
		const struct ascend_reg *reg = &regs->reg[i];

		if (reg->bar != bar || pos < reg->offset || pos >= reg->offset + reg->size)
			continue;
		if (reg->kind == ASCEND_HIDE || reg->kind == ASCEND_READ_ONLY)
			return (reg->kind == ASCEND_HIDE ? 3 : 1) + !reg->quiet;
		for (j = 0; j < own->nr; j++)
			if (!strcmp(own->reg[j].name, reg->name))
				return 100 + j;
		return 99;
	}
	return 0;
}

/* How many entries that must be: runs of bytes for which the same holds. */
static unsigned int runs(const struct ascend_regs *own, const struct ascend_rules *rules)
{
	unsigned int bar, nr = 0;
	u64 pos;

	for (bar = 0; bar < ASCEND_NR_BARS; bar++) {
		unsigned int before = 0;

		for (pos = 0; pos <= SPACE; pos++) {
			unsigned int is = wanted(own, rules, bar, pos);

			nr += is && is != before;
			before = is;
		}
	}
	return nr;
}

static bool names_are_right(const struct ascend_regs *regs)
{
	char name[ASCEND_REG_NAME_LEN];
	unsigned int i, nr = 0;

	for (i = 0; i < regs->nr; i++) {
		if (regs->reg[i].kind != ASCEND_HIDE && regs->reg[i].kind != ASCEND_READ_ONLY)
			continue;
		snprintf(name, sizeof(name), "rule%u", ++nr);
		if (strcmp(name, regs->reg[i].name))
			return false;
	}
	return true;
}

static noinline_for_stack bool resolve_agrees(const struct ascend_regs *own,
					      const struct ascend_rules *rules,
					      unsigned int *nr_refused)
{
	unsigned int bar, nr = runs(own, rules);
	struct ascend_regs regs;
	u64 pos;

	if (!ascend_rules_resolve(own, rules, &regs)) {
		++*nr_refused;
		return nr > ASCEND_MAX_REGS;
	}
	if (regs.nr != nr || !ascend_regs_valid(&regs) || !names_are_right(&regs))
		return false;
	for (bar = 0; bar < ASCEND_NR_BARS; bar++)
		for (pos = 0; pos <= SPACE; pos++)
			if (found(own, &regs, bar, pos) != wanted(own, rules, bar, pos))
				return false;
	return true;
}

static void strictest_holds_for_all_bytes(struct kunit *test)
{
	unsigned int i, j, nr_refused = 0;
	struct ascend_rules rules;
	struct ascend_regs own;
	struct rnd_state rnd;

	ascend_seed(test, &rnd);
	/* Each looks at all bytes of all BARs, so that a hundredth takes as long as others' all. */
	for (i = 0; i < ASCEND_RANDOM_CASES / 100; i++) {
		cond_resched();
		ascend_random_own(&rnd, &own);
		ascend_random_rules(&rnd, &rules);
		if (resolve_agrees(&own, &rules, &nr_refused))
			continue;
		for (j = 0; j < own.nr; j++)
			kunit_info(test, "own [%llu, +4)\n", own.reg[j].offset);
		for (j = 0; j < rules.nr; j++)
			kunit_info(test, "rule BAR%u [%llu, +%llu) %u quiet %u\n",
				   rules.rule[j].bar, rules.rule[j].offset, rules.rule[j].size,
				   rules.rule[j].kind, rules.rule[j].quiet);
		KUNIT_FAIL(test, "case %u", i);
		return;
	}
	/* Neither all nor none were too many. */
	KUNIT_EXPECT_GT(test, nr_refused, 0U);
	KUNIT_EXPECT_LT(test, nr_refused, i / 2);
}

/* Rules that contain, touch, precede and follow the chip's registers leave them alone. */
static void own_registers_are_kept(struct kunit *test)
{
	static const struct {
		u64 offset, size;
	} ways[] = {
		{ 0, SZ_4K }, { 0x100, 4 }, { 0x100, 2 }, { 0x102, 2 }, { 0x101, 1 }, { 0xfc, 8 },
		{ 0xfe, 4 }, { 0x102, 8 }, { 0x104, 4 }, { 0xfc, 4 }, { 0x103, 6 }, { 0x100, 12 },
	};
	static const struct ascend_regs own = {
		.nr = 2,
		.reg = {
			{ "a", ASCEND_XLOADER, .trap = 0, .bar = 2, .offset = 0x100, .size = 4 },
			{ "b", ASCEND_FEATURE, .trap = 1, .bar = 2, .offset = 0x108, .size = 4 },
		},
	};
	unsigned int i, j, kind;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		for (kind = ASCEND_HIDE; kind <= ASCEND_READ_ONLY; kind++) {
			struct ascend_rules rules = {
				.nr = 1,
				.rule = { { .kind = kind, .bar = 2, .offset = ways[i].offset,
					    .size = ways[i].size } },
			};
			struct ascend_regs regs;
			unsigned int kept = 0;

			KUNIT_ASSERT_TRUE(test, ascend_rules_resolve(&own, &rules, &regs));
			KUNIT_EXPECT_TRUE(test, ascend_regs_valid(&regs));
			for (j = 0; j < regs.nr; j++)
				kept += !memcmp(&regs.reg[j], &own.reg[0], sizeof(own.reg[0])) ||
					!memcmp(&regs.reg[j], &own.reg[1], sizeof(own.reg[1]));
			KUNIT_EXPECT_EQ_MSG(test, kept, own.nr, "[0x%llx, +0x%llx)",
					    ways[i].offset, ways[i].size);
		}
}

/* --- text ------------------------------------------------------------------------------ */

static const u64 bar_len[ASCEND_NR_BARS] = { SZ_1M, 0, SZ_64K, 0, ASCEND_BAR_LEN_MAX };

static int parse(struct kunit *test, const char *text, struct ascend_rules *rules,
		 unsigned int *line)
{
	char *copy = kunit_kzalloc(test, strlen(text) + 1, GFP_KERNEL);
	const char *why = NULL;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, text, strlen(text));
	ret = ascend_rules_parse(copy, bar_len, rules, line, &why);
	KUNIT_EXPECT_EQ_MSG(test, !ret, !why, "%s", text);
	return ret;
}

static void good_text_is_understood(struct kunit *test)
{
	static const struct {
		const char *text;
		struct ascend_reg want;
	} rows[] = {
		{ "BAR0 1000-2000 ro", { .kind = ASCEND_READ_ONLY, .offset = 0x1000, .size = 0x1000 } },
		{ "BAR0 0x1000-0x2000 hide\n", { .kind = ASCEND_HIDE, .offset = 0x1000, .size = 0x1000 } },
		{ " \tBAR0  0-1\tro log ", { .kind = ASCEND_READ_ONLY, .size = 1 } },
		{ "BAR0 fffff-100000 hide nolog\r\n",
		  { .kind = ASCEND_HIDE, .quiet = true, .offset = 0xfffff, .size = 1 } },
		{ "\n\n;BAR2 0-10000 ro;\n",
		  { .kind = ASCEND_READ_ONLY, .bar = 2, .size = SZ_64K } },
		{ "BAR4 0-10000000000 hide",
		  { .kind = ASCEND_HIDE, .bar = 4, .size = ASCEND_BAR_LEN_MAX } },
	};
	struct ascend_rules rules;
	unsigned int i, line;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_ASSERT_EQ_MSG(test, parse(test, rows[i].text, &rules, &line), 0, "%s",
				    rows[i].text);
		KUNIT_ASSERT_EQ(test, rules.nr, 1U);
		KUNIT_EXPECT_EQ(test, rules.rule[0].kind, rows[i].want.kind);
		KUNIT_EXPECT_EQ(test, rules.rule[0].quiet, rows[i].want.quiet);
		KUNIT_EXPECT_EQ(test, rules.rule[0].bar, rows[i].want.bar);
		KUNIT_EXPECT_EQ(test, rules.rule[0].offset, rows[i].want.offset);
		KUNIT_EXPECT_EQ(test, rules.rule[0].size, rows[i].want.size);
	}
	KUNIT_EXPECT_EQ(test, parse(test, "", &rules, &line), 0);
	KUNIT_EXPECT_EQ(test, parse(test, "\n ;\t\n", &rules, &line), 0);
	KUNIT_EXPECT_EQ(test, rules.nr, 0U);
	KUNIT_EXPECT_EQ(test, parse(test, "BAR0 0-1 ro;BAR0 1-2 ro\nBAR4 1-2 hide", &rules, &line), 0);
	KUNIT_EXPECT_EQ(test, rules.nr, 3U);
	KUNIT_EXPECT_EQ(test, (unsigned int)rules.rule[2].bar, 4U);
}

static void bad_text_is_refused(struct kunit *test)
{
	static const char * const bad[] = {
		"BAR1 0-1 ro", "BAR3 0-1 ro", "BAR5 0-1 ro", "BAR6 0-1 ro", "BAR 0-1 ro",
		"BAR00 0-1 ro", "bar0 0-1 ro", "0 0-1 ro", "BAR-1 0-1 ro", "BAR0", "BAR0 0-1",
		"BAR0 ro", "BAR0 0 ro", "BAR0 -1 ro", "BAR0 0- ro", "BAR0 - ro", "BAR0 0-1-2 ro",
		"BAR0 0x-1 ro", "BAR0 +0-1 ro", "BAR0 0-+1 ro", "BAR0 -0-1 ro", "BAR0 0 - 1 ro",
		"BAR0 0-g ro", "BAR0 1-1 ro", "BAR0 2-1 ro", "BAR0 0-0 ro", "BAR0 0-100001 ro",
		"BAR2 0-10001 ro", "BAR2 10000-10001 ro", "BAR4 0-10000000001 ro",
		"BAR0 0-ffffffffffffffff ro", "BAR0 ffffffffffffffff-0 ro",
		"BAR0 0-10000000000000001 ro", "BAR0 10000000000000000-10000000000000001 ro",
		"BAR0 0-1 rw", "BAR0 0-1 roo", "BAR0 0-1 RO", "BAR0 0-1 hidden", "BAR0 0-1 xloader",
		"BAR0 0-1 ro yes", "BAR0 0-1 ro log log", "BAR0 0-1 ro log #", "# BAR0 0-1 ro", "clear",
	};
	struct ascend_rules rules;
	char two[64];
	unsigned int i, line;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_EQ_MSG(test, parse(test, bad[i], &rules, &line), -EINVAL, "%s", bad[i]);
		KUNIT_EXPECT_EQ(test, line, 1U);
		/* One bad line among good ones is enough, and is the one that is named. */
		snprintf(two, sizeof(two), "BAR0 4-8 ro\n\n%s", bad[i]);
		KUNIT_EXPECT_EQ(test, parse(test, two, &rules, &line), -EINVAL);
		KUNIT_EXPECT_EQ(test, line, 3U);
	}
}

static void too_many_lines_are_refused(struct kunit *test)
{
	char *text = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	struct ascend_rules rules;
	unsigned int i, line;

	KUNIT_ASSERT_NOT_NULL(test, text);
	for (i = 0; i <= ASCEND_MAX_REGS; i++) {
		KUNIT_EXPECT_EQ(test, parse(test, text, &rules, &line), 0);
		KUNIT_EXPECT_EQ(test, rules.nr, i);
		strcat(text, "BAR0 0-1 ro\n");
	}
	KUNIT_EXPECT_EQ(test, parse(test, text, &rules, &line), -ENOSPC);
	KUNIT_EXPECT_EQ(test, line, ASCEND_MAX_REGS + 1);
}

struct kunit_case ascend_rules_cases[] = {
	KUNIT_CASE(strictest_holds_for_all_bytes),
	KUNIT_CASE(own_registers_are_kept),
	KUNIT_CASE(good_text_is_understood),
	KUNIT_CASE(bad_text_is_refused),
	KUNIT_CASE(too_many_lines_are_refused),
	{}
};

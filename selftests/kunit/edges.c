// SPDX-License-Identifier: GPL-2.0-only
/*
 * The edges by name, and the shipped table.
 */

#include <linux/sizes.h>
#include <linux/string.h>

#include "kunit.h"

static const struct ascend_regs good = {
	.nr = 2,
	.reg = {
		{ .name = "a", .kind = ASCEND_XLOADER, .bar = 2, .offset = 0x100, .size = 4 },
		{ .name = "b", .kind = ASCEND_FEATURE, .bar = 2, .offset = 0x108, .size = 4 },
	},
};

static void shipped_table_is_valid(struct kunit *test)
{
	unsigned int i, j;

	KUNIT_EXPECT_STREQ(test, ascend_models_fault() ?: "", "");
	for (i = 0; i < ascend_nr_layouts; i++) {
		const struct ascend_layout *layout = &ascend_layouts[i];

		KUNIT_EXPECT_PTR_EQ(test, ascend_layout_by_name(layout->name), layout);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, strcmp(layout->name, ascend_layouts[j].name), 0);
	}
	KUNIT_EXPECT_NULL(test, ascend_layout_by_name("910a"));
	KUNIT_EXPECT_NULL(test, ascend_layout_by_name(""));
}

/* The names that messages show are all the names. */
static void every_name_is_shown(struct kunit *test)
{
	char names[ASCEND_NAMES_LEN], *rest = names, *name;
	unsigned int i = 0;

	ascend_layout_names(names);
	while ((name = strsep(&rest, ","))) {
		KUNIT_ASSERT_LT(test, i, ascend_nr_layouts);
		KUNIT_EXPECT_STREQ(test, skip_spaces(name), ascend_layouts[i].name);
		i++;
	}
	KUNIT_EXPECT_EQ(test, i, ascend_nr_layouts);
}

#define EXPECT_REFUSED(field, value) do {				\
	struct ascend_regs bad = good;					\
									\
	bad.field = value;						\
	KUNIT_EXPECT_FALSE_MSG(test, ascend_regs_valid(&bad),		\
			       #field " = " #value);			\
} while (0)

static void bad_lists_are_refused(struct kunit *test)
{
	KUNIT_ASSERT_TRUE(test, ascend_regs_valid(&good));

	EXPECT_REFUSED(nr, 0);
	EXPECT_REFUSED(nr, ASCEND_MAX_REGS + 1);
	EXPECT_REFUSED(nr, 3);					/* an empty register */
	EXPECT_REFUSED(reg[0].kind, ASCEND_NR_REG_KINDS);
	EXPECT_REFUSED(reg[0].bar, ASCEND_NR_BARS);
	EXPECT_REFUSED(reg[0].bar, 4);				/* BARs unsorted */
	EXPECT_REFUSED(reg[0].offset, 0x10c);			/* unsorted */
	EXPECT_REFUSED(reg[0].size, 9);				/* overlap */
	EXPECT_REFUSED(reg[1].offset, 0x100);			/* the same place */
	EXPECT_REFUSED(reg[1].offset, 0x102);			/* overlap */
	EXPECT_REFUSED(reg[1].offset, ASCEND_BAR_LEN_MAX - 3);	/* one byte too far */
	EXPECT_REFUSED(reg[1].offset, U64_MAX - 3);
	EXPECT_REFUSED(reg[1].size, 0);
	EXPECT_REFUSED(reg[1].size, ASCEND_BAR_LEN_MAX);
	EXPECT_REFUSED(reg[1].size, U64_MAX);
}

static void split_at(struct kunit *test, u64 pos, size_t count, size_t want_len,
		     int want_reg)
{
	const struct ascend_reg *want = want_reg < 0 ? NULL : &good.reg[want_reg];
	const struct ascend_reg *reg;
	size_t len;

	reg = ascend_split(&good, 2, pos, count, &len);
	KUNIT_EXPECT_PTR_EQ_MSG(test, reg, want, "pos 0x%llx count %zu", pos, count);
	KUNIT_EXPECT_EQ_MSG(test, len, want_len, "pos 0x%llx count %zu", pos, count);
}

static void split_edges(struct kunit *test)
{
	split_at(test, 0xff, 1, 1, -1);		/* the byte before */
	split_at(test, 0x100, 1, 1, 0);		/* the first byte */
	split_at(test, 0x103, 1, 1, 0);		/* the last byte */
	split_at(test, 0x104, 1, 1, -1);	/* the byte after */
	split_at(test, 0xfc, 8, 4, -1);		/* ends inside */
	split_at(test, 0x102, 8, 2, 0);		/* begins inside */
	split_at(test, 0x104, 8, 4, -1);	/* between the two */
	split_at(test, 0x100, 0x1000, 4, 0);	/* long, begins at one */
	split_at(test, 0, 0x1000, 0x100, -1);	/* long, over both */
	split_at(test, 0x10c, SIZE_MAX, SIZE_MAX, -1);
	split_at(test, U64_MAX, 1, 1, -1);
}

static void span_edges(struct kunit *test)
{
	struct ascend_spans spans = ascend_find_spans(&good, 2);

	KUNIT_EXPECT_FALSE(test, ascend_in_spans(&spans, 0, 0x100));
	KUNIT_EXPECT_TRUE(test, ascend_in_spans(&spans, 0, 0x101));
	KUNIT_EXPECT_TRUE(test, ascend_in_spans(&spans, 0x103, 1));
	KUNIT_EXPECT_FALSE(test, ascend_in_spans(&spans, 0x104, 4));
	KUNIT_EXPECT_TRUE(test, ascend_in_spans(&spans, 0x104, 5));
	KUNIT_EXPECT_TRUE(test, ascend_in_spans(&spans, 0x10b, 1));
	KUNIT_EXPECT_FALSE(test, ascend_in_spans(&spans, 0x10c, SIZE_MAX));
	/* pos + count is 0, and less. */
	KUNIT_EXPECT_TRUE(test, ascend_in_spans(&spans, 1, SIZE_MAX));
	KUNIT_EXPECT_TRUE(test, ascend_in_spans(&spans, 0xff, SIZE_MAX));
	KUNIT_EXPECT_FALSE(test, ascend_in_spans(&spans, U64_MAX, SIZE_MAX));
	/* A BAR without registers. */
	spans = ascend_find_spans(&good, 0);
	KUNIT_EXPECT_FALSE(test, ascend_in_spans(&spans, 0, SIZE_MAX));
}

static void range_edges(struct kunit *test)
{
	struct ascend_regs regs = good;

	regs.nr = 1;
	regs.reg[0].offset = SZ_2M;
#define GUARDED(start, len, page) ascend_range_is_guarded(&regs, 2, start, len, page)
	KUNIT_EXPECT_TRUE(test, GUARDED(SZ_2M, SZ_4K, SZ_4K));
	KUNIT_EXPECT_FALSE(test, GUARDED(SZ_2M - SZ_4K, SZ_4K, SZ_4K));
	KUNIT_EXPECT_FALSE(test, GUARDED(SZ_2M + SZ_4K, SZ_4K, SZ_4K));
	KUNIT_EXPECT_TRUE(test, GUARDED(SZ_2M + SZ_4K, SZ_4K, SZ_64K));
	KUNIT_EXPECT_TRUE(test, GUARDED(0, SZ_2M + 1, SZ_4K));
	KUNIT_EXPECT_FALSE(test, GUARDED(0, SZ_2M, SZ_4K));
	KUNIT_EXPECT_TRUE(test, GUARDED(0, U64_MAX, SZ_4K));
	/* A sum that wraps must not look like a short range. */
	KUNIT_EXPECT_TRUE(test, GUARDED(SZ_4M, U64_MAX - SZ_1M, SZ_4K));
	KUNIT_EXPECT_TRUE(test, GUARDED(U64_MAX, 1, SZ_4K));
	/* A register that straddles two pages guards both. */
	regs.reg[0].offset = SZ_2M - 1;
	KUNIT_EXPECT_TRUE(test, GUARDED(SZ_2M - SZ_4K, 1, SZ_4K));
	KUNIT_EXPECT_TRUE(test, GUARDED(SZ_2M + SZ_4K - 1, 1, SZ_4K));
	KUNIT_EXPECT_FALSE(test, GUARDED(SZ_2M + SZ_4K, 1, SZ_4K));
#undef GUARDED
	KUNIT_EXPECT_FALSE(test, ascend_range_is_guarded(&regs, 0, SZ_2M, SZ_4K, SZ_4K));
}

/* The registers of a device whose BARs all have one length; feature where it is listed. */
static void resolve(struct kunit *test, const char *name, u64 bar_len,
		    struct ascend_regs *regs)
{
	const struct ascend_layout *layout = ascend_layout_by_name(name);
	struct ascend_identity id = {};
	unsigned int bar;

	KUNIT_ASSERT_NOT_NULL_MSG(test, layout, "%s", name);
	for (bar = 0; bar < ASCEND_NR_BARS; bar++)
		id.bar_len[bar] = bar_len;
	KUNIT_ASSERT_NULL_MSG(test, ascend_layout_resolve(layout, &id, false, regs), "%s", name);
}

static void expect_areas(struct kunit *test, const char *name, u64 bar_len,
			 struct ascend_range msix, u64 page, u64 block,
			 const struct ascend_range *want, unsigned int nr_want)
{
	struct ascend_range area = {};
	struct ascend_regs regs;
	struct ascend_view view = {
		.regs = &regs, .len = bar_len, .msix = msix, .page_size = page,
		.block_size = block,
	};
	unsigned int nr = 0;

	resolve(test, name, bar_len, &regs);
	view.bar = regs.reg[0].bar;
	while (ascend_next_area(&view, area.end, &area)) {
		KUNIT_ASSERT_LT_MSG(test, nr, nr_want, "%s", name);
		KUNIT_EXPECT_EQ_MSG(test, area.start, want[nr].start, "%s", name);
		KUNIT_EXPECT_EQ_MSG(test, area.end, want[nr].end, "%s", name);
		nr++;
	}
	KUNIT_EXPECT_EQ_MSG(test, nr, nr_want, "%s", name);
}

#define EXPECT_AREAS(name, bar_len, msix, page, block, ...) do {		\
	static const struct ascend_range want[] = { __VA_ARGS__ };		\
										\
	expect_areas(test, name, bar_len, (struct ascend_range)msix, page,	\
		     block, want, ARRAY_SIZE(want));				\
} while (0)
#define NO_MSIX { 0, 0 }
#define R(...) { __VA_ARGS__ }

static void area_edges(struct kunit *test)
{
	/* The one the design spells out. */
	EXPECT_AREAS("910a2-pf", SZ_512M, NO_MSIX, SZ_4K, SZ_2M,
		     R(0, 0x18200000), R(0x18200000, 0x18208000),
		     R(0x18209000, 0x18400000), R(0x18400000, SZ_512M));
	/* 64 KiB pages: a block as large as the BAR. */
	EXPECT_AREAS("910a2-pf", SZ_512M, NO_MSIX, SZ_64K, SZ_512M,
		     R(0, 0x18200000), R(0x18210000, SZ_512M));
	/* A hole at the very start leaves nothing before it. */
	EXPECT_AREAS("310b", SZ_2M, NO_MSIX, SZ_64K, SZ_512M,
		     R(SZ_64K, SZ_2M));
	/* A BAR that is all hole. */
	expect_areas(test, "310", SZ_4K, (struct ascend_range)NO_MSIX, SZ_4K, SZ_2M, NULL, 0);
	/* MSI-X table in the guarded BAR: at its end, beside the hole, and before it. */
	EXPECT_AREAS("910", SZ_1M, R(0xff000, 0xff800), SZ_4K, SZ_2M,
		     R(0, 0x80000), R(0x81000, 0xff000));
	EXPECT_AREAS("910", SZ_1M, R(0x81000, 0x82000), SZ_4K, SZ_2M,
		     R(0, 0x80000), R(0x82000, SZ_1M));
	EXPECT_AREAS("910", SZ_1M, R(0x1000, 0x2000), SZ_4K, SZ_2M,
		     R(0, 0x1000), R(0x2000, 0x80000), R(0x81000, SZ_1M));
	/* Two dies, two holes, whole blocks between them. */
	EXPECT_AREAS("310p-duo", SZ_256M, NO_MSIX, SZ_4K, SZ_2M,
		     R(0, 0x100000), R(0x101000, SZ_2M), R(SZ_2M, 0x8000000),
		     R(0x8000000, 0x8100000), R(0x8101000, 0x8200000),
		     R(0x8200000, SZ_256M));
}

/* An address is hexadecimal digits and nothing else, as many as the kernel prints. */
static void addresses_are_parsed_strictly(struct kunit *test)
{
	static const struct {
		const char *text;
		bool good;
		unsigned int domain, bus, devfn;
	} rows[] = {
		{ "0000:81:00.0", true, 0, 0x81, 0 },
		{ "81:1f.7", true, 0, 0x81, 0xff },
		{ "00fF:Ab:0c.3", true, 0xff, 0xab, 0x63 },
		{ "10000:e1:00.0", true, 0x10000, 0xe1, 0 },
		{ "0000:0x:00.0" }, { "0x00:81:00.0" }, { "0000:81:0x.0" }, { "0000:81:00.x" },
		{ "0000:81:00.8" }, { "0000:81:20.0" }, { "0000:81:00.0 " }, { " 0000:81:00.0" },
		{ "0000:81:00.00" }, { "0000:1:00.0" }, { "000:81:00.0" }, { "0000:+1:00.0" },
		{ "0000:-1:00.0" }, { "0000:81:00" }, { "0000:81.0" }, { "0000::00.0" },
		{ "000000000:81:00.0" }, { "81:00.0x" }, { "" }, { ":" }, { "." },
	};
	unsigned int i, domain, bus, devfn;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_EXPECT_EQ_MSG(test, !ascend_parse_bdf(rows[i].text, &domain, &bus, &devfn),
				    rows[i].good, "\"%s\"", rows[i].text);
		if (!rows[i].good)
			continue;
		KUNIT_EXPECT_EQ(test, domain, rows[i].domain);
		KUNIT_EXPECT_EQ(test, bus, rows[i].bus);
		KUNIT_EXPECT_EQ(test, devfn, rows[i].devfn);
	}
}

struct kunit_case ascend_edge_cases[] = {
	KUNIT_CASE(shipped_table_is_valid),
	KUNIT_CASE(every_name_is_shown),
	KUNIT_CASE(bad_lists_are_refused),
	KUNIT_CASE(split_edges),
	KUNIT_CASE(span_edges),
	KUNIT_CASE(range_edges),
	KUNIT_CASE(area_edges),
	KUNIT_CASE(addresses_are_parsed_strictly),
	{}
};

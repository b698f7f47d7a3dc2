// SPDX-License-Identifier: GPL-2.0-only
/*
 * The edges by name, the shipped table, and the choice of a layout.
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

/* One row a device: its ids, what the PCI core says of it, its BARs, and what it gets. */
#define PF	.is_physfn = true
#define VF	.is_virtfn = true
#define ID(_vendor, _device, _sub)	.vendor = _vendor, .device = _device, .subdevice = _sub
#define BARS(...)	.bar_len = { __VA_ARGS__ }

static const struct {
	const char *what;
	struct ascend_identity id;
	const char *named;	/* by layout=; NULL for none */
	const char *want;	/* NULL: refused */
} devices[] = {
	/* Every id, with nothing but the BARs to tell. */
	{ "310", { ID(0x19e5, 0xd100, 0), BARS(0, 0, 0, 0, SZ_1M) }, NULL, "310" },
	{ "310B", { ID(0x19e5, 0xd105, 0), BARS(0, 0, SZ_1M) }, NULL, "310b" },
	{ "310P, first id", { ID(0x19e5, 0xd500, 0x100), BARS(0, 0, SZ_32M) }, NULL, "310p" },
	{ "310P, last id", { ID(0x19e5, 0xd500, 0x10f), BARS(0, 0, SZ_32M) }, NULL, "310p" },
	{ "310P, d501", { ID(0x19e5, 0xd501, 0x100), BARS(0, 0, SZ_32M) }, NULL, "310p" },
	{ "duo, first id", { ID(0x19e5, 0xd500, 0x110), BARS(0, 0, SZ_256M) }, NULL, "310p-duo" },
	{ "duo, last id", { ID(0x19e5, 0xd500, 0x11f), BARS(0, 0, SZ_256M) }, NULL, "310p-duo" },
	{ "duo, d501", { ID(0x19e5, 0xd501, 0x110), BARS(0, 0, SZ_256M) }, NULL, "310p-duo" },
	{ "910", { ID(0x19e5, 0xd801, 0), BARS(SZ_1M) }, NULL, "910" },
	{ "910A2 PF", { ID(0x19e5, 0xd802, 0x3002), BARS(0, 0, SZ_512M) }, NULL, "910a2-pf" },
	{ "910A2 PF, d804", { ID(0x19e5, 0xd804, 0), BARS(0, 0, SZ_512M) }, NULL, "910a2-pf" },
	{ "910A3 PF", { ID(0x19e5, 0xd803, 0), BARS(0, 0, SZ_512M) }, NULL, "910a3-pf" },
	{ "950 PF", { ID(0x19e5, 0xd806, 0), BARS(0, 0, SZ_256M) }, NULL, "950-pf" },
	{ "950 PF, d807", { ID(0x19e5, 0xd807, 0), BARS(0, 0, SZ_256M) }, NULL, "950-pf" },
	{ "950 PF, d808", { ID(0x19e5, 0xd808, 0), BARS(0, 0, SZ_256M) }, NULL, "950-pf" },
	/* VFs in a guest. */
	{ "910A2 VF, nested", { ID(0x19e5, 0xd802, 0), BARS(0, 0, SZ_64M) }, NULL, "910a2-vf" },
	{ "910A2 VF, d805", { ID(0x19e5, 0xd805, 0), BARS(0, 0, SZ_64M) }, NULL, "910a2-vf" },
	{ "910A3 VF, nested", { ID(0x19e5, 0xd803, 0), BARS(0, 0, SZ_64M) }, NULL, "910a3-vf" },
	{ "950 VF, nested", { ID(0x19e5, 0xd806, 0), BARS(0, 0, SZ_1M) }, NULL, "950-vf" },
	/* On a host the PCI core knows, whatever the BARs would allow. */
	{ "910A2 PF, known", { ID(0x19e5, 0xd802, 0), PF, BARS(0, 0, SZ_512M) }, NULL, "910a2-pf" },
	{ "910A2 VF, known", { ID(0x19e5, 0xd802, 0), VF, BARS(0, 0, SZ_64M) }, NULL, "910a2-vf" },
	{ "910A2 VF, large BAR", { ID(0x19e5, 0xd802, 0), VF, BARS(0, 0, SZ_512M) }, NULL, "910a2-vf" },
	{ "910A3 VF, large BAR", { ID(0x19e5, 0xd803, 0), VF, BARS(0, 0, SZ_512M) }, NULL, "910a3-vf" },
	{ "950 VF, large BAR", { ID(0x19e5, 0xd807, 0), VF, BARS(0, 0, SZ_256M) }, NULL, "950-vf" },
	{ "910 with SR-IOV", { ID(0x19e5, 0xd801, 0), PF, BARS(SZ_1M) }, NULL, "910" },
	{ "PF, only a VF fits", { ID(0x19e5, 0xd802, 0), PF, BARS(0, 0, SZ_64M) }, NULL, NULL },
	{ "950 PF, only a VF fits", { ID(0x19e5, 0xd806, 0), PF, BARS(0, 0, SZ_1M) }, NULL, NULL },
	{ "PF with a VF's id", { ID(0x19e5, 0xd805, 0), PF, BARS(0, 0, SZ_512M) }, NULL, NULL },
	{ "VF with a PF's id", { ID(0x19e5, 0xd804, 0), VF, BARS(0, 0, SZ_512M) }, NULL, NULL },
	{ "VF, nothing fits", { ID(0x19e5, 0xd802, 0), VF, BARS(0, 0, SZ_16M) }, NULL, NULL },
	{ "VF of a 310", { ID(0x19e5, 0xd100, 0), VF, BARS(0, 0, 0, 0, SZ_1M) }, NULL, NULL },
	{ "VF of a 310B", { ID(0x19e5, 0xd105, 0), VF, BARS(0, 0, SZ_1M) }, NULL, NULL },
	{ "VF of a 310P", { ID(0x19e5, 0xd500, 0x100), VF, BARS(0, 0, SZ_32M) }, NULL, NULL },
	{ "VF of a 910", { ID(0x19e5, 0xd801, 0), VF, BARS(SZ_1M) }, NULL, NULL },
	{ "VF of a 310, named", { ID(0x19e5, 0xd100, 0), VF, BARS(0, 0, 0, 0, SZ_1M) }, "310", NULL },
	/* The register's last byte is the BAR's last byte, and one short of it. */
	{ "exact fit", { ID(0x19e5, 0xd100, 0), BARS(0, 0, 0, 0, 0x404) }, NULL, "310" },
	{ "one byte short", { ID(0x19e5, 0xd100, 0), BARS(0, 0, 0, 0, 0x403) }, NULL, NULL },
	{ "BAR too small", { ID(0x19e5, 0xd802, 0), BARS(0, 0, SZ_16M) }, NULL, NULL },
	{ "BAR missing", { ID(0x19e5, 0xd801, 0), BARS(0, 0, SZ_512M) }, NULL, NULL },
	{ "duo, half too small", { ID(0x19e5, 0xd500, 0x110), BARS(0, 0, SZ_2M) }, NULL, NULL },
	/* Ids that nobody knows, and what a name may do about it. */
	{ "310P below the ids", { ID(0x19e5, 0xd500, 0xff), BARS(0, 0, SZ_256M) }, NULL, NULL },
	{ "310P above the ids", { ID(0x19e5, 0xd500, 0x120), BARS(0, 0, SZ_256M) }, NULL, NULL },
	{ "the same, named", { ID(0x19e5, 0xd500, 0x120), BARS(0, 0, SZ_256M) }, "310p", "310p" },
	{ "the same, two dies", { ID(0x19e5, 0xd500, 0x120), BARS(0, 0, SZ_256M) }, "310p-duo", "310p-duo" },
	{ "another chip's name", { ID(0x19e5, 0xd500, 0x120), BARS(SZ_1M, 0, SZ_256M) }, "910", NULL },
	{ "unknown device", { ID(0x19e5, 0xd8ff, 0), BARS(SZ_512M, 0, SZ_512M) }, NULL, NULL },
	{ "unknown device, named", { ID(0x19e5, 0xd8ff, 0), BARS(SZ_512M, 0, SZ_512M) }, "910", NULL },
	{ "rebranded 910A2", { ID(0x20c6, 0xd802, 0), BARS(0, 0, SZ_512M) }, NULL, "910a2-pf" },
	{ "rebranded VF", { ID(0x203f, 0xd802, 0), VF, BARS(0, 0, SZ_512M) }, NULL, "910a2-vf" },
	{ "rebranded 310P", { ID(0x20e9, 0xd500, 0x100), BARS(0, 0, SZ_32M) }, NULL, "310p" },
	{ "rebranded VF of a 310P", { ID(0x20e9, 0xd500, 0x100), VF, BARS(0, 0, SZ_32M) }, NULL, NULL },
	{ "rebranded 910A3", { ID(0x20c6, 0xd803, 0), BARS(0, 0, SZ_512M) }, NULL, NULL },
	{ "other vendor", { ID(0x2092, 0xd802, 0), BARS(0, 0, SZ_512M) }, NULL, NULL },
	{ "other vendor, named", { ID(0x2092, 0xd802, 0), BARS(0, 0, SZ_512M) }, "910a2-pf", "910a2-pf" },
	{ "its VF, PF named", { ID(0x2092, 0xd802, 0), VF, BARS(0, 0, SZ_512M) }, "910a2-pf", NULL },
	{ "its VF, VF named", { ID(0x2092, 0xd802, 0), VF, BARS(0, 0, SZ_512M) }, "910a2-vf", "910a2-vf" },
	{ "its PF, VF named", { ID(0x2092, 0xd802, 0), PF, BARS(0, 0, SZ_512M) }, "910a2-vf", NULL },
	{ "PF by its BAR, VF named", { ID(0x2092, 0xd802, 0), BARS(0, 0, SZ_512M) }, "910a2-vf", NULL },
	/* A name for a device that is known. */
	{ "its own name", { ID(0x19e5, 0xd802, 0), BARS(0, 0, SZ_512M) }, "910a2-pf", "910a2-pf" },
	{ "a VF's for a PF", { ID(0x19e5, 0xd802, 0), BARS(0, 0, SZ_512M) }, "910a2-vf", NULL },
	{ "a PF's for a VF", { ID(0x19e5, 0xd802, 0), VF, BARS(0, 0, SZ_512M) }, "910a2-pf", NULL },
	{ "its sister's", { ID(0x19e5, 0xd802, 0), BARS(0, 0, SZ_512M) }, "910a3-pf", NULL },
	{ "one die of a duo", { ID(0x19e5, 0xd500, 0x110), BARS(0, 0, SZ_256M) }, "310p", NULL },
	{ "a name that fits instead", { ID(0x19e5, 0xd802, 0), BARS(0, 0, SZ_1M) }, "310b", NULL },
	{ "a name for a misfit", { ID(0x19e5, 0xd500, 0x110), BARS(0, 0, SZ_2M) }, "310p", NULL },
};

static void layout_is_chosen_or_refused(struct kunit *test)
{
	struct ascend_regs regs;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		const char *named = devices[i].named, *why = NULL;
		const struct ascend_layout *layout;

		layout = ascend_layout_choose(&devices[i].id,
					      named ? ascend_layout_by_name(named) : NULL,
					      false, &regs, &why);
		KUNIT_EXPECT_STREQ_MSG(test, layout ? layout->name : "refused",
				       devices[i].want ?: "refused", "%s", devices[i].what);
		if (layout)
			KUNIT_EXPECT_TRUE_MSG(test, ascend_regs_valid(&regs), "%s", devices[i].what);
		else
			KUNIT_EXPECT_NOT_NULL_MSG(test, why, "%s", devices[i].what);
	}
}

/* The second die's registers are at half of the BAR, whatever its length. */
static void two_dies_are_two_halves(struct kunit *test)
{
	static const u64 lengths[] = { SZ_4M, SZ_256M, SZ_512M, 1ULL << 33 };
	struct ascend_identity id = { ID(0x19e5, 0xd500, 0x110) };
	const struct ascend_layout *duo = ascend_layout_by_name("310p-duo");
	struct ascend_regs regs;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		id.bar_len[0] = SZ_64M;
		id.bar_len[2] = lengths[i];
		KUNIT_ASSERT_NULL(test, ascend_layout_resolve(duo, &id, false, &regs));
		KUNIT_ASSERT_EQ(test, regs.nr, 2U);
		KUNIT_EXPECT_STREQ(test, regs.reg[0].name, "xloader0");
		KUNIT_EXPECT_EQ(test, regs.reg[0].offset, 0x100430ULL);
		KUNIT_EXPECT_STREQ(test, regs.reg[1].name, "xloader1");
		KUNIT_EXPECT_EQ(test, regs.reg[1].offset, lengths[i] / 2 + 0x100430);

		KUNIT_ASSERT_NULL(test, ascend_layout_resolve(duo, &id, true, &regs));
		KUNIT_ASSERT_EQ(test, regs.nr, 4U);
		KUNIT_EXPECT_STREQ(test, regs.reg[1].name, "feature1");
		KUNIT_EXPECT_EQ(test, (unsigned int)regs.reg[1].bar, 0U);
		KUNIT_EXPECT_EQ(test, regs.reg[1].offset, SZ_32M + 0x205f8ULL);
	}
}

/* feature is trapped where the vendor supports it, or where wc_unlisted asks for it. */
static void unlisted_feature_is_asked_for(struct kunit *test)
{
	unsigned int i, bar, wc;

	for (i = 0; i < ascend_nr_layouts; i++) {
		const struct ascend_layout *layout = &ascend_layouts[i];
		struct ascend_identity id = {};

		for (bar = 0; bar < ASCEND_NR_BARS; bar++)
			id.bar_len[bar] = SZ_1G;
		for (wc = 0; wc < 2; wc++) {
			unsigned int j, features = 0, wanted = wc || layout->wc_listed;
			struct ascend_regs regs;

			KUNIT_ASSERT_NULL(test, ascend_layout_resolve(layout, &id, wc, &regs));
			for (j = 0; j < regs.nr; j++)
				features += regs.reg[j].kind == ASCEND_FEATURE;
			/* No source has one for the 310. */
			if (!strcmp(layout->name, "310"))
				wanted = 0;
			KUNIT_EXPECT_EQ_MSG(test, features, wanted << layout->two_dies, "%s, wc_unlisted=%u",
					    layout->name, wc);
		}
	}
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

/* What the PCI core knows reaches the choice. */
static void flags_of_the_pci_core_are_used(struct kunit *test)
{
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);
	const struct ascend_layout *pf = ascend_layout_by_name("910a2-pf");
	const struct ascend_layout *vf = ascend_layout_by_name("910a2-vf");
	struct ascend_regs regs;

	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pdev->vendor = PCI_VENDOR_ID_HUAWEI;
	pdev->device = 0xd802;
	pdev->resource[2].end = SZ_512M - 1;
	pdev->resource[2].flags = IORESOURCE_MEM;
	KUNIT_EXPECT_PTR_EQ(test, ascend_select_layout(pdev, &regs), pf);
	pdev->is_virtfn = 1;
	KUNIT_EXPECT_PTR_EQ(test, ascend_select_layout(pdev, &regs), vf);

	/* A BAR that only a VF's registers fit into. */
	pdev->resource[2].end = SZ_64M - 1;
	KUNIT_EXPECT_PTR_EQ(test, ascend_select_layout(pdev, &regs), vf);
	pdev->is_virtfn = 0;
	KUNIT_EXPECT_PTR_EQ(test, ascend_select_layout(pdev, &regs), vf);
	pdev->is_physfn = 1;
	KUNIT_EXPECT_NULL(test, ascend_select_layout(pdev, &regs));
}

struct kunit_case ascend_edge_cases[] = {
	KUNIT_CASE(shipped_table_is_valid),
	KUNIT_CASE(every_name_is_shown),
	KUNIT_CASE(bad_lists_are_refused),
	KUNIT_CASE(split_edges),
	KUNIT_CASE(span_edges),
	KUNIT_CASE(range_edges),
	KUNIT_CASE(area_edges),
	KUNIT_CASE(layout_is_chosen_or_refused),
	KUNIT_CASE(two_dies_are_two_halves),
	KUNIT_CASE(unlisted_feature_is_asked_for),
	KUNIT_CASE(addresses_are_parsed_strictly),
	KUNIT_CASE(flags_of_the_pci_core_are_used),
	{}
};

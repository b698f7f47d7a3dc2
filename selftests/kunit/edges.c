// SPDX-License-Identifier: GPL-2.0-only
/*
 * The edges by name, the shipped table, and the choice of a layout.
 */

#include <linux/sizes.h>
#include <linux/string.h>

#include "kunit.h"

static const struct ascend_layout good = {
	.id = ASCEND_VFIO_LAYOUT_910, .name = "good", .nr_regs = 2,
	.regs = {
		{ .name = "a", .kind = ASCEND_XLOADER, .bar = 2, .offset = 0x100 },
		{ .name = "b", .kind = ASCEND_FEATURE, .bar = 2, .offset = 0x108 },
	},
};

static void shipped_table_is_valid(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < ascend_nr_layouts; i++) {
		const struct ascend_layout *layout = &ascend_layouts[i];

		KUNIT_EXPECT_EQ_MSG(test, ascend_layout_check(layout), 0, "%s",
				    layout->name);
		KUNIT_EXPECT_PTR_EQ(test, ascend_layout_by_id(layout->id), layout);
		KUNIT_EXPECT_PTR_EQ(test, ascend_layout_by_name(layout->name,
								strlen(layout->name)),
				    layout);
		KUNIT_EXPECT_NOT_NULL(test, strstr(ASCEND_LAYOUT_NAMES, layout->name));
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, layout->id, ascend_layouts[j].id);
	}
	KUNIT_EXPECT_NULL(test, ascend_layout_by_id(ASCEND_VFIO_LAYOUT_AUTO));
	KUNIT_EXPECT_NULL(test, ascend_layout_by_id(ascend_nr_layouts + 1));
	KUNIT_EXPECT_NULL(test, ascend_layout_by_name("910a", 4));
}

/* new_id takes a number only if some entry of the id table has it. */
static void every_layout_can_be_named_in_new_id(struct kunit *test)
{
	const struct pci_device_id *id;
	unsigned int i;

	for (i = 0; i < ascend_nr_layouts; i++) {
		for (id = ascend_pci_ids; id->vendor; id++)
			if (id->driver_data == ascend_layouts[i].id)
				break;
		KUNIT_EXPECT_NE_MSG(test, id->vendor, 0, "%s", ascend_layouts[i].name);
	}
}

#define EXPECT_REFUSED(field, value) do {				\
	struct ascend_layout bad = good;				\
									\
	bad.field = value;						\
	KUNIT_EXPECT_EQ_MSG(test, ascend_layout_check(&bad), -EINVAL,	\
			    #field " = " #value);			\
} while (0)

static void bad_tables_are_refused(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, ascend_layout_check(&good), 0);

	EXPECT_REFUSED(name, NULL);
	EXPECT_REFUSED(id, ASCEND_VFIO_LAYOUT_AUTO);
	EXPECT_REFUSED(nr_regs, 0);
	EXPECT_REFUSED(nr_regs, ASCEND_MAX_REGS + 1);
	EXPECT_REFUSED(regs[0].name, NULL);
	EXPECT_REFUSED(regs[0].kind, ASCEND_NR_REG_KINDS);
	EXPECT_REFUSED(regs[0].bar, PCI_STD_NUM_BARS);
	EXPECT_REFUSED(regs[0].bar, 4);				/* BARs unsorted */
	EXPECT_REFUSED(regs[0].offset, 0x10c);			/* unsorted */
	EXPECT_REFUSED(regs[1].offset, 0x100);			/* the same place */
	EXPECT_REFUSED(regs[1].offset, 0x102);			/* unaligned, overlap */
	EXPECT_REFUSED(regs[1].offset, 0x109);			/* unaligned */
	EXPECT_REFUSED(regs[1].offset, VFIO_PCI_OFFSET_MASK + 1);
	EXPECT_REFUSED(regs[1].offset, U64_MAX - 3);
}

static void split_at(struct kunit *test, u64 pos, size_t count, size_t want_len,
		     int want_reg)
{
	const struct ascend_reg *want = want_reg < 0 ? NULL : &good.regs[want_reg];
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

static void range_edges(struct kunit *test)
{
	struct ascend_layout layout = good;

	layout.regs[0].offset = SZ_2M;
	layout.nr_regs = 1;
#define TRAPPED(start, len, page) ascend_range_is_trapped(&layout, 2, start, len, page)
	KUNIT_EXPECT_TRUE(test, TRAPPED(SZ_2M, SZ_4K, SZ_4K));
	KUNIT_EXPECT_FALSE(test, TRAPPED(SZ_2M - SZ_4K, SZ_4K, SZ_4K));
	KUNIT_EXPECT_FALSE(test, TRAPPED(SZ_2M + SZ_4K, SZ_4K, SZ_4K));
	KUNIT_EXPECT_TRUE(test, TRAPPED(SZ_2M + SZ_4K, SZ_4K, SZ_64K));
	KUNIT_EXPECT_TRUE(test, TRAPPED(0, SZ_2M + 1, SZ_4K));
	KUNIT_EXPECT_FALSE(test, TRAPPED(0, SZ_2M, SZ_4K));
	KUNIT_EXPECT_TRUE(test, TRAPPED(0, U64_MAX, SZ_4K));
	/* A sum that wraps must not look like a short range. */
	KUNIT_EXPECT_TRUE(test, TRAPPED(SZ_4M, U64_MAX - SZ_1M, SZ_4K));
	KUNIT_EXPECT_TRUE(test, TRAPPED(U64_MAX, 1, SZ_4K));
#undef TRAPPED
	KUNIT_EXPECT_FALSE(test, ascend_range_is_trapped(&layout, 0, SZ_2M, SZ_4K, SZ_4K));
}

static void expect_areas(struct kunit *test, enum ascend_vfio_layout id, u64 bar_len,
			 struct ascend_range msix, u64 page, u64 block,
			 const struct ascend_range *want, unsigned int nr_want)
{
	const struct ascend_layout *layout = ascend_layout_by_id(id);
	struct ascend_range areas[ASCEND_MAX_AREAS];
	unsigned int i, nr;

	nr = ascend_visible_areas(layout, layout->regs[0].bar, bar_len, &msix, page,
				  block, areas);
	KUNIT_ASSERT_EQ_MSG(test, nr, nr_want, "%s", layout->name);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, areas[i].start, want[i].start);
		KUNIT_EXPECT_EQ(test, areas[i].end, want[i].end);
	}
}

#define EXPECT_AREAS(id, bar_len, msix, page, block, ...) do {			\
	static const struct ascend_range want[] = { __VA_ARGS__ };		\
										\
	expect_areas(test, id, bar_len, (struct ascend_range)msix, page, block,	\
		     want, ARRAY_SIZE(want));					\
} while (0)
#define NO_MSIX { 0, 0 }
#define R(...) { __VA_ARGS__ }

static void area_edges(struct kunit *test)
{
	/* The one the design spells out. */
	EXPECT_AREAS(ASCEND_VFIO_LAYOUT_910A2_PF, SZ_512M, NO_MSIX, SZ_4K, SZ_2M,
		     R(0, 0x18200000), R(0x18200000, 0x18208000),
		     R(0x18209000, 0x18400000), R(0x18400000, SZ_512M));
	/* 64 KiB pages: a block as large as the BAR. */
	EXPECT_AREAS(ASCEND_VFIO_LAYOUT_910A2_PF, SZ_512M, NO_MSIX, SZ_64K, SZ_512M,
		     R(0, 0x18200000), R(0x18210000, SZ_512M));
	/* A hole at the very start leaves nothing before it. */
	EXPECT_AREAS(ASCEND_VFIO_LAYOUT_310B, SZ_2M, NO_MSIX, SZ_64K, SZ_512M,
		     R(SZ_64K, SZ_2M));
	/* A BAR that is all hole. */
	expect_areas(test, ASCEND_VFIO_LAYOUT_310, SZ_4K, (struct ascend_range)NO_MSIX,
		     SZ_4K, SZ_2M, NULL, 0);
	/* MSI-X table in the guarded BAR, at its end and beside the hole. */
	EXPECT_AREAS(ASCEND_VFIO_LAYOUT_910, SZ_1M, R(0xff000, 0xff800), SZ_4K, SZ_2M,
		     R(0, 0x80000), R(0x81000, 0xff000));
	EXPECT_AREAS(ASCEND_VFIO_LAYOUT_910, SZ_1M, R(0x81000, 0x82000), SZ_4K, SZ_2M,
		     R(0, 0x80000), R(0x82000, SZ_1M));
	/* Two dies, two holes, whole blocks between them. */
	EXPECT_AREAS(ASCEND_VFIO_LAYOUT_310P_DUO, SZ_256M, NO_MSIX, SZ_4K, SZ_2M,
		     R(0, 0x100000), R(0x101000, SZ_2M), R(SZ_2M, 0x8000000),
		     R(0x8000000, 0x8100000), R(0x8101000, 0x8200000),
		     R(0x8200000, SZ_256M));
}

/* One row a device: what it is, and the layout it must get; AUTO: refused. */
static const struct {
	const char *what;
	struct ascend_identity id;
	enum ascend_vfio_layout want;
} devices[] = {
	{ "910", { 0x19e5, 0xd801, 0, false, { SZ_1M } },
	  ASCEND_VFIO_LAYOUT_910 },
	{ "910A2 PF", { 0x19e5, 0xd802, 0x3002, false, { 0, 0, SZ_512M } },
	  ASCEND_VFIO_LAYOUT_910A2_PF },
	{ "910A2 VF", { 0x19e5, 0xd802, 0x3002, true, { 0, 0, SZ_64M } },
	  ASCEND_VFIO_LAYOUT_910A2_VF },
	{ "910A2 VF, nested", { 0x19e5, 0xd802, 0x3002, false, { 0, 0, SZ_64M } },
	  ASCEND_VFIO_LAYOUT_910A2_VF },
	{ "910A2 VF with a BAR that both fit", { 0x19e5, 0xd802, 0, true, { 0, 0, SZ_512M } },
	  ASCEND_VFIO_LAYOUT_910A2_VF },
	{ "910A3 PF", { 0x19e5, 0xd803, 0, false, { 0, 0, SZ_512M } },
	  ASCEND_VFIO_LAYOUT_910A3_PF },
	{ "910A3 VF", { 0x19e5, 0xd803, 0, true, { 0, 0, SZ_64M } },
	  ASCEND_VFIO_LAYOUT_910A3_VF },
	{ "310P, first id", { 0x19e5, 0xd500, 0x100, false, { 0, 0, SZ_32M } },
	  ASCEND_VFIO_LAYOUT_310P },
	{ "310P, last id", { 0x19e5, 0xd500, 0x10f, false, { 0, 0, SZ_32M } },
	  ASCEND_VFIO_LAYOUT_310P },
	{ "310P duo, first id", { 0x19e5, 0xd500, 0x110, false, { 0, 0, SZ_256M } },
	  ASCEND_VFIO_LAYOUT_310P_DUO },
	{ "310P duo, last id", { 0x19e5, 0xd500, 0x11f, false, { 0, 0, SZ_256M } },
	  ASCEND_VFIO_LAYOUT_310P_DUO },
	{ "310B", { 0x19e5, 0xd105, 0, false, { 0, 0, SZ_1M } },
	  ASCEND_VFIO_LAYOUT_310B },
	{ "310", { 0x19e5, 0xd100, 0, false, { 0, 0, 0, 0, SZ_1M } },
	  ASCEND_VFIO_LAYOUT_310 },
	/* The register's last byte is the BAR's last byte, and one short of it. */
	{ "exact fit", { 0x19e5, 0xd100, 0, false, { 0, 0, 0, 0, 0x404 } },
	  ASCEND_VFIO_LAYOUT_310 },
	{ "one byte short", { 0x19e5, 0xd100, 0, false, { 0, 0, 0, 0, 0x403 } },
	  ASCEND_VFIO_LAYOUT_AUTO },
	{ "BAR too small", { 0x19e5, 0xd802, 0, false, { 0, 0, SZ_16M } },
	  ASCEND_VFIO_LAYOUT_AUTO },
	{ "duo with one die's BAR", { 0x19e5, 0xd500, 0x110, false, { 0, 0, SZ_128M } },
	  ASCEND_VFIO_LAYOUT_AUTO },
	{ "BAR missing", { 0x19e5, 0xd801, 0, false, { 0, 0, SZ_512M } },
	  ASCEND_VFIO_LAYOUT_AUTO },
	{ "310P below the ids", { 0x19e5, 0xd500, 0xff, false, { 0, 0, SZ_256M } },
	  ASCEND_VFIO_LAYOUT_AUTO },
	{ "310P above the ids", { 0x19e5, 0xd500, 0x120, false, { 0, 0, SZ_256M } },
	  ASCEND_VFIO_LAYOUT_AUTO },
	{ "unknown device", { 0x19e5, 0xd8ff, 0, false, { SZ_512M, 0, SZ_512M } },
	  ASCEND_VFIO_LAYOUT_AUTO },
	{ "other vendor", { 0x20c6, 0xd802, 0, false, { 0, 0, SZ_512M } },
	  ASCEND_VFIO_LAYOUT_AUTO },
};

static void layout_is_chosen_or_refused(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		const char *why = NULL;
		const struct ascend_layout *layout =
			ascend_layout_choose(&devices[i].id, &why);

		KUNIT_EXPECT_PTR_EQ_MSG(test, layout,
					ascend_layout_by_id(devices[i].want), "%s",
					devices[i].what);
		if (!layout)
			KUNIT_EXPECT_NOT_NULL_MSG(test, why, "%s", devices[i].what);
	}
}

/*
 * No virtual machine has an NPU with VFs, so the flag that the PCI core sets is set
 * here. The BAR fits both layouts, and only the flag tells which it is.
 */
static void a_vf_gets_the_vf_layout(struct kunit *test)
{
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pdev->vendor = PCI_VENDOR_ID_HUAWEI;
	pdev->device = 0xd802;
	pdev->resource[2].end = SZ_512M - 1;
	pdev->resource[2].flags = IORESOURCE_MEM;
	KUNIT_EXPECT_PTR_EQ(test, ascend_select_layout(pdev, ASCEND_VFIO_LAYOUT_AUTO),
			    ascend_layout_by_id(ASCEND_VFIO_LAYOUT_910A2_PF));
	pdev->is_virtfn = 1;
	KUNIT_EXPECT_PTR_EQ(test, ascend_select_layout(pdev, ASCEND_VFIO_LAYOUT_AUTO),
			    ascend_layout_by_id(ASCEND_VFIO_LAYOUT_910A2_VF));
}

struct kunit_case ascend_edge_cases[] = {
	KUNIT_CASE(shipped_table_is_valid),
	KUNIT_CASE(every_layout_can_be_named_in_new_id),
	KUNIT_CASE(bad_tables_are_refused),
	KUNIT_CASE(split_edges),
	KUNIT_CASE(range_edges),
	KUNIT_CASE(area_edges),
	KUNIT_CASE(layout_is_chosen_or_refused),
	KUNIT_CASE(a_vf_gets_the_vf_layout),
	{}
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The choice of a layout for a device, and the registers that it then has.
 */

#include <linux/sizes.h>
#include <linux/string.h>

#include "kunit.h"

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

struct kunit_case ascend_layout_cases[] = {
	KUNIT_CASE(layout_is_chosen_or_refused),
	KUNIT_CASE(two_dies_are_two_halves),
	KUNIT_CASE(unlisted_feature_is_asked_for),
	KUNIT_CASE(flags_of_the_pci_core_are_used),
	{}
};

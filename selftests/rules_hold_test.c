// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an operator's rules and the guest's NUMA node do to a device that is open, and that no
 * rule opens anything. That accesses, mappings and all else follow them is shown by the other
 * tests, which are run with rules as well (rules.plan).
 */
#include <linux/ascend_vfio.h>

#include "rules_fixture.h"

#define DEBUGFS	"/sys/kernel/debug/ascend_vfio"
#define MAP	VFIO_REGION_INFO_FLAG_MMAP
#define NC	VFIO_REGION_INFO_FLAG_NORMAL_NC

/* The chip's registers are guarded as without rules */
static void guards_hold(struct __test_metadata *_metadata, struct npu *npu, struct simlog *log,
			const char *rule)
{
	const __u64 page = npu_page_size();
	const __u32 physical = NPU_XLOADER_PHYSICAL;
	struct sim_event e;
	__u32 value, bars;
	int ret;

	bars = npu_attr_num(npu_dut.bdf, "ascend_vfio/normal_nc_bars");
	ASSERT_EQ(0, simlog_mark(log));
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];
		void *p;

		EXPECT_EQ(4, npu_pwrite(npu, reg->bar, &physical, 4, reg->offset));
		EXPECT_EQ(4, npu_pread(npu, reg->bar, &value, 4, reg->offset));
		EXPECT_EQ(reg->kind == NPU_REG_FEATURE ? bars : 0, value) {
			TH_LOG("register %u reads 0x%x with %s", i, value, rule);
		}
		p = npu_mmap(npu, reg->bar, reg->offset & ~(page - 1), page, PROT_READ, MAP_SHARED);
		EXPECT_EQ(MAP_FAILED, p) {
			TH_LOG("register %u can be mapped with %s", i, rule);
		}
		/* One that is left keeps the device open, and unbinding waits for it */
		if (p != MAP_FAILED)
			munmap(p, page);
		for (__u32 b = 0; b < 4; b++)
			EXPECT_EQ(1, npu_pwrite(npu, reg->bar, &physical, 1, reg->offset + b));
	}
	while ((ret = simlog_next(log, &e)) > 0) {
		EXPECT_NE(SIM_WRITE, e.kind) {
			TH_LOG("BAR %u+0x%llx was written with %s", e.region, e.offset, rule);
		}
	}
	ASSERT_EQ(0, ret);
}

/* Rules that contain, touch, precede and follow the chip's registers: none opens anything */
TEST_F_TIMEOUT(rules, none_opens_anything, SLOW_TIMEOUT)
{
	static const struct {
		long before, behind;	/* bytes from the register's start, and from its end */
	} ways[] = {
		{ -0x1000, 0x1000 }, { 0, 0 }, { 0, -2 }, { 2, 0 }, { 1, -1 }, { -4, -4 }, { 4, 4 },
		{ -4, -2 }, { 2, 4 }, { -1, 1 }, { -0x10000, -4 }, { 4, 0x10000 },
	};
	static const char * const kinds[] = { "ro", "hide", "ro nolog" };

	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		for (unsigned int w = 0; w < ARRAY_SIZE(ways); w++) {
			char text[128];

			snprintf(text, sizeof(text), "BAR%u %llx-%llx %s", reg->bar,
				 reg->offset + ways[w].before, npu_reg_end(reg) + ways[w].behind,
				 kinds[w % ARRAY_SIZE(kinds)]);
			ASSERT_EQ(0, set(GUARD, text)) {
				TH_LOG("%s", text);
			}
			open_npu(_metadata, &self->npu, variant->backend);
			guards_hold(_metadata, &self->npu, &self->log, text);
			npu_close(&self->npu);
		}
	}
	ASSERT_EQ(0, set(GUARD, "BAR0 0-20000000 ro;BAR2 0-20000000 ro;BAR4 0-1000000000 ro"));
	open_npu(_metadata, &self->npu, variant->backend);
	guards_hold(_metadata, &self->npu, &self->log, "all BARs read-only");
}

/* A BAR that is one rule cannot be mapped, and no guest is told that it may be */
TEST_F(rules, a_whole_bar)
{
	const unsigned int bar = 4;
	struct npu_region region;
	char text[64];
	void *p;
	int nc;

	nc = npu_attr_num(npu_dut.bdf, "ascend_vfio/normal_nc_bars");
	snprintf(text, sizeof(text), "BAR%u 0-%llx hide", bar, npu_dut.model->bars[bar]);
	ASSERT_EQ(0, set(GUARD, text));
	EXPECT_EQ(nc & ~(1 << bar), npu_attr_num(npu_dut.bdf, "ascend_vfio/normal_nc_bars"));
	open_npu(_metadata, &self->npu, variant->backend);
	EXPECT_EQ(nc & ~(1 << bar), npu_attr_num(npu_dut.bdf, "ascend_vfio/normal_nc_bars"));
	ASSERT_EQ(0, npu_region_get(&self->npu, bar, &region));
	EXPECT_EQ(0, region.flags & (MAP | NC));
	EXPECT_EQ(0, region.nr_caps);
	p = npu_mmap(&self->npu, bar, 0, npu_page_size(), PROT_READ, MAP_SHARED);
	EXPECT_EQ(MAP_FAILED, p);
	if (p != MAP_FAILED)
		munmap(p, npu_page_size());
	npu_close(&self->npu);

	/* The control: without, it can be mapped */
	ASSERT_EQ(0, set(GUARD, "\n"));
	open_npu(_metadata, &self->npu, variant->backend);
	ASSERT_EQ(0, npu_region_get(&self->npu, bar, &region));
	EXPECT_EQ(MAP, region.flags & MAP);
	EXPECT_EQ(-1, npu_region_cap(&region, VFIO_REGION_INFO_CAP_SPARSE_MMAP));
	EXPECT_EQ(nc, npu_attr_num(npu_dut.bdf, "ascend_vfio/normal_nc_bars"));
}

/* The dropped writes of a rule, by debugfs */
static long long dropped_by(const char *rule)
{
	unsigned long long reads, dropped;
	char path[128], text[SIZE], *line;

	snprintf(path, sizeof(path), DEBUGFS "/%s/traps", npu_dut.bdf);
	if (sysfs_read(path, text, sizeof(text)) < 0)
		return -ENOENT;
	line = strstr(text, rule);
	if (!line || sscanf(line, "%*s %*u %*x %*u %llu %llu", &reads, &dropped) != 2)
		return -EINVAL;
	return dropped;
}

TEST_F(rules, drops_are_counted_and_logged)
{
	__u8 bytes[0x3000] = { 1 };
	long long before;

	ASSERT_EQ(0, set(GUARD, "BAR4 1000-1800 ro\nBAR4 2000-2800 hide nolog\n"));
	open_npu(_metadata, &self->npu, variant->backend);
	before = npu_attr_num(npu_dut.bdf, "ascend_vfio/dropped_writes");
	EXPECT_EQ(4, npu_pwrite(&self->npu, 4, bytes, 4, 0x2000));
	EXPECT_EQ(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "dropped write to rule2"));
	EXPECT_EQ(0, dropped_by("rule1 "));
	EXPECT_EQ(4, npu_pwrite(&self->npu, 4, bytes, 4, 0x17fc));
	EXPECT_NE(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "dropped write to rule1"));
	/* One access, both rules */
	EXPECT_EQ(sizeof(bytes), npu_pwrite(&self->npu, 4, bytes, sizeof(bytes), 0x100));
	EXPECT_EQ(2, dropped_by("rule1 "));
	EXPECT_EQ(2, dropped_by("rule2 "));
	EXPECT_EQ(before + 4, npu_attr_num(npu_dut.bdf, "ascend_vfio/dropped_writes"));
	EXPECT_EQ(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "dropped write to rule2"));
	npu_close(&self->npu);

	/* Other rules count from 0, the sum goes on */
	ASSERT_EQ(0, set(GUARD, "BAR4 1000-1800 hide\n"));
	EXPECT_EQ(0, dropped_by("rule1 "));
	EXPECT_EQ(before + 4, npu_attr_num(npu_dut.bdf, "ascend_vfio/dropped_writes"));
}

TEST_F(rules, the_guests_node)
{
	static const char * const bad[] = { "1024", "-2", "x", "0x1", "1 2", "99999999999" };
	const struct npu_reg *node = &npu_dut.model->node;
	const __u32 magic = 0xfafaafaf, word = 0x12345678;
	char want[96];
	__u32 value;

	if (!node->offset) {
		/* Only of physical functions is such a register known */
		EXPECT_EQ(-ENOENT, npu_attr_num(npu_dut.bdf, NODE));
		return;
	}
	EXPECT_EQ(-1, npu_attr_num(npu_dut.bdf, NODE));
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-EINVAL, set(NODE, bad[i]));
	EXPECT_EQ(-1, npu_attr_num(npu_dut.bdf, NODE));

	/* The control: without it, a guest's driver finds what it wrote */
	open_npu(_metadata, &self->npu, variant->backend);
	ASSERT_EQ(4, npu_pwrite(&self->npu, node->bar, &magic, 4, node->offset));
	ASSERT_EQ(4, npu_pread(&self->npu, node->bar, &value, 4, node->offset));
	EXPECT_EQ(magic, value);
	npu_close(&self->npu);

	ASSERT_EQ(0, set(NODE, "1023"));
	EXPECT_EQ(1023, npu_attr_num(npu_dut.bdf, NODE));
	snprintf(want, sizeof(want), "BAR%u 0x%llx-0x%llx numa_node\n", node->bar, node->offset,
		 node->offset + 4);
	expect_guard(_metadata, want);
	/* A rule cannot take it away */
	ASSERT_EQ(0, set(GUARD, "BAR2 18244ba0-18244bb0 hide"));
	open_npu(_metadata, &self->npu, variant->backend);
	ASSERT_EQ(4, npu_pwrite(&self->npu, node->bar, &word, 4, node->offset));
	ASSERT_EQ(4, npu_pread(&self->npu, node->bar, &value, 4, node->offset));
	EXPECT_EQ(1023, value);
	npu_close(&self->npu);

	/* The word before it is the device's */
	ASSERT_EQ(0, set(GUARD, "\n"));
	open_npu(_metadata, &self->npu, variant->backend);
	ASSERT_EQ(4, npu_pwrite(&self->npu, node->bar, &word, 4, node->offset - 4));
	ASSERT_EQ(4, npu_pread(&self->npu, node->bar, &value, 4, node->offset - 4));
	EXPECT_EQ(word, value);
	npu_close(&self->npu);

	ASSERT_EQ(0, set(NODE, "-1"));
	expect_guard(_metadata, "");
	open_npu(_metadata, &self->npu, variant->backend);
	ASSERT_EQ(4, npu_pread(&self->npu, node->bar, &value, 4, node->offset));
	EXPECT_EQ(magic, value);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

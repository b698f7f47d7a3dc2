// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules that an operator adds (sysfs: guard, guest_numa_node): what is refused, what holds
 * where they overlap, and that none opens anything. That accesses, mappings and all else
 * follow them is shown by the other tests, which are run with rules as well (rules.plan).
 */
#include <fcntl.h>
#include <pthread.h>
#include <linux/ascend_vfio.h>

#include "fixture.h"

#define GUARD	"ascend_vfio/guard"
#define NODE	"ascend_vfio/guest_numa_node"
#define DEBUGFS	"/sys/kernel/debug/ascend_vfio"
#define MAP	VFIO_REGION_INFO_FLAG_MMAP
#define NC	VFIO_REGION_INFO_FLAG_NORMAL_NC
#define SIZE	4096

FIXTURE(rules) {
	struct npu npu;
	struct simlog log;
	struct kmsg kmsg;
};

FIXTURE_BACKENDS(rules);

/* Bound afresh, without rules, and not open */
FIXTURE_SETUP(rules)
{
	self->npu.fd = -1;
	self->npu.group = -1;
	self->npu.iommu = -1;
	self->log.fd = -1;
	if (!fixture_needs_sim(_metadata))
		return;
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	ASSERT_EQ(0, simlog_open(&self->log, npu_dut.simlog));
	ASSERT_EQ(0, kmsg_open(&self->kmsg));
}

FIXTURE_TEARDOWN(rules)
{
	const char *trouble = kmsg_trouble(&self->kmsg);

	EXPECT_EQ(NULL, trouble) {
		TH_LOG("kernel log: %s", trouble);
	}
	npu_close(&self->npu);
	npu_unbind(npu_dut.bdf);
	simlog_close(&self->log);
	kmsg_close(&self->kmsg);
}

static int set(const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", npu_dut.bdf, file);
	return sysfs_write(path, text);
}

/* What guard shows: the chip's registers, as the model has them, and then @rules */
static void expect_guard(struct __test_metadata *_metadata, const char *rules)
{
	const struct npu_model *model = npu_dut.model;
	char text[SIZE] = "", want[SIZE];
	size_t n = 0;

	for (unsigned int i = 0; i < model->nr_regs; i++)
		n += snprintf(want + n, sizeof(want) - n, "BAR%u 0x%llx-0x%llx %s\n",
			      model->regs[i].bar, model->regs[i].offset,
			      npu_reg_end(&model->regs[i]),
			      model->regs[i].kind == NPU_REG_FEATURE ? "feature" : "xloader");
	n += snprintf(want + n, sizeof(want) - n, "%s", rules);
	/* The reader takes the last new line away */
	want[n - 1] = '\0';
	ASSERT_LT(0, npu_attr(npu_dut.bdf, GUARD, text, sizeof(text)));
	EXPECT_STREQ(want, text);
}

static void open_npu(struct __test_metadata *_metadata, struct npu *npu, enum npu_backend backend)
{
	ASSERT_EQ(0, npu_open(npu, &npu_dut, backend));
}

TEST_F(rules, the_list_is_what_was_written)
{
	expect_guard(_metadata, "");
	ASSERT_EQ(0, set(GUARD, "BAR2 0-100 ro\nBAR0 0x20-0x40 hide nolog\n"));
	expect_guard(_metadata, "BAR0 0x20-0x40 hide nolog\nBAR2 0x0-0x100 ro log\n");
	/* In the place of the old one, not beside it */
	ASSERT_EQ(0, set(GUARD, "BAR4 7-9 ro;BAR4 20-30 hide log;"));
	expect_guard(_metadata, "BAR4 0x7-0x9 ro log\nBAR4 0x20-0x30 hide log\n");
	ASSERT_EQ(0, set(GUARD, "\n"));
	expect_guard(_metadata, "");

	/* Until it is unbound */
	ASSERT_EQ(0, set(GUARD, "BAR4 7-9 ro"));
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	expect_guard(_metadata, "");
}

TEST_F(rules, the_stricter_holds)
{
	ASSERT_EQ(0, set(GUARD, "BAR4 0-1000 ro\nBAR4 800-1800 hide nolog\nBAR4 1700-2000 ro\n"));
	expect_guard(_metadata, "BAR4 0x0-0x800 ro log\nBAR4 0x800-0x1800 hide nolog\n"
				"BAR4 0x1800-0x2000 ro log\n");
	ASSERT_EQ(0, set(GUARD, "BAR4 0-1000 hide nolog\nBAR4 800-900 ro log\nBAR4 10-20 hide\n"));
	expect_guard(_metadata, "BAR4 0x0-0x10 hide nolog\nBAR4 0x10-0x20 hide log\n"
				"BAR4 0x20-0x1000 hide nolog\n");
	/* What touches and says the same is one */
	ASSERT_EQ(0, set(GUARD, "BAR4 10-20 ro;BAR4 0-10 ro"));
	expect_guard(_metadata, "BAR4 0x0-0x20 ro log\n");
}

/* All of it, with a reason in the log, and the old rules stay */
TEST_F(rules, a_bad_line_refuses_all)
{
	static const struct {
		const char *line;
		const char *why;
	} bad[] = {
		{ "BAR1 0-4 ro", "no such BAR" },
		{ "BAR6 0-4 ro", "not BAR0 to BAR5" },
		{ "bar2 0-4 ro", "not BAR0 to BAR5" },
		{ "ROM 0-4 ro", "not BAR0 to BAR5" },
		{ "BAR2 4 ro", "not OFFSET-END" },
		{ "BAR2 0-x ro", "not a hexadecimal number" },
		{ "BAR2 -1-4 ro", "not a hexadecimal number" },
		{ "BAR2 0-10000000000000000 ro", "not a hexadecimal number" },
		{ "BAR2 4-4 ro", "must be larger" },
		{ "BAR2 8-4 ro", "must be larger" },
		{ "BAR2 ffffffffffffffff-0 ro", "must be larger" },
		{ "BAR2 0-ffffffffffffffff ro", "end of the BAR" },
		{ "BAR2 20000000-20000001 ro", "end of the BAR" },
		{ "BAR2 0-20000001 hide", "end of the BAR" },
		{ "BAR2 0-4 rw", "neither ro nor hide" },
		{ "BAR2 18208430-18208434 xloader", "neither ro nor hide" },
		{ "BAR2 0-4", "neither ro nor hide" },
		{ "BAR2 0-4 ro quiet", "neither log nor nolog" },
		{ "BAR2 0-4 ro log log", "fifth word" },
	};
	char text[256], told[96];

	ASSERT_EQ(0, set(GUARD, "BAR4 7-9 ro"));
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof(text), "BAR4 0-1000 hide\n%s\nBAR4 2000-3000 ro\n", bad[i].line);
		EXPECT_EQ(-EINVAL, set(GUARD, text)) {
			TH_LOG("%s", bad[i].line);
		}
		snprintf(told, sizeof(told), "%s: rules refused, line 2", npu_dut.bdf);
		EXPECT_NE(NULL, kmsg_find(&self->kmsg, told, bad[i].why)) {
			TH_LOG("%s", bad[i].line);
		}
	}
	expect_guard(_metadata, "BAR4 0x7-0x9 ro log\n");
}

/* A shell may write line by line: the last must not take the place of all */
TEST_F(rules, what_is_not_written_at_once_is_refused)
{
	static char page[65536 + 64];
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/" GUARD, npu_dut.bdf);
	fd = open(path, O_WRONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(12, write(fd, "BAR4 7-9 ro\n", 12));
	EXPECT_EQ(-1, write(fd, "BAR4 9-a ro\n", 12));
	EXPECT_EQ(EINVAL, errno);
	expect_guard(_metadata, "BAR4 0x7-0x9 ro log\n");

	/* Of a long one the kernel hands on a part */
	memset(page, '\n', sizeof(page));
	snprintf(page, sizeof(page), "BAR4 0-1 ro");
	page[strlen(page)] = '\n';
	EXPECT_EQ(-1, pwrite(fd, page, sizeof(page), 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, pwrite(fd, page, npu_page_size(), 0));
	EXPECT_EQ(-1, pwrite(fd, "BAR4 0-1 ro\0BAR4", 16, 0));
	expect_guard(_metadata, "BAR4 0x7-0x9 ro log\n");
	close(fd);
}

/* @nr rules that do not touch, in BAR 4 */
static void many(char *text, size_t size, unsigned int nr)
{
	size_t n = 0;

	for (unsigned int i = 0; i < nr; i++)
		n += snprintf(text + n, size - n, "BAR4 %x-%x ro\n", 0x1000 * i, 0x1000 * i + 8);
}

TEST_F(rules, sixteen_with_the_chips)
{
	const unsigned int room = 16 - npu_dut.model->nr_regs;
	char text[SIZE], kept[SIZE], now[SIZE];

	many(text, sizeof(text), room);
	ASSERT_EQ(0, set(GUARD, text));
	ASSERT_LT(0, npu_attr(npu_dut.bdf, GUARD, kept, sizeof(kept)));
	many(text, sizeof(text), room + 1);
	EXPECT_EQ(-ENOSPC, set(GUARD, text));
	EXPECT_NE(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "more than 16 entries"));
	many(text, sizeof(text), 17);
	EXPECT_EQ(-ENOSPC, set(GUARD, text));
	EXPECT_NE(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "line 17: there are more rules"));
	if (npu_dut.model->node.offset)
		EXPECT_EQ(-ENOSPC, set(NODE, "1"));
	ASSERT_LT(0, npu_attr(npu_dut.bdf, GUARD, now, sizeof(now)));
	EXPECT_STREQ(kept, now);
	/* One that is cut is two: around xloader there is room for one less */
	many(text, sizeof(text), room - 1);
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "BAR%u %llx-%llx hide",
		 npu_dut.model->regs[0].bar, npu_dut.model->regs[0].offset - 4,
		 npu_dut.model->regs[0].offset + 8);
	EXPECT_EQ(-ENOSPC, set(GUARD, text));
}

TEST_F(rules, not_while_it_is_open)
{
	ASSERT_EQ(0, set(GUARD, "BAR4 7-9 ro"));
	open_npu(_metadata, &self->npu, variant->backend);
	EXPECT_EQ(-EBUSY, set(GUARD, "BAR4 0-1000 hide"));
	EXPECT_EQ(-EBUSY, set(GUARD, "\n"));
	if (npu_dut.model->node.offset)
		EXPECT_EQ(-EBUSY, set(NODE, "1"));
	expect_guard(_metadata, "BAR4 0x7-0x9 ro log\n");
	npu_close(&self->npu);
	EXPECT_EQ(0, set(GUARD, "\n"));
	expect_guard(_metadata, "");
}

/* How often one of two things happened, in a thread that does one of them */
struct racer {
	enum npu_backend backend;
	volatile bool stop;
	unsigned int done, busy, odd;
};

static void *write_rules(void *arg)
{
	static const char * const lists[] = { "BAR4 0-1000000 hide;BAR2 0-8 ro", "BAR2 0-4 ro", "\n" };
	struct racer *r = arg;

	for (unsigned int i = 0; !r->stop; i++) {
		int ret = set(GUARD, lists[i % ARRAY_SIZE(lists)]);

		*(ret == -EBUSY ? &r->busy : ret ? &r->odd : &r->done) += 1;
	}
	return NULL;
}

/* What is in force when it is opened stays so, whoever writes meanwhile */
TEST_F_TIMEOUT(rules, opens_and_writes_exclude_each_other, SLOW_TIMEOUT)
{
	struct racer r = { .backend = variant->backend };
	char before[SIZE], after[SIZE];
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, write_rules, &r));
	for (int i = 0; i < 20; i++) {
		open_npu(_metadata, &self->npu, variant->backend);
		EXPECT_LT(0, npu_attr(npu_dut.bdf, GUARD, before, sizeof(before)));
		usleep(5000);
		EXPECT_LT(0, npu_attr(npu_dut.bdf, GUARD, after, sizeof(after)));
		EXPECT_STREQ(before, after);
		npu_close(&self->npu);
		usleep(5000);
	}
	r.stop = true;
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, r.odd);
	EXPECT_LT(0, r.done);
	EXPECT_LT(0, r.busy);
}

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

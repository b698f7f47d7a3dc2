// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules that an operator adds (sysfs: guard): what is in force where they overlap, what is
 * refused, and that none changes while the device is open. rules_hold_test shows what they do.
 */
#include <fcntl.h>
#include <pthread.h>

#include "rules_fixture.h"

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

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

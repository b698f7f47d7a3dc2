// SPDX-License-Identifier: GPL-2.0-only
/*
 * A chip that was just reset boots, and reads of it give all ones meanwhile: that is no
 * value of xloader, and nothing the guest may see there. Opening it does not wait, the
 * guest reads 0, and it is scrubbed as soon as it answers.
 *
 * Runs on a simulator that sleeps after a reset, which opening a device asks for, and that
 * keeps what a crash left in xloader: --sleep 10000 --xloader 0x5a6b7c8d --keep-on-reset;
 * for after_the_limit with --sleep 45000.
 */
#include <sys/ioctl.h>
#include <linux/pci_regs.h>

#include "fixture.h"

#define TRAPS	"/sys/kernel/debug/ascend_vfio/%s/traps"
/* The driver gives up looking by itself then */
#define LIMIT_MS	30000

FIXTURE(awake) {
	struct npu npu;
	struct simlog log;
	struct kmsg kmsg;
};

FIXTURE_BACKENDS(awake);

/**
 * struct seen - what the simulator logged
 * @slept: how long the last sleep that began was to be, in ms; 0: none began
 * @awake: one ended, and none began since
 * @reads: of registers
 * @writes: of registers
 * @written: the last value written
 */
struct seen {
	__u64		slept;
	bool		awake;
	unsigned int	reads;
	unsigned int	writes;
	__u32		written;
};

static bool is_register(const struct sim_event *e)
{
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		if (e->region == reg->bar && e->offset < reg->offset + NPU_REG_SIZE &&
		    e->offset + e->size > reg->offset)
			return true;
	}
	return false;
}

/* Add what was logged since the last call */
static void look(struct __test_metadata *_metadata, struct simlog *log, struct seen *seen)
{
	struct sim_event e;
	int ret;

	while ((ret = simlog_next(log, &e)) > 0) {
		if (e.kind == SIM_SLEEP) {
			seen->slept = e.value;
			seen->awake = false;
		} else if (e.kind == SIM_AWAKE) {
			seen->awake = true;
		} else if (e.kind == SIM_READ && is_register(&e)) {
			seen->reads++;
		} else if (e.kind == SIM_WRITE && is_register(&e)) {
			seen->writes++;
			seen->written = e.value;
		}
	}
	ASSERT_EQ(0, ret);
}

static void wait_until_awake(struct __test_metadata *_metadata, struct simlog *log,
			     struct seen *seen)
{
	while (!seen->awake) {
		usleep(20000);
		look(_metadata, log, seen);
	}
}

/* Opened anew, and so reset: fast asleep */
FIXTURE_SETUP(awake)
{
	if (!fixture_needs_sim(_metadata))
		return;
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, kmsg_open(&self->kmsg));
	ASSERT_EQ(0, simlog_open(&self->log, npu_dut.simlog));
	fixture_open(_metadata, &self->npu, GUARDED, variant->backend);
}

FIXTURE_TEARDOWN(awake)
{
	const char *trouble = kmsg_trouble(&self->kmsg);

	EXPECT_EQ(NULL, trouble) {
		TH_LOG("kernel log: %s", trouble);
	}
	npu_close(&self->npu);
	simlog_close(&self->log);
	kmsg_close(&self->kmsg);
}

static const struct npu_reg *xloader(void)
{
	return &npu_dut.model->regs[0];
}

static __u32 guest_reads(struct __test_metadata *_metadata, struct npu *npu, __u64 offset)
{
	__u32 value = 0x12345678;

	EXPECT_EQ(4, npu_pread(npu, xloader()->bar, &value, 4, offset));
	return value;
}

/* Whether the driver says that it waits for the device */
static bool waits(struct __test_metadata *_metadata)
{
	char path[256], text[2048];

	snprintf(path, sizeof(path), TRAPS, npu_dut.bdf);
	ASSERT_LT(0, sysfs_read(path, text, sizeof(text)));
	return strstr(text, " waiting");
}

TEST_F_TIMEOUT(awake, asleep_it_reads_0, SLOW_TIMEOUT)
{
	struct seen seen = { 0 };
	const __u32 one = 1;
	__u8 byte;

	/* Open came back before the chip was awake, so it did not wait for it */
	look(_metadata, &self->log, &seen);
	ASSERT_NE(0, seen.slept) {
		TH_LOG("the device did not fall asleep: run npu-sim with --sleep");
	}
	ASSERT_FALSE(seen.awake);

	/* The word beside it is all ones, as any is of a chip that boots */
	EXPECT_EQ(0xffffffff, guest_reads(_metadata, &self->npu, xloader()->offset - 4));
	EXPECT_EQ(0, guest_reads(_metadata, &self->npu, xloader()->offset));
	for (unsigned int i = 0; i < NPU_REG_SIZE; i++) {
		EXPECT_EQ(1, npu_pread(&self->npu, xloader()->bar, &byte, 1,
				       xloader()->offset + i));
		EXPECT_EQ(0, byte);
	}
	EXPECT_EQ(4, npu_pwrite(&self->npu, xloader()->bar, &one, 4, xloader()->offset));
	EXPECT_EQ(1, npu_attr_num(npu_dut.bdf, "ascend_vfio/dropped_writes"));
	EXPECT_TRUE(waits(_metadata));

	look(_metadata, &self->log, &seen);
	/* All of that was while it slept, and nothing was written to a sleeping chip */
	ASSERT_FALSE(seen.awake);
	EXPECT_EQ(0, seen.writes);
	EXPECT_NE(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "does not answer yet"));
	EXPECT_EQ(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "cannot be scrubbed"));
	EXPECT_EQ(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "scrubbed\n"));
}

/* The control: vfio-pci shows the guest all ones, which is not 0 */
TEST_F_TIMEOUT(awake, asleep_with_vfio_pci, SLOW_TIMEOUT)
{
	struct seen seen = { 0 };

	fixture_reopen(_metadata, &self->npu, PLAIN);
	EXPECT_EQ(0xffffffff, guest_reads(_metadata, &self->npu, xloader()->offset));
	look(_metadata, &self->log, &seen);
	ASSERT_FALSE(seen.awake);
}

/* As a host driver that crashed does: an earlier test may have seen to it that it is clean */
static void leave_value(struct __test_metadata *_metadata, struct npu *npu, struct simlog *log)
{
	const __u32 physical = NPU_XLOADER_PHYSICAL;
	struct seen seen = { 0 };

	fixture_reopen(_metadata, npu, PLAIN);
	wait_until_awake(_metadata, log, &seen);
	ASSERT_EQ(4, npu_pwrite(npu, xloader()->bar, &physical, 4, xloader()->offset));
	ASSERT_EQ(0, simlog_mark(log));
	fixture_reopen(_metadata, npu, GUARDED);
}

/* Nobody accesses the device, and it is scrubbed all the same */
TEST_F_TIMEOUT(awake, scrubbed_as_soon_as_it_answers, SLOW_TIMEOUT)
{
	struct seen seen = { 0 };

	leave_value(_metadata, &self->npu, &self->log);
	wait_until_awake(_metadata, &self->log, &seen);
	while (waits(_metadata))
		usleep(20000);
	look(_metadata, &self->log, &seen);
	EXPECT_EQ(1, seen.writes);
	EXPECT_EQ(0, seen.written);
	EXPECT_NE(NULL, kmsg_find(&self->kmsg, "was 0x5a6b7c8d", "scrubbed"));
	EXPECT_EQ(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "has not answered"));
	EXPECT_EQ(0, guest_reads(_metadata, &self->npu, xloader()->offset));
}

/* Reset by its user it boots again, and is left alone; the guest reads no all ones there */
TEST_F_TIMEOUT(awake, asleep_after_a_reset_it_reads_0, SLOW_TIMEOUT)
{
	struct seen seen = { 0 };

	wait_until_awake(_metadata, &self->log, &seen);
	while (waits(_metadata))
		usleep(20000);
	ASSERT_EQ(0, simlog_mark(&self->log));
	seen = (struct seen) { 0 };
	ASSERT_EQ(0, ioctl(self->npu.fd, VFIO_DEVICE_RESET));
	ASSERT_EQ(0, npu_command(&self->npu, PCI_COMMAND_MEMORY, 0));
	EXPECT_EQ(0xffffffff, guest_reads(_metadata, &self->npu, xloader()->offset - 4));
	EXPECT_EQ(0, guest_reads(_metadata, &self->npu, xloader()->offset));
	look(_metadata, &self->log, &seen);
	ASSERT_NE(0, seen.slept);
	ASSERT_FALSE(seen.awake);
	EXPECT_EQ(0, seen.writes);
}

/* It wakes, and for half a second nobody looks at it */
static void wakes_unnoticed(struct __test_metadata *_metadata, struct simlog *log,
			    struct seen *seen)
{
	seen->reads = 0;
	wait_until_awake(_metadata, log, seen);
	usleep(500000);
	look(_metadata, log, seen);
	EXPECT_EQ(0, seen->reads);
	EXPECT_EQ(0, seen->writes);
}

/* Closed while it sleeps, it is left alone */
TEST_F_TIMEOUT(awake, closed_while_asleep, SLOW_TIMEOUT)
{
	struct seen seen = { 0 };

	look(_metadata, &self->log, &seen);
	ASSERT_FALSE(seen.awake);
	npu_close(&self->npu);
	look(_metadata, &self->log, &seen);
	wakes_unnoticed(_metadata, &self->log, &seen);
}

/* When the driver has stopped looking by itself, the next access looks */
TEST_F_TIMEOUT(awake, after_the_limit, SLOW_TIMEOUT)
{
	const struct npu_reg *last = &npu_dut.model->regs[npu_dut.model->nr_regs - 1];
	struct seen seen = { 0 };
	__u32 value;

	leave_value(_metadata, &self->npu, &self->log);
	look(_metadata, &self->log, &seen);
	ASSERT_LT(LIMIT_MS, seen.slept) {
		TH_LOG("run npu-sim with --sleep 45000");
	}
	while (!kmsg_find(&self->kmsg, npu_dut.bdf, "has not answered for 30 s"))
		usleep(100000);
	look(_metadata, &self->log, &seen);
	wakes_unnoticed(_metadata, &self->log, &seen);
	EXPECT_TRUE(waits(_metadata));

	/* Any guarded register will do */
	EXPECT_EQ(4, npu_pread(&self->npu, last->bar, &value, 4, last->offset));
	look(_metadata, &self->log, &seen);
	EXPECT_EQ(1, seen.writes);
	EXPECT_EQ(0, seen.written);
	EXPECT_FALSE(waits(_metadata));
	EXPECT_EQ(0, guest_reads(_metadata, &self->npu, xloader()->offset));
	EXPECT_EQ(1, kmsg_count(&self->kmsg, npu_dut.bdf, "has not answered"));
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stale xloader value is cleared when the device is opened, or hidden from the guest.
 *
 * The value is planted through plain vfio-pci. It survives the resets between there and
 * the driver only where the simulator was told so (npu-sim --keep-on-reset); a device that
 * refuses to be cleared is played with --xloader 0x5a6b7c8d --xloader-stuck.
 */
#include <sys/ioctl.h>

#include "fixture.h"

#define PARAMETER	"/sys/module/" GUARDED "/parameters/scrub_xloader"

/* The first xloader from register @i on, or nr_regs */
static unsigned int next_xloader(unsigned int i)
{
	while (i < npu_dut.model->nr_regs && npu_dut.model->regs[i].kind != NPU_REG_XLOADER)
		i++;
	return i;
}

struct witness {
	struct npu npu;
	struct simlog log;
	struct kmsg kmsg;
};

FIXTURE(scrub) {
	struct witness w;
};

FIXTURE_BACKENDS(scrub);

FIXTURE_SETUP(scrub)
{
	if (!fixture_needs_sim(_metadata))
		return;
	if (!fixture_open(_metadata, &self->w.npu, PLAIN, variant->backend))
		return;
	ASSERT_EQ(0, simlog_open(&self->w.log, npu_dut.simlog));
	ASSERT_EQ(0, kmsg_open(&self->w.kmsg));
}

FIXTURE_TEARDOWN(scrub)
{
	npu_close(&self->w.npu);
	simlog_close(&self->w.log);
	kmsg_close(&self->w.kmsg);
}

/* Whether the driver should scrub: the parameter, and what is known of the chip */
static bool scrubs(void)
{
	char text[8];

	return !npu_dut.model->no_scrub &&
	       (sysfs_read(PARAMETER, text, sizeof(text)) < 0 || text[0] == 'Y');
}

/**
 * struct seen - what happened to one register
 * @reads: how often it was read
 * @found: the first value read
 * @left: the last value read
 * @writes: how often it was written
 * @written: the last value written
 */
struct seen {
	unsigned int	reads;
	__u32		found;
	__u32		left;
	unsigned int	writes;
	__u32		written;
};

/* What reached each register since the last call */
static void look(struct __test_metadata *_metadata, struct simlog *log, struct seen *seen)
{
	struct sim_event e;
	int ret;

	memset(seen, 0, sizeof(*seen) * NPU_MAX_REGS);
	while ((ret = simlog_next(log, &e)) > 0) {
		for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
			const struct npu_reg *reg = &npu_dut.model->regs[i];

			if (e.region != reg->bar || e.offset + e.size <= reg->offset ||
			    e.offset >= reg->offset + NPU_REG_SIZE)
				continue;
			if (e.kind == SIM_READ && !seen[i].reads++)
				seen[i].found = e.value;
			if (e.kind == SIM_READ)
				seen[i].left = e.value;
			if (e.kind == SIM_WRITE && ++seen[i].writes)
				seen[i].written = e.value;
		}
	}
	ASSERT_EQ(0, ret);
}

/* Leave @value in every xloader, then open by the driver and see what it does */
static void plant_and_open(struct __test_metadata *_metadata, struct witness *w,
			   __u32 value, struct seen *seen)
{
	const struct npu_model *model = npu_dut.model;

	for (unsigned int i = next_xloader(0); i < npu_dut.model->nr_regs; i = next_xloader(i + 1))
		ASSERT_EQ(4, npu_pwrite(&w->npu, model->regs[i].bar, &value, 4,
					model->regs[i].offset));
	npu_close(&w->npu);
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	ASSERT_EQ(0, simlog_mark(&w->log));
	ASSERT_EQ(0, npu_open(&w->npu, &npu_dut, w->npu.backend));
	look(_metadata, &w->log, seen);
	for (unsigned int i = 0; i < model->nr_regs; i++)
		if (model->regs[i].kind == NPU_REG_FEATURE)
			EXPECT_EQ(0, seen[i].reads + seen[i].writes);
}

static void guest_reads(struct __test_metadata *_metadata, struct npu *npu,
			const struct npu_reg *reg, __u32 want)
{
	__u8 byte;
	__u32 value;

	ASSERT_EQ(4, npu_pread(npu, reg->bar, &value, 4, reg->offset));
	EXPECT_EQ(want, value);
	for (unsigned int i = 0; i < NPU_REG_SIZE; i++) {
		ASSERT_EQ(1, npu_pread(npu, reg->bar, &byte, 1, reg->offset + i));
		EXPECT_EQ((__u8)(want >> 8 * i), byte);
	}
}

TEST_F(scrub, stale_value_is_cleared)
{
	struct seen seen[NPU_MAX_REGS];

	if (!scrubs())
		SKIP(return, "switched off, or not done on this model");
	plant_and_open(_metadata, &self->w, NPU_XLOADER_PHYSICAL, seen);
	for (unsigned int i = next_xloader(0); i < npu_dut.model->nr_regs; i = next_xloader(i + 1)) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		ASSERT_LT(0, seen[i].reads);
		if (!seen[i].found)
			SKIP(return, "a reset clears the value: run npu-sim with --keep-on-reset");
		if (seen[i].left)
			SKIP(return, "this NPU refuses to be cleared");
		EXPECT_EQ(NPU_XLOADER_PHYSICAL, seen[i].found);
		EXPECT_EQ(1, seen[i].writes);
		EXPECT_EQ(0, seen[i].written);
		EXPECT_EQ(2, seen[i].reads);
		guest_reads(_metadata, &self->w.npu, reg, 0);
	}
	EXPECT_NE(NULL, kmsg_find(&self->w.kmsg, npu_dut.bdf, "scrubbed"));
	EXPECT_NE(NULL, kmsg_find(&self->w.kmsg, "5a6b7c8d", "scrubbed"));
}

TEST_F(scrub, kept_value_is_hidden)
{
	struct seen seen[NPU_MAX_REGS];

	if (!scrubs())
		SKIP(return, "switched off, or not done on this model");
	plant_and_open(_metadata, &self->w, NPU_XLOADER_PHYSICAL, seen);
	for (unsigned int i = next_xloader(0); i < npu_dut.model->nr_regs; i = next_xloader(i + 1)) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		if (!seen[i].left)
			SKIP(return, "this NPU can be cleared: run npu-sim with --xloader-stuck");
		EXPECT_EQ(1, seen[i].writes);
		EXPECT_EQ(0, seen[i].written);
		guest_reads(_metadata, &self->w.npu, reg, 0);
	}
	EXPECT_NE(NULL, kmsg_find(&self->w.kmsg, npu_dut.bdf, "cannot be scrubbed"));
}

TEST_F(scrub, clean_device_is_not_written)
{
	struct seen seen[NPU_MAX_REGS];

	plant_and_open(_metadata, &self->w, 0, seen);
	for (unsigned int i = next_xloader(0); i < npu_dut.model->nr_regs; i = next_xloader(i + 1)) {
		if (seen[i].found)
			SKIP(return, "this NPU refuses to be cleared");
		EXPECT_EQ(0, seen[i].writes);
		guest_reads(_metadata, &self->w.npu, &npu_dut.model->regs[i], 0);
	}
	EXPECT_EQ(NULL, kmsg_find(&self->w.kmsg, npu_dut.bdf, "scrubbed"));
}

/* With the parameter off, and where nobody knows whether writing is safe */
TEST_F(scrub, left_alone_where_not_wanted)
{
	struct seen seen[NPU_MAX_REGS], now[NPU_MAX_REGS];
	__u32 value;

	if (scrubs())
		SKIP(return, "the driver scrubs: load it with scrub_xloader=0");
	plant_and_open(_metadata, &self->w, NPU_XLOADER_PHYSICAL, seen);
	for (unsigned int i = next_xloader(0); i < npu_dut.model->nr_regs; i = next_xloader(i + 1)) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		EXPECT_EQ(0, seen[i].writes);
		/* The guest sees what the device says, whatever that is */
		ASSERT_EQ(4, npu_pread(&self->w.npu, reg->bar, &value, 4, reg->offset));
		look(_metadata, &self->w.log, now);
		EXPECT_EQ(1, now[i].reads);
		EXPECT_EQ(now[i].found, value);
	}
	EXPECT_EQ(NULL, kmsg_find(&self->w.kmsg, npu_dut.bdf, "scrubbed"));
}

/* A device that is booting again is left alone */
TEST_F(scrub, not_again_after_a_reset)
{
	struct seen seen[NPU_MAX_REGS];

	plant_and_open(_metadata, &self->w, NPU_XLOADER_PHYSICAL, seen);
	if (ioctl(self->w.npu.fd, VFIO_DEVICE_RESET))
		SKIP(return, "the device cannot be reset: %s", strerror(errno));
	look(_metadata, &self->w.log, seen);
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++)
		EXPECT_EQ(0, seen[i].reads + seen[i].writes);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that hammers a guarded register cannot flood the kernel log.
 *
 * A program of its own, for a million writes take half a minute in an emulated machine.
 */
#include <time.h>

#include "fixture.h"

#define FLOOD		1000000
#define LINES		2	/* in the driver's INTERVAL */
#define INTERVAL	60	/* s */
#define EACH		3	/* /dev/kmsg has two more for each, which name the device */
#define OTHERS		5	/* that have nothing to do with it, "a handful" */

FIXTURE(flood) {
	struct npu npu;
	struct kmsg kmsg;
};

FIXTURE_SETUP(flood)
{
	if (!fixture_needs_sim(_metadata))
		return;
	/* Bound afresh, so that the counter begins at 0 and nothing is held back yet */
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	if (fixture_open(_metadata, &self->npu, GUARDED,
			 npu_backend_missing(NPU_GROUP) ? NPU_CDEV : NPU_GROUP))
		ASSERT_EQ(0, kmsg_open(&self->kmsg));
}

FIXTURE_TEARDOWN(flood)
{
	npu_close(&self->npu);
	kmsg_close(&self->kmsg);
}

/* How many lines there may be: a slow machine takes more than one interval */
static unsigned int most_lines(time_t start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return LINES * ((now.tv_sec - start) / INTERVAL + 1);
}

TEST_F_TIMEOUT(flood, a_million_dropped_writes, SLOW_TIMEOUT)
{
	const struct npu_reg *reg = &npu_dut.model->regs[0];
	const __u32 value = NPU_XLOADER_PHYSICAL;
	struct timespec start;
	unsigned int lines;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 1; i <= FLOOD; i++) {
		ASSERT_EQ(4, npu_pwrite(&self->npu, reg->bar, &value, 4, reg->offset));
		/* A flood takes long on an emulated console: do not wait for its end */
		if (i % (FLOOD / 100) == 0)
			ASSERT_GE(most_lines(start.tv_sec),
				  kmsg_count(&self->kmsg, "dropped write", NULL));
	}
	EXPECT_EQ(FLOOD, npu_attr_num(npu_dut.bdf, "ascend_vfio/dropped_writes"));
	lines = kmsg_count(&self->kmsg, "dropped write", npu_dut.bdf);
	EXPECT_LE(1, lines);
	EXPECT_GE(most_lines(start.tv_sec), lines);
	/* Nothing else may have flooded it either */
	EXPECT_GE(EACH * lines + OTHERS, kmsg_count(&self->kmsg, "", NULL));
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an operator sees: sysfs, debugfs and the tracepoint.
 */
#include <linux/ascend_vfio.h>

#include "fixture.h"

#define DEBUGFS		"/sys/kernel/debug/ascend_vfio"
#define TRACING		"/sys/kernel/tracing"
#define EVENT		TRACING "/events/ascend_vfio/ascend_vfio_trap"
#define MINE		"ascend_vfio_trap: dev="

FIXTURE(observe) {
	struct npu npu;
};

FIXTURE_BACKENDS(observe);

FIXTURE_SETUP(observe)
{
	if (!fixture_needs_sim(_metadata))
		return;
	/* Bound afresh, so that all counters begin at 0 */
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	fixture_open(_metadata, &self->npu, GUARDED, variant->backend);
}

FIXTURE_TEARDOWN(observe)
{
	sysfs_write(EVENT "/enable", "0");
	npu_close(&self->npu);
}

TEST_F(observe, sysfs_attributes)
{
	const struct npu_reg *reg = &npu_dut.model->regs[0];
	const __u32 value = 0xffffffff;
	struct npu_region region;
	char text[64], want[64];
	unsigned int bars = 0;

	ASSERT_LT(0, npu_attr(npu_dut.bdf, "ascend_vfio/layout", text, sizeof(text)));
	EXPECT_STREQ(npu_model_layout(npu_dut.model), text);

	for (unsigned int i = 0; i < NPU_NR_BARS; i++) {
		ASSERT_EQ(0, npu_region_get(&self->npu, i, &region));
		bars |= region.flags & VFIO_REGION_INFO_FLAG_NORMAL_NC ? 1U << i : 0;
	}
	snprintf(want, sizeof(want), "0x%x", bars);
	ASSERT_LT(0, npu_attr(npu_dut.bdf, "ascend_vfio/normal_nc_bars", text, sizeof(text)));
	EXPECT_STREQ(want, text);

	ASSERT_LT(0, npu_attr(npu_dut.bdf, "ascend_vfio/needs_reset", text, sizeof(text)));
	EXPECT_STREQ("0", text);

	ASSERT_LT(0, npu_attr(npu_dut.bdf, "ascend_vfio/dropped_writes", text, sizeof(text)));
	EXPECT_STREQ("0", text);
	for (int i = 0; i < 12; i++)
		ASSERT_EQ(4, npu_pwrite(&self->npu, reg->bar, &value, 4, reg->offset));
	ASSERT_LT(0, npu_attr(npu_dut.bdf, "ascend_vfio/dropped_writes", text, sizeof(text)));
	EXPECT_STREQ("12", text);
}

TEST_F(observe, sysfs_attributes_cannot_be_written)
{
	const char * const files[] = {
		"layout", "needs_reset", "normal_nc_bars", "dropped_writes",
	};
	char path[256];

	for (unsigned int i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/ascend_vfio/%s", npu_dut.bdf,
			 files[i]);
		EXPECT_GT(0, sysfs_write(path, "1"));
	}
}

/* How names begin: registers of one kind and rules are numbered */
static const char * const names[] = {
	[NPU_REG_XLOADER] = "xloader", [NPU_REG_FEATURE] = "feature",
	[NPU_REG_NODE] = "numa_node", [NPU_REG_HIDE] = "rule", [NPU_REG_RO] = "rule",
};

static const char * const states[] = {
	[NPU_REG_XLOADER] = "device", [NPU_REG_FEATURE] = "emulated",
	[NPU_REG_NODE] = "emulated", [NPU_REG_HIDE] = "hide", [NPU_REG_RO] = "ro",
};

/* The line of debugfs about a register: its counters, or a failed test */
static void counters(struct __test_metadata *_metadata, const struct npu_reg *reg,
		     unsigned long long *reads, unsigned long long *dropped)
{
	char path[256], text[2048], name[32], state[32], *line;
	unsigned long long offset, size;
	unsigned int bar;

	snprintf(path, sizeof(path), DEBUGFS "/%s/traps", npu_dut.bdf);
	ASSERT_LT(0, sysfs_read(path, text, sizeof(text)));
	for (line = strchr(text, '\n'); line; line = strchr(line, '\n')) {
		line++;
		if (sscanf(line, "%31s %u %llx %llu %llu %llu %31s", name, &bar, &offset, &size,
			   reads, dropped, state) != 7)
			continue;
		if (bar != reg->bar || offset != reg->offset)
			continue;
		EXPECT_EQ(0, strncmp(name, names[reg->kind], strlen(names[reg->kind])));
		EXPECT_EQ(npu_reg_end(reg) - reg->offset, size);
		EXPECT_STREQ(states[reg->kind], state);
		return;
	}
	ASSERT_NE(NULL, line) {
		TH_LOG("no line for BAR %u+0x%llx in %s:\n%s", reg->bar,
		       (unsigned long long)reg->offset, path, text);
	}
}

TEST_F(observe, debugfs_counts_each_register)
{
	unsigned long long reads, dropped;
	__u32 value = 0;

	if (access(DEBUGFS, F_OK))
		SKIP(return, "no " DEBUGFS ": mount debugfs");
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		/* i + 1 reads and 2i + 1 writes: no two registers have the same numbers */
		for (unsigned int n = 0; n <= i; n++)
			ASSERT_EQ(4, npu_pread(&self->npu, reg->bar, &value, 4, reg->offset));
		for (unsigned int n = 0; n <= 2 * i; n++)
			ASSERT_EQ(1, npu_pwrite(&self->npu, reg->bar, &value, 1, reg->offset + 3));
	}
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		counters(_metadata, reg, &reads, &dropped);
		/* Those that a rule lets pass are the device's */
		EXPECT_EQ(reg->kind == NPU_REG_RO ? 0 : i + 1, reads);
		EXPECT_EQ(2 * i + 1, dropped);
	}
}

/* Opening it to write from the start is what empties it */
static void clear_trace(struct __test_metadata *_metadata)
{
	FILE *f = fopen(TRACING "/trace", "w");

	ASSERT_NE(NULL, f);
	fclose(f);
}

/* The driver's events in the trace buffer, as one text */
static void traced(struct __test_metadata *_metadata, char *text, size_t size)
{
	FILE *f = fopen(TRACING "/trace", "r");
	char line[512];
	size_t len = 0;

	ASSERT_NE(NULL, f);
	text[0] = '\0';
	while (fgets(line, sizeof(line), f)) {
		const char *mine = strstr(line, MINE);

		if (mine && len < size)
			len += snprintf(text + len, size - len, "%s", mine + strlen(MINE));
	}
	fclose(f);
}

TEST_F(observe, tracepoint_tells_every_access)
{
	const struct npu_reg *reg = &npu_dut.model->regs[0];
	const char *name = reg->kind == NPU_REG_FEATURE ? "feature" : "xloader";
	char text[4096], want[4096], full[32];
	const char *found;
	const __u16 half = 0xbeef;
	const __u64 wide = 0x1122334455667788ULL;
	__u32 value;

	if (access(EVENT, F_OK))
		SKIP(return, "no " EVENT ": mount tracefs");
	clear_trace(_metadata);
	ASSERT_EQ(0, sysfs_write(EVENT "/enable", "1"));
	ASSERT_EQ(4, npu_pread(&self->npu, reg->bar, &value, 4, reg->offset));
	ASSERT_EQ(2, npu_pwrite(&self->npu, reg->bar, &half, 2, reg->offset + 2));
	ASSERT_EQ(8, npu_pwrite(&self->npu, reg->bar, &wide, 8, reg->offset - 4));
	/* and none for what is no register's */
	ASSERT_EQ(4, npu_pread(&self->npu, reg->bar, &value, 4, reg->offset - 4));
	ASSERT_EQ(0, sysfs_write(EVENT "/enable", "0"));
	ASSERT_EQ(4, npu_pread(&self->npu, reg->bar, &value, 4, reg->offset));

	traced(_metadata, text, sizeof(text));
	/* Registers of one kind are numbered where a chip has several */
	found = strstr(text, name);
	ASSERT_NE(NULL, found);
	snprintf(full, sizeof(full), "%.*s", (int)strcspn(found, " "), found);
	snprintf(want, sizeof(want),
		 "%s register=%s bar=%u offset=0x%llx size=4 value=0x0 read\n"
		 "%s register=%s bar=%u offset=0x%llx size=2 value=0xbeef write\n"
		 "%s register=%s bar=%u offset=0x%llx size=4 value=0x11223344 write\n",
		 npu_dut.bdf, full, reg->bar, (unsigned long long)reg->offset,
		 npu_dut.bdf, full, reg->bar, (unsigned long long)reg->offset + 2,
		 npu_dut.bdf, full, reg->bar, (unsigned long long)reg->offset);
	EXPECT_STREQ(want, text);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

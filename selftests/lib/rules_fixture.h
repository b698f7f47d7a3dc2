/* SPDX-License-Identifier: GPL-2.0-only */
/* For tests of an operator's rules: an NPU that is bound afresh, and what guard shows. */
#ifndef SELFTESTS_RULES_FIXTURE_H
#define SELFTESTS_RULES_FIXTURE_H

#include "fixture.h"

#define GUARD	"ascend_vfio/guard"
#define NODE	"ascend_vfio/guest_numa_node"
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

#endif /* SELFTESTS_RULES_FIXTURE_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parameter wc_unlisted: on a chip for which the vendor does not list write combining
 * in guests, feature is the device's own memory, unless the parameter was on when the
 * device was bound; then it is guarded as on the other chips.
 */
#include <sys/mman.h>
#include <linux/ascend_vfio.h>

#include "fixture.h"

#define PARAMETER	"/sys/module/" GUARDED "/parameters/wc_unlisted"

FIXTURE(unlisted) {
	struct npu npu;
	struct simlog log;
	char before[8];
};

FIXTURE_BACKENDS(unlisted);

FIXTURE_SETUP(unlisted)
{
	if (!fixture_needs_sim(_metadata))
		return;
	self->npu = (struct npu) { .fd = -1, .group = -1, .iommu = -1 };
	self->log.fd = -1;
	ASSERT_LT(0, sysfs_read(PARAMETER, self->before, sizeof(self->before)));
	ASSERT_EQ(0, simlog_open(&self->log, npu_dut.simlog));
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
}

FIXTURE_TEARDOWN(unlisted)
{
	npu_close(&self->npu);
	simlog_close(&self->log);
	sysfs_write(PARAMETER, self->before);
}

/* Write the register: whether that arrived, and what it reads then */
static bool write_arrives(struct __test_metadata *_metadata, struct npu *npu, struct simlog *log,
			  const struct npu_reg *reg, __u32 *value)
{
	const __u32 out = 0x40;
	unsigned int arrived = 0;
	struct sim_event e;
	int ret;

	ASSERT_EQ(0, simlog_mark(log));
	EXPECT_EQ(4, npu_pwrite(npu, reg->bar, &out, 4, reg->offset));
	while ((ret = simlog_next(log, &e)) > 0)
		arrived += e.kind == SIM_WRITE && e.region == reg->bar &&
			   e.offset == reg->offset && e.value == out;
	ASSERT_EQ(0, ret);
	EXPECT_EQ(4, npu_pread(npu, reg->bar, value, 4, reg->offset));
	return arrived;
}

static bool page_maps(struct npu *npu, const struct npu_reg *reg)
{
	const size_t page = npu_page_size();
	void *p = npu_mmap(npu, reg->bar, reg->offset & ~(page - 1), page, PROT_READ, MAP_SHARED);

	if (p == MAP_FAILED)
		return false;
	munmap(p, page);
	return true;
}

/* Only where no xloader is in the same page does the page tell */
static bool shares_page(const struct npu_model *model, const struct npu_reg *reg)
{
	for (unsigned int i = 0; i < model->nr_all_regs; i++)
		if (model->regs[i].kind == NPU_REG_XLOADER && model->regs[i].bar == reg->bar &&
		    !((model->regs[i].offset ^ reg->offset) & ~(npu_page_size() - 1)))
			return true;
	return false;
}

static void check_all(struct __test_metadata *_metadata, struct npu *npu, struct simlog *log,
		      bool guarded)
{
	const struct npu_model *model = npu_dut.model;
	long long bars = npu_attr_num(npu_dut.bdf, "ascend_vfio/normal_nc_bars");
	unsigned int seen = 0;
	__u32 value;

	ASSERT_LE(0, bars);
	for (unsigned int i = 0; i < model->nr_all_regs; i++) {
		const struct npu_reg *reg = &model->regs[i];

		if (!reg->unlisted)
			continue;
		EXPECT_EQ(!guarded, write_arrives(_metadata, npu, log, reg, &value));
		EXPECT_EQ(guarded ? bars : 0x40, value);
		if (!shares_page(model, reg))
			EXPECT_EQ(!guarded, page_maps(npu, reg));
		seen++;
	}
	EXPECT_LT(0, seen) {
		TH_LOG("no register of %s is trapped only with wc_unlisted", model->name);
	}
}

static void bind_and_open(struct __test_metadata *_metadata, struct npu *npu,
			  enum npu_backend backend)
{
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	ASSERT_EQ(0, npu_open(npu, &npu_dut, backend));
}

TEST_F(unlisted, off_it_is_the_devices)
{
	ASSERT_EQ(0, sysfs_write(PARAMETER, "N"));
	bind_and_open(_metadata, &self->npu, variant->backend);
	check_all(_metadata, &self->npu, &self->log, false);
}

TEST_F(unlisted, on_it_is_guarded)
{
	ASSERT_EQ(0, sysfs_write(PARAMETER, "Y"));
	bind_and_open(_metadata, &self->npu, variant->backend);
	check_all(_metadata, &self->npu, &self->log, true);
}

/* What a device has was worked out when it was bound */
TEST_F(unlisted, changed_while_bound_nothing_changes)
{
	ASSERT_EQ(0, sysfs_write(PARAMETER, "Y"));
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	ASSERT_EQ(0, sysfs_write(PARAMETER, "N"));
	ASSERT_EQ(0, npu_open(&self->npu, &npu_dut, variant->backend));
	check_all(_metadata, &self->npu, &self->log, true);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

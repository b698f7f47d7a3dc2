// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parameters that are set when the module is loaded.
 *
 * Unloads the module and loads it again, so nothing else may use it; ASCEND_MODULE is
 * the path of ascend_vfio_pci.ko. It is loaded without parameters in the end.
 */
#include <fcntl.h>
#include <linux/ascend_vfio.h>
#include <sys/syscall.h>

#include "fixture.h"

static const char *module;

static int unload(void)
{
	return syscall(__NR_delete_module, GUARDED, O_NONBLOCK) && errno != ENOENT ? -errno : 0;
}

static int load(const char *parameters)
{
	int fd = open(module, O_RDONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (syscall(__NR_finit_module, fd, parameters, 0))
		ret = -errno;
	close(fd);
	return ret;
}

FIXTURE(param) {
	struct npu npu;
	struct kmsg kmsg;
};

FIXTURE_BACKENDS(param);

FIXTURE_SETUP(param)
{
	const char *missing = npu_backend_missing(variant->backend);

	self->npu.fd = -1;
	self->npu.group = -1;
	self->npu.iommu = -1;
	if (missing)
		SKIP(return, "%s", missing);
	if (!module || access(module, R_OK))
		SKIP(return, "set ASCEND_MODULE to the path of " GUARDED ".ko");
	if (!fixture_needs_sim(_metadata))
		return;
	ASSERT_EQ(0, kmsg_open(&self->kmsg));
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, unload()) {
		TH_LOG("the module is in use: %s", strerror(errno));
	}
}

FIXTURE_TEARDOWN(param)
{
	npu_close(&self->npu);
	npu_unbind(npu_dut.bdf);
	unload();
	EXPECT_EQ(0, load(""));
	EXPECT_EQ(NULL, kmsg_trouble(&self->kmsg));
	kmsg_close(&self->kmsg);
}

static __u32 read_reg(struct __test_metadata *_metadata, struct npu *npu, enum npu_reg_kind kind)
{
	__u32 value = 0;

	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		if (reg->kind == kind)
			EXPECT_EQ(4, npu_pread(npu, reg->bar, &value, 4, reg->offset));
	}
	return value;
}

/* Which BARs say NORMAL_NC, and that their mappings agree */
static __u32 nc_bars(struct __test_metadata *_metadata, struct npu *npu)
{
	__u32 bars = 0;

	for (unsigned int i = 0; i < NPU_NR_BARS; i++) {
		struct npu_region region;

		ASSERT_EQ(0, npu_region_get(npu, i, &region));
		if (!(region.flags & VFIO_REGION_INFO_FLAG_MMAP))
			continue;
		EXPECT_EQ(!!(region.flags & VFIO_REGION_INFO_FLAG_NORMAL_NC),
			  npu_mapping_is_nc(npu, &region));
		bars |= region.flags & VFIO_REGION_INFO_FLAG_NORMAL_NC ? 1U << i : 0;
	}
	return bars;
}

TEST_F(param, normal_nc_off)
{
	char text[32];

	ASSERT_EQ(0, load("normal_nc=0"));
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	ASSERT_EQ(0, npu_open(&self->npu, &npu_dut, variant->backend));
	EXPECT_EQ(0, nc_bars(_metadata, &self->npu));
	EXPECT_EQ(0, read_reg(_metadata, &self->npu, NPU_REG_FEATURE));
	ASSERT_LT(0, npu_attr(npu_dut.bdf, "ascend_vfio/normal_nc_bars", text, sizeof(text)));
	EXPECT_STREQ("0x0", text);
}

/* The control: with the parameter on, all of that differs where the kernel can do it */
TEST_F(param, normal_nc_on)
{
	bool has_feature = false;
	int kernel_maps_nc = npu_ask_kernel(&npu_dut);
	__u32 bars;

	ASSERT_LE(0, kernel_maps_nc);
	ASSERT_EQ(0, load("normal_nc=1"));
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	ASSERT_EQ(0, npu_open(&self->npu, &npu_dut, variant->backend));
	bars = nc_bars(_metadata, &self->npu);
	if (!bars && !kernel_maps_nc)
		SKIP(return, "this kernel has no VM_ALLOW_ANY_UNCACHED");
	EXPECT_NE(0, bars) {
		TH_LOG("vfio-pci's mappings are Normal-NC on this kernel, ours are not");
	}
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++)
		has_feature |= npu_dut.model->regs[i].kind == NPU_REG_FEATURE;
	if (has_feature)
		EXPECT_EQ(bars, read_reg(_metadata, &self->npu, NPU_REG_FEATURE));
}

/* A kernel that cannot do it is told of once, when the module is loaded; others never */
TEST_F(param, missing_kernel_support_is_said_once)
{
	ASSERT_EQ(0, load(""));
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
		ASSERT_EQ(0, npu_open(&self->npu, &npu_dut, variant->backend));
		EXPECT_EQ(nc_bars(_metadata, &self->npu) ? 0 : 1,
			  kmsg_count(&self->kmsg, GUARDED, "lacks VM_ALLOW_ANY_UNCACHED"));
		npu_close(&self->npu);
		ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	}
}

/* Writes to xloader that reach the device between vfio-pci's and the next open */
static unsigned int scrubs(struct __test_metadata *_metadata, struct npu *npu,
			   enum npu_backend backend, const char *parameters)
{
	const struct npu_reg *reg = &npu_dut.model->regs[0];
	const __u32 physical = NPU_XLOADER_PHYSICAL;
	unsigned int writes = 0;
	struct simlog log;
	struct sim_event e;
	int ret;

	ASSERT_EQ(0, npu_bind(npu_dut.bdf, PLAIN));
	ASSERT_EQ(0, npu_open(npu, &npu_dut, backend));
	ASSERT_EQ(4, npu_pwrite(npu, reg->bar, &physical, 4, reg->offset));
	npu_close(npu);
	ASSERT_EQ(0, load(parameters));
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	ASSERT_EQ(0, simlog_open(&log, npu_dut.simlog));
	ASSERT_EQ(0, npu_open(npu, &npu_dut, backend));
	while ((ret = simlog_next(&log, &e)) > 0)
		writes += e.kind == SIM_WRITE && e.region == reg->bar && e.offset == reg->offset;
	ASSERT_EQ(0, ret);
	simlog_close(&log);
	return writes;
}

TEST_F(param, scrub_xloader_off)
{
	EXPECT_EQ(0, scrubs(_metadata, &self->npu, variant->backend, "scrub_xloader=0"));
	if (!read_reg(_metadata, &self->npu, NPU_REG_XLOADER))
		SKIP(return, "a reset clears the value: run npu-sim with --keep-on-reset");
	/* Not scrubbed, not hidden: the operator asked for the device as it is */
	EXPECT_EQ(NPU_XLOADER_PHYSICAL, read_reg(_metadata, &self->npu, NPU_REG_XLOADER));
}

TEST_F(param, bad_ones_are_refused)
{
	static const char * const bad[] = {
		"layout=nonsense", "layout=0000:01:00.0:nonsense", "normal_nc=perhaps",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, load(bad[i])) {
			TH_LOG("%s", bad[i]);
		}
		EXPECT_FALSE(npu_driver_loaded(GUARDED));
		unload();
	}
}

int main(int argc, char **argv)
{
	module = getenv("ASCEND_MODULE");
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A chip that vanishes from the bus when it is reset (310P): with vfio-pci a VMM loses it
 * when it opens it, when it asks for a reset, and when it closes it; with ascend_vfio_pci
 * none of these touches it. The price, a chip that is not clean, is told.
 *
 * Runs on a simulator with --vanish in a slot with hotplug; the kernel then makes the device
 * anew, as it does on hardware.
 */
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <linux/pci_regs.h>

#include "fixture.h"

#define PARAMETER(name)	"/sys/module/" GUARDED "/parameters/" name
#define AUTOPROBE	"/sys/bus/pci/drivers_autoprobe"
#define D3HOT		3
/* The test bed needs 5 s; a loaded machine more */
#define PATIENCE_S	60

FIXTURE(vanish) {
	struct npu npu;
	struct simlog log;
	struct kmsg kmsg;
	ino_t inode;
};

FIXTURE_BACKENDS(vanish);

/* A device that is made anew has another one */
static ino_t inode(void)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/", npu_dut.bdf);
	return stat(path, &st) ? 0 : st.st_ino;
}

static int set_reset_methods(const char *methods)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset_method", npu_dut.bdf);
	return sysfs_write(path, methods);
}

/* Without a way to reset the function alone, as hosts are set up against the loss */
static int forget_reset_methods(void)
{
	return set_reset_methods("\n");
}

FIXTURE_SETUP(vanish)
{
	if (!fixture_needs_sim(_metadata))
		return;
	if (npu_backend_missing(variant->backend))
		SKIP(return, "%s", npu_backend_missing(variant->backend));
	self->npu = (struct npu) { .fd = -1, .group = -1, .iommu = -1 };
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, set_reset_methods("default"));
	ASSERT_EQ(0, simlog_open(&self->log, npu_dut.simlog));
	ASSERT_EQ(0, kmsg_open(&self->kmsg));
	self->inode = inode();
	ASSERT_NE(0, self->inode);
}

FIXTURE_TEARDOWN(vanish)
{
	npu_close(&self->npu);
	sysfs_write(PARAMETER("protect_reset"), "Y");
	sysfs_write(PARAMETER("require_reset"), "N");
	sysfs_write(AUTOPROBE, "1");
	EXPECT_EQ(NULL, kmsg_trouble(&self->kmsg));
	simlog_close(&self->log);
	kmsg_close(&self->kmsg);
}

/* The NPU has left the bus: it was reset, and comes back as another device */
static void is_lost(struct __test_metadata *_metadata, struct npu *npu, struct simlog *log,
		    ino_t before)
{
	char text[64] = "";
	ino_t now = before;

	EXPECT_EQ(1, simlog_was_reset(log));
	/* The kernel waits for whoever has it open */
	npu_close(npu);
	for (int left = PATIENCE_S * 10; left && (!now || now == before); left--) {
		usleep(100000);
		now = inode();
	}
	ASSERT_NE(0, now);
	ASSERT_NE(before, now);
	/* All that was known about it is gone */
	npu_driver(npu_dut.bdf, text, sizeof(text));
	EXPECT_STREQ("", text);
	ASSERT_LT(0, npu_attr(npu_dut.bdf, "driver_override", text, sizeof(text)));
	EXPECT_STREQ("(null)", text);
}

/* Nothing was done to it */
static void is_untouched(struct __test_metadata *_metadata, struct simlog *log, ino_t before)
{
	EXPECT_EQ(0, simlog_was_reset(log));
	EXPECT_EQ(before, inode());
	EXPECT_EQ(0x19e5, npu_attr_num(npu_dut.bdf, "vendor"));
}

static void bind_and_open(struct __test_metadata *_metadata, struct npu *npu,
			  const char *driver, enum npu_backend backend)
{
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, driver));
	ASSERT_EQ(0, npu_open(npu, &npu_dut, backend));
}

static int sysfs_reset(void)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", npu_dut.bdf);
	return sysfs_write(path, "1");
}

static void set_override(struct __test_metadata *_metadata, const char *driver)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", npu_dut.bdf);
	ASSERT_EQ(0, sysfs_write(path, driver));
}

static int set_power_state(struct npu *npu, __u16 state)
{
	unsigned int at = npu_find_cap(npu, PCI_CAP_ID_PM) + PCI_PM_CTRL;

	return npu_pwrite(npu, VFIO_PCI_CONFIG_REGION_INDEX, &state, 2, at) == 2 ? 0 : -EIO;
}

static void expect_power_state(struct __test_metadata *_metadata, const char *want)
{
	char text[32] = "";

	/* A device that nobody uses is put to sleep a moment later */
	for (int left = 50; left; left--) {
		ASSERT_LT(0, npu_attr(npu_dut.bdf, "power_state", text, sizeof(text)));
		if (strcmp(want, text) == 0)
			return;
		usleep(100000);
	}
	EXPECT_STREQ(want, text);
}

/*
 * Opened, or not: on a busy machine the chip has left before the kernel asks whether it is
 * ready, so that the kernel waits, gives up, and has no device then.
 */
static void open_and_lose(struct __test_metadata *_metadata, struct npu *npu,
			  enum npu_backend backend)
{
	int ret = npu_open(npu, &npu_dut, backend);

	if (ret != -ENODEV)
		ASSERT_EQ(0, ret);
}

TEST_F_TIMEOUT(vanish, vfio_pci_loses_it_at_open, SLOW_TIMEOUT)
{
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, PLAIN));
	open_and_lose(_metadata, &self->npu, variant->backend);
	is_lost(_metadata, &self->npu, &self->log, self->inode);
}

TEST_F_TIMEOUT(vanish, vfio_pci_loses_it_at_a_reset, SLOW_TIMEOUT)
{
	ASSERT_EQ(0, forget_reset_methods());
	bind_and_open(_metadata, &self->npu, PLAIN, variant->backend);
	is_untouched(_metadata, &self->log, self->inode);
	npu_hot_reset(&self->npu);
	is_lost(_metadata, &self->npu, &self->log, self->inode);
}

TEST_F_TIMEOUT(vanish, vfio_pci_loses_it_at_the_last_close, SLOW_TIMEOUT)
{
	ASSERT_EQ(0, forget_reset_methods());
	bind_and_open(_metadata, &self->npu, PLAIN, variant->backend);
	is_untouched(_metadata, &self->log, self->inode);
	npu_close(&self->npu);
	is_lost(_metadata, &self->npu, &self->log, self->inode);
}

TEST_F_TIMEOUT(vanish, nothing_touches_it, SLOW_TIMEOUT)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };

	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	EXPECT_NE(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "kept from bus, slot and PM resets"));
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, npu_open(&self->npu, &npu_dut, variant->backend));
		ASSERT_EQ(0, ioctl(self->npu.fd, VFIO_DEVICE_GET_INFO, &info));
		EXPECT_EQ(0, info.flags & VFIO_DEVICE_FLAGS_RESET);
		EXPECT_EQ(-1, ioctl(self->npu.fd, VFIO_DEVICE_RESET));
		EXPECT_GT(0, npu_hot_reset(&self->npu));
		EXPECT_GT(0, sysfs_reset());
		npu_close(&self->npu);
		is_untouched(_metadata, &self->log, self->inode);
	}
}

/* A guest may write any power state; a chip that leaves D3hot is reset on some */
TEST_F_TIMEOUT(vanish, it_stays_in_d0, SLOW_TIMEOUT)
{
	bind_and_open(_metadata, &self->npu, GUARDED, variant->backend);
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, set_power_state(&self->npu, D3HOT));
		expect_power_state(_metadata, "D0");
		ASSERT_EQ(0, set_power_state(&self->npu, 0));
	}
	npu_close(&self->npu);
	sleep(1);
	expect_power_state(_metadata, "D0");
	is_untouched(_metadata, &self->log, self->inode);

	/* The control: vfio-pci lets a guest, and a device that nobody has open, sleep */
	ASSERT_EQ(0, forget_reset_methods());
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, PLAIN));
	expect_power_state(_metadata, "D3hot");
}

TEST_F_TIMEOUT(vanish, not_clean_is_told, SLOW_TIMEOUT)
{
	const char *dirty = "was used and not reset since";

	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	EXPECT_EQ(0, npu_attr_num(npu_dut.bdf, "ascend_vfio/needs_reset"));
	ASSERT_EQ(0, npu_open(&self->npu, &npu_dut, variant->backend));
	EXPECT_EQ(0, npu_attr_num(npu_dut.bdf, "ascend_vfio/needs_reset"));
	npu_close(&self->npu);
	EXPECT_EQ(1, npu_attr_num(npu_dut.bdf, "ascend_vfio/needs_reset"));
	EXPECT_EQ(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, dirty));

	ASSERT_EQ(0, npu_open(&self->npu, &npu_dut, variant->backend));
	EXPECT_EQ(1, kmsg_count(&self->kmsg, npu_dut.bdf, dirty));
	npu_close(&self->npu);

	ASSERT_EQ(0, sysfs_write(PARAMETER("require_reset"), "Y"));
	EXPECT_EQ(-EBUSY, npu_open(&self->npu, &npu_dut, variant->backend));
	EXPECT_NE(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "not opened (require_reset)"));

	/* Bound anew it counts as clean: whoever did that has reset it */
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	EXPECT_EQ(0, npu_attr_num(npu_dut.bdf, "ascend_vfio/needs_reset"));
	ASSERT_EQ(0, npu_open(&self->npu, &npu_dut, variant->backend));
	npu_close(&self->npu);
	is_untouched(_metadata, &self->log, self->inode);
}

/*
 * What was forbidden is allowed again: the same reset as before does it. So a used chip is
 * cleaned, as README says it, and nobody takes it before it is bound again.
 */
TEST_F_TIMEOUT(vanish, unbinding_lifts_it, SLOW_TIMEOUT)
{
	bind_and_open(_metadata, &self->npu, GUARDED, variant->backend);
	EXPECT_GT(0, sysfs_reset());
	npu_close(&self->npu);
	EXPECT_EQ(1, npu_attr_num(npu_dut.bdf, "ascend_vfio/needs_reset"));
	ASSERT_EQ(0, sysfs_write(AUTOPROBE, "0"));
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	is_untouched(_metadata, &self->log, self->inode);
	sysfs_reset();
	is_lost(_metadata, &self->npu, &self->log, self->inode);
	set_override(_metadata, GUARDED);
	ASSERT_EQ(0, sysfs_write("/sys/bus/pci/drivers/" GUARDED "/bind", npu_dut.bdf));
	EXPECT_EQ(0, npu_attr_num(npu_dut.bdf, "ascend_vfio/needs_reset"));
}

TEST_F_TIMEOUT(vanish, unprotected_it_is_as_vfio_pci, SLOW_TIMEOUT)
{
	ASSERT_EQ(0, sysfs_write(PARAMETER("protect_reset"), "N"));
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	EXPECT_EQ(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "kept from"));
	open_and_lose(_metadata, &self->npu, variant->backend);
	is_lost(_metadata, &self->npu, &self->log, self->inode);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

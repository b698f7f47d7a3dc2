// SPDX-License-Identifier: GPL-2.0-only
/*
 * An NPU that the driver cannot guard is refused: no driver, a reason in the kernel
 * log that names the way out, and vfio-pci can still have it.
 *
 * Runs on a device that must be refused, which the test bed plays: an unknown device
 * id, an unknown 310P, BARs that are too small. ASCEND_REFUSED holds a part of the
 * reason that must be given.
 */
#include "fixture.h"

FIXTURE(refuse) {
	struct kmsg kmsg;
};

FIXTURE_SETUP(refuse)
{
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, kmsg_open(&self->kmsg));
}

FIXTURE_TEARDOWN(refuse)
{
	kmsg_close(&self->kmsg);
	npu_unbind(npu_dut.bdf);
}

static void set_override(struct __test_metadata *_metadata, const char *driver)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", npu_dut.bdf);
	ASSERT_EQ(0, sysfs_write(path, driver));
}

static void not_bound(struct __test_metadata *_metadata)
{
	char name[64], text[32];

	npu_driver(npu_dut.bdf, name, sizeof(name));
	EXPECT_STREQ("", name);
	EXPECT_EQ(-ENOENT, npu_attr(npu_dut.bdf, "ascend_vfio/layout", text, sizeof(text)));
	EXPECT_EQ(-ENOENT, npu_attr(npu_dut.bdf, "vfio-dev", text, sizeof(text)));
}

static void line_was_logged(struct __test_metadata *_metadata, struct kmsg *kmsg, const char *part)
{
	const char *line = kmsg_find(kmsg, "refus", part);

	ASSERT_NE(NULL, line) {
		TH_LOG("no line with \"refused\" and \"%s\" in the kernel log", part);
	}
	EXPECT_NE(NULL, strstr(line, npu_dut.bdf)) {
		TH_LOG("another device's: %s", line);
	}
	/* The record begins with facility * 8 + level; 3 is an error */
	EXPECT_EQ(3, strtoul(line, NULL, 10) & 7);
}

static void reason_was_given(struct __test_metadata *_metadata, struct kmsg *kmsg)
{
	const char *reason = getenv("ASCEND_REFUSED");

	line_was_logged(_metadata, kmsg, reason ? reason : npu_dut.bdf);
	line_was_logged(_metadata, kmsg, "vfio-pci");
	/* Once for one attempt */
	EXPECT_GE(2, kmsg_count(kmsg, npu_dut.bdf, "refus"));
}

TEST_F(refuse, by_drivers_probe)
{
	set_override(_metadata, GUARDED);
	sysfs_write("/sys/bus/pci/drivers_probe", npu_dut.bdf);
	not_bound(_metadata);
	reason_was_given(_metadata, &self->kmsg);
}

TEST_F(refuse, by_the_drivers_bind_file)
{
	int ret;

	set_override(_metadata, GUARDED);
	ret = sysfs_write("/sys/bus/pci/drivers/" GUARDED "/bind", npu_dut.bdf);
	EXPECT_TRUE(ret == -EINVAL || ret == -ENODEV) {
		TH_LOG("bind answered %d", ret);
	}
	not_bound(_metadata);
	reason_was_given(_metadata, &self->kmsg);
}

TEST_F(refuse, vfio_pci_can_have_it)
{
	struct npu npu;

	set_override(_metadata, GUARDED);
	sysfs_write("/sys/bus/pci/drivers_probe", npu_dut.bdf);
	not_bound(_metadata);
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, PLAIN));
	if (!npu_backend_missing(NPU_GROUP)) {
		ASSERT_EQ(0, npu_open(&npu, &npu_dut, NPU_GROUP));
		npu_close(&npu);
	}
	EXPECT_EQ(NULL, kmsg_trouble(&self->kmsg));
}

int main(int argc, char **argv)
{
	npu_init_any(&argc, &argv);
	return test_harness_run(argc, argv);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Binding, unbinding, and unbinding while the device is in use.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "fixture.h"

#define ROUNDS	5

FIXTURE(bind) {
	struct kmsg kmsg;
};

FIXTURE_BACKENDS(bind);

FIXTURE_SETUP(bind)
{
	const char *missing = npu_backend_missing(variant->backend);

	if (missing)
		SKIP(return, "%s", missing);
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, kmsg_open(&self->kmsg));
}

FIXTURE_TEARDOWN(bind)
{
	const char *trouble = kmsg_trouble(&self->kmsg);

	EXPECT_EQ(NULL, trouble) {
		TH_LOG("kernel log: %s", trouble);
	}
	kmsg_close(&self->kmsg);
}

static const char *driver_now(void)
{
	static char name[64];

	npu_driver(npu_dut.bdf, name, sizeof(name));
	return name;
}

TEST_F(bind, again_and_again)
{
	struct npu npu;
	char text[32];

	for (int i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
		EXPECT_STREQ(GUARDED, driver_now());
		ASSERT_EQ(0, npu_open(&npu, &npu_dut, variant->backend));
		npu_close(&npu);
		ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
		EXPECT_STREQ("", driver_now());
		EXPECT_EQ(-ENOENT, npu_attr(npu_dut.bdf, "ascend_vfio/layout", text, sizeof(text)));
	}
}

TEST_F(bind, between_the_two_drivers)
{
	struct npu npu;

	for (int i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, npu_bind(npu_dut.bdf, i % 2 ? PLAIN : GUARDED));
		ASSERT_EQ(0, npu_open(&npu, &npu_dut, variant->backend));
		npu_close(&npu);
	}
}

TEST_F(bind, says_what_it_guards)
{
	char text[32], layout[64];

	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	ASSERT_LT(0, npu_attr(npu_dut.bdf, "ascend_vfio/layout", text, sizeof(text)));
	EXPECT_STREQ(npu_model_layout(npu_dut.model), text);
	EXPECT_EQ(0, npu_attr_num(npu_dut.bdf, "ascend_vfio/dropped_writes"));
	/* The whole name, which others may begin with */
	snprintf(layout, sizeof(layout), "layout %s,", npu_model_layout(npu_dut.model));
	EXPECT_EQ(1, kmsg_count(&self->kmsg, npu_dut.bdf, layout)) {
		TH_LOG("one line with \"%s\" expected in the kernel log", layout);
	}
	EXPECT_EQ(0, kmsg_count(&self->kmsg, npu_dut.bdf, "refus"));
}

/* The driver's bind file must agree with drivers_probe */
TEST_F(bind, by_the_drivers_own_files)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", npu_dut.bdf);
	ASSERT_EQ(0, sysfs_write(path, GUARDED));
	ASSERT_EQ(0, sysfs_write("/sys/bus/pci/drivers/" GUARDED "/bind", npu_dut.bdf));
	EXPECT_STREQ(GUARDED, driver_now());
	ASSERT_EQ(0, sysfs_write("/sys/bus/pci/drivers/" GUARDED "/unbind", npu_dut.bdf));
	EXPECT_STREQ("", driver_now());
}

/* Without driver_override a VFIO driver must leave every device alone */
TEST_F(bind, not_without_override)
{
	ASSERT_EQ(0, sysfs_write("/sys/bus/pci/drivers_probe", npu_dut.bdf));
	EXPECT_STRNE(GUARDED, driver_now());
}

TEST_F(bind, second_open)
{
	struct npu first, second;

	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	ASSERT_EQ(0, npu_open(&first, &npu_dut, variant->backend));
	EXPECT_GT(0, npu_open(&second, &npu_dut, variant->backend)) {
		npu_close(&second);
	}
	npu_close(&first);
	EXPECT_EQ(0, npu_open(&second, &npu_dut, variant->backend));
	npu_close(&second);
}

/* An eventfd that fires when the kernel wants the device back */
static int request_eventfd(struct npu *npu)
{
	struct {
		struct vfio_irq_set set;
		int fd;
	} arg = {
		.set = {
			.argsz = sizeof(arg),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = VFIO_PCI_REQ_IRQ_INDEX,
			.count = 1,
		},
		.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
	};

	if (arg.fd < 0 || ioctl(npu->fd, VFIO_DEVICE_SET_IRQS, &arg))
		return -errno;
	return arg.fd;
}

TEST_F(bind, unbind_while_open)
{
	struct npu npu;
	int fd, status;
	pid_t child;
	__u32 value;

	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	ASSERT_EQ(0, npu_open(&npu, &npu_dut, variant->backend));
	fd = request_eventfd(&npu);
	ASSERT_LE(0, fd);

	child = fork();
	ASSERT_LE(0, child);
	if (!child) {
		npu_close(&npu);
		_exit(npu_unbind(npu_dut.bdf) ? 1 : 0);
	}
	/* Asked to let go, and until it does the device stays usable and guarded */
	EXPECT_LT(0, eventfd_wait(fd, 5000));
	EXPECT_EQ(0, waitpid(child, &status, WNOHANG));
	EXPECT_EQ(4, npu_pread(&npu, npu_dut.model->regs[0].bar, &value, 4,
			       npu_dut.model->regs[0].offset));
	npu_close(&npu);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_STREQ("", driver_now());
	close(fd);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

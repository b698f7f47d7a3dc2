// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctls that could lead to a BAR without read, write or mmap.
 *
 * VFIO_DEVICE_IOEVENTFD lets the kernel write there. vfio core copies the argument again
 * after a driver has looked at it, so that no offset is safe to let through: all are
 * refused. What a later kernel may add is refused by not being on the driver's list.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "fixture.h"

FIXTURE(ioeventfd) {
	struct npu npu;
	int eventfd;
};

FIXTURE_BACKENDS(ioeventfd);

FIXTURE_SETUP(ioeventfd)
{
	if (!fixture_open(_metadata, &self->npu, GUARDED, variant->backend))
		return;
	self->eventfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ASSERT_LE(0, self->eventfd);
}

FIXTURE_TEARDOWN(ioeventfd)
{
	calls_stop();
	close(self->eventfd);
	npu_close(&self->npu);
}

static int tie(struct npu *npu, unsigned int region, __u64 off, __u32 flags, __u64 data, int fd)
{
	struct vfio_device_ioeventfd arg = {
		.argsz = sizeof(arg),
		.flags = flags,
		.offset = npu_region_offset(region) + off,
		.data = data,
		.fd = fd,
	};

	return ioctl(npu->fd, VFIO_DEVICE_IOEVENTFD, &arg) ? -errno : 0;
}

TEST_F(ioeventfd, refused_at_registers)
{
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		for (__u32 size = 1; size <= 8; size *= 2)
			for (__u64 off = reg->offset - 8; off <= reg->offset + 8; off++)
				EXPECT_EQ(-ENOTTY, tie(&self->npu, reg->bar, off, size, 0,
						       self->eventfd));
	}
}

TEST_F(ioeventfd, refused_everywhere)
{
	for (unsigned int region = 0; region < NPU_NR_REGIONS; region++)
		for (__u32 size = 1; size <= 8; size *= 2) {
			EXPECT_EQ(-ENOTTY, tie(&self->npu, region, 0, size, 0, self->eventfd));
			EXPECT_EQ(-ENOTTY, tie(&self->npu, region, 0x2000, size, 0,
					       self->eventfd));
		}
}

/* Whatever else is wrong with it: the argument is not even read */
TEST_F(ioeventfd, refused_when_malformed)
{
	EXPECT_EQ(-ENOTTY, tie(&self->npu, 0, 0, 0, 0, self->eventfd));
	EXPECT_EQ(-ENOTTY, tie(&self->npu, 0, 0, 0xff, 0, self->eventfd));
	EXPECT_EQ(-ENOTTY, tie(&self->npu, 0, 0, 4, 0, -1));
	EXPECT_EQ(-ENOTTY, tie(&self->npu, 0, 0, 4, 0, -2));
	EXPECT_EQ(-1, ioctl(self->npu.fd, VFIO_DEVICE_IOEVENTFD, NULL));
	EXPECT_EQ(ENOTTY, errno);
}

/* What the driver passes on to core, and what vfio answers before it asks any driver */
static bool allowed(unsigned int nr)
{
	static const unsigned int numbers[] = {
		_IOC_NR(VFIO_DEVICE_GET_INFO), _IOC_NR(VFIO_DEVICE_GET_REGION_INFO),
		_IOC_NR(VFIO_DEVICE_GET_IRQ_INFO), _IOC_NR(VFIO_DEVICE_SET_IRQS),
		_IOC_NR(VFIO_DEVICE_RESET), _IOC_NR(VFIO_DEVICE_GET_PCI_HOT_RESET_INFO),
		_IOC_NR(VFIO_DEVICE_PCI_HOT_RESET), _IOC_NR(VFIO_DEVICE_FEATURE),
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++)
		if (numbers[i] == nr)
			return true;
	return false;
}

/*
 * Core refuses unknown ones too, so an error does not tell whose it is; but a core that
 * knows more of them than this driver must not be asked.
 */
TEST_F(ioeventfd, other_ioctls_do_not_reach_core)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	unsigned int refused = 0;

	if (!fixture_count_calls(_metadata, "vfio_pci_core_ioctl"))
		return;
	for (unsigned int nr = 0; nr < 256; nr++) {
		if (allowed(nr))
			continue;
		EXPECT_EQ(-1, ioctl(self->npu.fd, _IO(VFIO_TYPE, nr), NULL)) {
			TH_LOG("ioctl %u was not refused", nr);
		}
		refused++;
	}
	EXPECT_LT(200, refused);
	EXPECT_EQ(0, calls_seen());

	/* The control: one that is on the list gets there */
	ASSERT_EQ(0, ioctl(self->npu.fd, VFIO_DEVICE_GET_INFO, &info));
	EXPECT_EQ(1, calls_seen());
}

static bool was_written(struct __test_metadata *_metadata, struct simlog *log,
			const struct npu_reg *reg, __u32 value)
{
	struct sim_event e;
	bool found = false;
	int ret;

	while ((ret = simlog_next(log, &e)) > 0)
		found |= e.kind == SIM_WRITE && e.region == reg->bar && e.offset == reg->offset &&
			 e.size == NPU_REG_SIZE && e.value == value;
	ASSERT_EQ(0, ret);
	return found;
}

/* The control: on vfio-pci an ioeventfd is a way to write the register */
TEST_F(ioeventfd, vfio_pci_writes_the_register)
{
	const struct npu_reg *reg = &npu_dut.model->regs[0];
	const __u64 one = 1;
	struct simlog log;
	bool found = false;

	if (!fixture_needs_sim(_metadata))
		return;
	ASSERT_EQ(0, simlog_open(&log, npu_dut.simlog));
	fixture_reopen(_metadata, &self->npu, PLAIN);
	ASSERT_EQ(0, tie(&self->npu, reg->bar, reg->offset, 4, 0x1234, self->eventfd));
	ASSERT_EQ(sizeof(one), write(self->eventfd, &one, sizeof(one)));
	/* The write is done by a kernel thread when the lock is taken */
	for (int left = 200; left && !found; left--) {
		found = was_written(_metadata, &log, reg, 0x1234);
		if (!found)
			usleep(5000);
	}
	EXPECT_TRUE(found);
	EXPECT_EQ(0, tie(&self->npu, reg->bar, reg->offset, 4, 0x1234, -1));
	simlog_close(&log);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

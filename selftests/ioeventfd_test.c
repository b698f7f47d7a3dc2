// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO_DEVICE_IOEVENTFD lets the kernel write to a BAR, without read, write or mmap.
 *
 * vfio core copies the argument again after a driver has looked at it, so that no
 * offset is safe to let through: all are refused.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "fixture.h"

#define NR_BARS	6

FIXTURE(ioeventfd) {
	struct npu npu;
	int eventfd;
};

FIXTURE_VARIANT(ioeventfd) {
	enum npu_backend backend;
};

FIXTURE_VARIANT_ADD(ioeventfd, group) {
	.backend = NPU_GROUP,
};

FIXTURE_VARIANT_ADD(ioeventfd, iommufd) {
	.backend = NPU_CDEV,
};

FIXTURE_SETUP(ioeventfd)
{
	if (!fixture_open(_metadata, &self->npu, GUARDED, variant->backend))
		return;
	self->eventfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ASSERT_LE(0, self->eventfd);
}

FIXTURE_TEARDOWN(ioeventfd)
{
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

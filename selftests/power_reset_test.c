// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reset, low power, and memory decoding off and on, while areas are mapped: mappings go
 * away and come back, and the guards hold before and after.
 */
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/ioctl.h>

#include "fixture.h"

struct mapped {
	struct npu npu;
	struct simlog log;
	struct kmsg kmsg;
	__u64 *word;		/* in an area next to the first register's page */
	__u64 off;
};

#define PROTECT	"/sys/module/" GUARDED "/parameters/protect_reset"

FIXTURE(power) {
	struct mapped m;
};

FIXTURE_BACKENDS(power);

FIXTURE_SETUP(power)
{
	const struct npu_reg *reg = &npu_dut.model->regs[0];
	struct npu_region region;
	size_t page = npu_page_size();
	void *p;

	if (!fixture_needs_sim(_metadata))
		return;
	/* This one plays a chip that resets well; reset_test has those that do not */
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, sysfs_write(PROTECT, "N"));
	if (!fixture_open(_metadata, &self->m.npu, GUARDED, variant->backend))
		return;
	ASSERT_EQ(0, simlog_open(&self->m.log, npu_dut.simlog));
	ASSERT_EQ(0, kmsg_open(&self->m.kmsg));
	ASSERT_EQ(0, npu_region_get(&self->m.npu, reg->bar, &region));
	if (!region.nr_areas)
		SKIP(return, "nothing of the guarded BAR can be mapped with these pages");
	/* The MSI-X table is in no area */
	self->m.off = region.areas[region.nr_areas - 1].end - page;
	p = npu_mmap(&self->m.npu, reg->bar, self->m.off, page, PROT_READ | PROT_WRITE, MAP_SHARED);
	ASSERT_NE(MAP_FAILED, p);
	self->m.word = p;
}

FIXTURE_TEARDOWN(power)
{
	const char *trouble = kmsg_trouble(&self->m.kmsg);

	EXPECT_EQ(0, sysfs_write(PROTECT, "Y"));
	EXPECT_EQ(NULL, trouble) {
		TH_LOG("kernel log: %s", trouble);
	}
	npu_command(&self->m.npu, PCI_COMMAND_MEMORY, 0);
	munmap(self->m.word, npu_page_size());
	npu_close(&self->m.npu);
	simlog_close(&self->m.log);
	kmsg_close(&self->m.kmsg);
}

static sigjmp_buf back;

static void on_sigbus(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

/* Whether a load from the mapping works; SIGBUS is the other answer */
static bool can_load(const __u64 *word)
{
	struct sigaction act = { .sa_handler = on_sigbus }, old;
	bool works = false;

	sigaction(SIGBUS, &act, &old);
	if (!sigsetjmp(back, 1)) {
		npu_load(word);
		works = true;
	}
	sigaction(SIGBUS, &old, NULL);
	return works;
}

/* The mapping shows the device's memory */
static void mapping_works(struct __test_metadata *_metadata, struct mapped *m)
{
	const unsigned int bar = npu_dut.model->regs[0].bar;
	static __u64 seed = 0x0123456789abcdefULL;
	__u64 value;

	ASSERT_TRUE(can_load(m->word));
	seed = seed * 3 + 1;
	npu_store(m->word, seed);
	ASSERT_EQ(8, npu_pread(&m->npu, bar, &value, 8, m->off));
	EXPECT_EQ(seed, value);
}

/* Nothing written to a register arrives, no trapped page can be mapped */
static void guards_hold(struct __test_metadata *_metadata, struct mapped *m)
{
	const __u32 physical = NPU_XLOADER_PHYSICAL;
	const size_t page = npu_page_size();
	struct sim_event e;
	__u32 value;
	int ret;

	ASSERT_EQ(0, simlog_mark(&m->log));
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		EXPECT_EQ(4, npu_pwrite(&m->npu, reg->bar, &physical, 4, reg->offset));
		EXPECT_EQ(4, npu_pread(&m->npu, reg->bar, &value, 4, reg->offset));
		EXPECT_NE(physical, value);
		EXPECT_EQ(MAP_FAILED, npu_mmap(&m->npu, reg->bar, reg->offset & ~(page - 1),
					       page, PROT_READ, MAP_SHARED));
	}
	while ((ret = simlog_next(&m->log, &e)) > 0)
		EXPECT_NE(SIM_WRITE, e.kind);
	ASSERT_EQ(0, ret);
}

TEST_F(power, memory_off_and_on)
{
	const struct npu_reg *reg = &npu_dut.model->regs[0];
	__u32 value;

	mapping_works(_metadata, &self->m);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, npu_command(&self->m.npu, 0, PCI_COMMAND_MEMORY));
		EXPECT_FALSE(can_load(self->m.word));
		EXPECT_EQ(-EIO, npu_pread(&self->m.npu, reg->bar, &value, 4, reg->offset));
		ASSERT_EQ(0, npu_command(&self->m.npu, PCI_COMMAND_MEMORY, 0));
		mapping_works(_metadata, &self->m);
		guards_hold(_metadata, &self->m);
	}
}

TEST_F(power, device_reset)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };

	ASSERT_EQ(0, ioctl(self->m.npu.fd, VFIO_DEVICE_GET_INFO, &info));
	if (!(info.flags & VFIO_DEVICE_FLAGS_RESET))
		SKIP(return, "the kernel knows no way to reset this device");
	guards_hold(_metadata, &self->m);
	mapping_works(_metadata, &self->m);
	ASSERT_EQ(0, simlog_mark(&self->m.log));
	ASSERT_EQ(0, ioctl(self->m.npu.fd, VFIO_DEVICE_RESET));
	EXPECT_EQ(1, simlog_was_reset(&self->m.log));
	ASSERT_EQ(0, npu_command(&self->m.npu, PCI_COMMAND_MEMORY, 0));
	mapping_works(_metadata, &self->m);
	guards_hold(_metadata, &self->m);
}

TEST_F(power, pci_hot_reset)
{
	mapping_works(_metadata, &self->m);
	ASSERT_EQ(0, simlog_mark(&self->m.log));
	ASSERT_EQ(0, npu_hot_reset(&self->m.npu));
	EXPECT_EQ(1, simlog_was_reset(&self->m.log));
	ASSERT_EQ(0, npu_command(&self->m.npu, PCI_COMMAND_MEMORY, 0));
	mapping_works(_metadata, &self->m);
	guards_hold(_metadata, &self->m);
}

static int low_power(struct npu *npu, __u32 feature)
{
	struct vfio_device_feature arg = {
		.argsz = sizeof(arg), .flags = VFIO_DEVICE_FEATURE_SET | feature,
	};

	return ioctl(npu->fd, VFIO_DEVICE_FEATURE, &arg) ? -errno : 0;
}

/* Asleep, a register answers as its neighbour does; awake, all is as before */
TEST_F(power, low_power_and_back)
{
	const struct npu_reg *reg = &npu_dut.model->regs[0];
	__u32 value;

	mapping_works(_metadata, &self->m);
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, low_power(&self->m.npu, VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY));
		EXPECT_FALSE(can_load(self->m.word));
		EXPECT_EQ(npu_pread(&self->m.npu, reg->bar, &value, 4, reg->offset - 4),
			  npu_pread(&self->m.npu, reg->bar, &value, 4, reg->offset));
		EXPECT_EQ(npu_pread(&self->m.npu, reg->bar, &value, 4, reg->offset + 4),
			  npu_pwrite(&self->m.npu, reg->bar, &value, 4, reg->offset));
		ASSERT_EQ(0, low_power(&self->m.npu, VFIO_DEVICE_FEATURE_LOW_POWER_EXIT));
		mapping_works(_metadata, &self->m);
		guards_hold(_metadata, &self->m);
	}
}

/* Closed while asleep, and while memory is off: the next user finds it awake */
TEST_F(power, closed_in_any_state)
{
	const size_t page = npu_page_size();

	munmap(self->m.word, page);
	ASSERT_EQ(0, low_power(&self->m.npu, VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY));
	fixture_reopen(_metadata, &self->m.npu, GUARDED);
	guards_hold(_metadata, &self->m);
	ASSERT_EQ(0, npu_command(&self->m.npu, 0, PCI_COMMAND_MEMORY));
	fixture_reopen(_metadata, &self->m.npu, GUARDED);
	ASSERT_EQ(0, npu_command(&self->m.npu, PCI_COMMAND_MEMORY, 0));
	guards_hold(_metadata, &self->m);
	self->m.word = npu_mmap(&self->m.npu, npu_dut.model->regs[0].bar, self->m.off, page,
				PROT_READ | PROT_WRITE, MAP_SHARED);
	ASSERT_NE(MAP_FAILED, self->m.word);
	mapping_works(_metadata, &self->m);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors of read() and write(): those of vfio-pci, for emulated bytes too.
 *
 * A VMM hands these errors to its guest as bus errors, so a guarded register must not
 * answer where the device would not. Each case runs through plain vfio-pci as well,
 * where the answer for an ordinary register is the expected one.
 */
#include <linux/pci_regs.h>

#include "window.h"

FIXTURE(rw_error) {
	struct npu npu;
	struct simlog log;
	__u8 *page;		/* readable and writable, followed by one that is not there */
	__u8 *edge;		/* its end */
};

FIXTURE_VARIANT(rw_error) {
	enum npu_backend backend;
	const char *driver;
};

FIXTURE_BACKENDS_WITH(rw_error, .driver = GUARDED);

/* The control: the same questions, asked of vfio-pci */
FIXTURE_VARIANT_ADD(rw_error, vfio_pci) {
	.backend = NPU_GROUP,
	.driver = PLAIN,
};

FIXTURE_SETUP(rw_error)
{
	size_t page = npu_page_size();

	if (!fixture_needs_sim(_metadata))
		return;
	if (!fixture_open(_metadata, &self->npu, variant->driver, variant->backend))
		return;
	ASSERT_EQ(0, simlog_open(&self->log, npu_dut.simlog));
	self->page = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->page);
	self->edge = self->page + page;
	ASSERT_EQ(0, munmap(self->edge, page));
}

FIXTURE_TEARDOWN(rw_error)
{
	npu_command(&self->npu, PCI_COMMAND_MEMORY, 0);
	npu_close(&self->npu);
	simlog_close(&self->log);
}

/* How many bytes of register @reg were written at the device since the last call */
static unsigned int arrived(struct __test_metadata *_metadata, struct simlog *log,
			    const struct npu_reg *reg)
{
	struct sim_event e;
	unsigned int n = 0;
	int ret;

	while ((ret = simlog_next(log, &e)) > 0)
		if (e.kind == SIM_WRITE && e.region == reg->bar &&
		    e.offset < npu_reg_end(reg) && reg->offset < e.offset + e.size)
			n += e.size;
	ASSERT_EQ(0, ret);
	return n;
}

/* On vfio-pci a register is written in these tests; 0 is what it may safely hold */
static const __u64 zeros[2];

TEST_F(rw_error, past_the_end)
{
	__u8 buf[16] = { 0 };

	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		unsigned int bar = npu_dut.model->regs[i].bar;
		__u64 end = npu_dut.model->bars[bar];
		const __u64 beyond[] = { end, end + 1, end + 8, 2 * end, (1ULL << 40) - 8 };

		for (unsigned int b = 0; b < ARRAY_SIZE(beyond); b++) {
			EXPECT_EQ(-EINVAL, npu_pread(&self->npu, bar, buf, 8, beyond[b]));
			EXPECT_EQ(-EINVAL, npu_pwrite(&self->npu, bar, zeros, 8, beyond[b]));
		}
		/* What begins inside is cut short */
		EXPECT_EQ(4, npu_pread(&self->npu, bar, buf, 16, end - 4));
		EXPECT_EQ(4, npu_pwrite(&self->npu, bar, buf, 16, end - 4));
		EXPECT_EQ(1, npu_pread(&self->npu, bar, buf, 2, end - 1));
	}
}

/* The register's offset in a BAR that is not there, and in a region that never is */
TEST_F(rw_error, regions_that_are_not_there)
{
	const struct npu_reg *reg = &npu_dut.model->regs[0];
	__u8 buf[8];

	EXPECT_EQ(-EINVAL, npu_pread(&self->npu, 1, buf, 4, reg->offset));
	EXPECT_EQ(-EINVAL, npu_pwrite(&self->npu, 1, zeros, 4, reg->offset));
	EXPECT_EQ(-EINVAL, npu_pread(&self->npu, 42, buf, 4, reg->offset));
	EXPECT_EQ(-EINVAL, npu_pwrite(&self->npu, 42, zeros, 4, reg->offset));
	EXPECT_EQ(-EINVAL, npu_pwrite(&self->npu, reg->bar + 256, zeros, 4, reg->offset));
	EXPECT_EQ(0, arrived(_metadata, &self->log, reg));
}

TEST_F(rw_error, nothing_to_do)
{
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		EXPECT_EQ(0, npu_pread(&self->npu, reg->bar, self->page, 0, reg->offset));
		EXPECT_EQ(0, npu_pwrite(&self->npu, reg->bar, self->page, 0, reg->offset));
		EXPECT_EQ(0, arrived(_metadata, &self->log, reg));
	}
}

/* With memory decoding off the register is no more there than its neighbours */
TEST_F(rw_error, memory_disabled)
{
	__u8 buf[16];

	ASSERT_EQ(0, npu_command(&self->npu, 0, PCI_COMMAND_MEMORY));
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		for (size_t len = 1; len <= 16; len *= 2) {
			__u64 off = reg->offset - (len > 4 && reg->offset ? 4 : 0);

			EXPECT_EQ(-EIO, npu_pread(&self->npu, reg->bar, buf, len, off));
			EXPECT_EQ(-EIO, npu_pwrite(&self->npu, reg->bar, zeros, len, off));
		}
		if (reg->offset)
			EXPECT_EQ(-EIO, npu_pread(&self->npu, reg->bar, buf, 4, reg->offset - 4));
		EXPECT_EQ(0, arrived(_metadata, &self->log, reg));
	}
	ASSERT_EQ(0, npu_command(&self->npu, PCI_COMMAND_MEMORY, 0));
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		EXPECT_EQ(4, npu_pread(&self->npu, reg->bar, buf, 4, reg->offset));
		EXPECT_EQ(4, npu_pwrite(&self->npu, reg->bar, zeros, 4, reg->offset));
	}
}

/* The buffer is looked at even where its bytes are not needed */
TEST_F(rw_error, bad_pointer)
{
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		for (size_t len = 1; len <= 4; len *= 2) {
			EXPECT_EQ(-EFAULT, npu_pread(&self->npu, reg->bar, self->edge, len,
						     reg->offset));
			EXPECT_EQ(-EFAULT, npu_pwrite(&self->npu, reg->bar, self->edge, len,
						      reg->offset));
			EXPECT_EQ(-EFAULT, npu_pwrite(&self->npu, reg->bar, NULL, len,
						      reg->offset));
		}
		/* Half of the register's bytes are there: still nothing may be done */
		EXPECT_EQ(-EFAULT, npu_pwrite(&self->npu, reg->bar, self->edge - 2, 4,
					      reg->offset));
		EXPECT_EQ(0, arrived(_metadata, &self->log, reg));
	}
}

/* A write that failed was not dropped; vfio-pci drops none, and so counts none */
TEST_F(rw_error, failures_are_not_counted)
{
	const struct npu_reg *reg = &npu_dut.model->regs[0];
	const bool guarded = !strcmp(variant->driver, GUARDED);
	long long dropped = npu_attr_num(npu_dut.bdf, "ascend_vfio/dropped_writes");

	ASSERT_EQ(guarded, dropped >= 0);
	EXPECT_EQ(-EFAULT, npu_pwrite(&self->npu, reg->bar, self->edge, 4, reg->offset));
	ASSERT_EQ(0, npu_command(&self->npu, 0, PCI_COMMAND_MEMORY));
	EXPECT_EQ(-EIO, npu_pwrite(&self->npu, reg->bar, zeros, 4, reg->offset));
	ASSERT_EQ(0, npu_command(&self->npu, PCI_COMMAND_MEMORY, 0));
	EXPECT_EQ(dropped, npu_attr_num(npu_dut.bdf, "ascend_vfio/dropped_writes"));
	EXPECT_EQ(0, arrived(_metadata, &self->log, reg));

	/* The control: one that does not fail is counted here, and arrives there */
	EXPECT_EQ(4, npu_pwrite(&self->npu, reg->bar, zeros, 4, reg->offset));
	EXPECT_EQ(guarded ? dropped + 1 : -ENOENT,
		  npu_attr_num(npu_dut.bdf, "ascend_vfio/dropped_writes"));
	EXPECT_EQ(guarded ? 0 : 4, arrived(_metadata, &self->log, reg));
}

/*
 * A later piece of a split access fails: what was done before it is the answer. Only the
 * driver splits at registers; to vfio-pci it is one access, which failed.
 */
TEST_F(rw_error, what_was_done_is_reported)
{
	const bool guarded = !strcmp(variant->driver, GUARDED);
	const ssize_t one = guarded ? 1 : -EFAULT, four = guarded ? 4 : -EFAULT,
		      eight = guarded ? 8 : -EFAULT;

	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];
		const __u64 before = reg->offset - 8, after = npu_reg_end(reg);
		unsigned int written;

		/* A rule may leave nothing of the BAR before it, or behind it */
		if (reg->offset < 8 || after + 8 > npu_dut.model->bars[reg->bar])
			continue;
		/* the device's 8 bytes, then the register in the hole */
		EXPECT_EQ(eight, npu_pread(&self->npu, reg->bar, self->edge - 8, 12, before));
		EXPECT_EQ(eight, npu_pwrite(&self->npu, reg->bar, self->edge - 8, 12, before));
		/* the register, then the device's bytes in the hole */
		EXPECT_EQ(four, npu_pread(&self->npu, reg->bar, self->edge - 4, 8, after - 4));
		EXPECT_EQ(four, npu_pwrite(&self->npu, reg->bar, self->edge - 4, 8, after - 4));
		/* by words, as older kernels' vfio-pci writes, the first one arrives */
		written = arrived(_metadata, &self->log, reg);
		EXPECT_TRUE(!written || (!guarded && written == NPU_REG_SIZE));
		/* the register's last byte, then the device's */
		EXPECT_EQ(one, npu_pwrite(&self->npu, reg->bar, self->edge - 1, 5, after - 1));
		/* Of other bytes the simulator logs nothing */
		if (win_is_chips(reg))
			EXPECT_EQ(!guarded, arrived(_metadata, &self->log, reg));
	}
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

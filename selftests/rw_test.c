// SPDX-License-Identifier: GPL-2.0-only
/*
 * read() and write() around the guarded registers, byte by byte.
 *
 * A window of the BAR is filled with random bytes through plain vfio-pci, then used
 * through the driver: every read is compared with a model of what a guest must see, and
 * after every write the simulator's log says which bytes really arrived. In the end plain
 * vfio-pci reads the window back.
 */
#include <sys/uio.h>

#include "window.h"

#define AROUND		9U		/* bytes before and after a register, short accesses */
#define SHORT_SPAN	64U
#define LONG_SPAN	0x20000U	/* from an odd start, three pages of 64 KiB */

FIXTURE(rw) {
	struct win_bench b;
};

FIXTURE_BACKENDS(rw);

FIXTURE_SETUP(rw)
{
	if (!fixture_needs_sim(_metadata))
		return;
	if (!fixture_open(_metadata, &self->b.npu, PLAIN, variant->backend))
		return;
	ASSERT_EQ(0, simlog_open(&self->b.log, npu_dut.simlog));
	srandom(0x5a6b7c8d);
}

FIXTURE_TEARDOWN(rw)
{
	win_free(&self->b);
}

typedef void (*check_fn)(struct __test_metadata *_metadata, struct win_bench *b, __u64 off,
			 size_t len);

/* Every offset from just before @first to just after @last, every size */
static void short_around(struct __test_metadata *_metadata, struct win_bench *b, check_fn check,
			 __u64 first, __u64 last)
{
	const __u64 begin = b->win.start, end = begin + b->win.len;
	__u64 off = first > begin + AROUND ? first - AROUND : begin;

	for (; off <= last + AROUND; off++)
		for (size_t len = 1; len <= 8; len *= 2)
			if (off + len <= end)
				check(_metadata, b, off, len);
}

/* Around each register, of a long rule around both ends */
static void short_accesses(struct __test_metadata *_metadata, struct win_bench *b, check_fn check)
{
	struct window *win = &b->win;

	for (unsigned int r = 0; r < npu_dut.model->nr_regs; r = win->next) {
		win_seed(_metadata, b, r, SHORT_SPAN);
		win_guard(_metadata, b);
		for (unsigned int i = r; i < win->next; i++) {
			const struct npu_reg *reg = &npu_dut.model->regs[i];
			const __u64 end = npu_reg_end(reg);

			if (end - reg->offset <= AROUND) {
				short_around(_metadata, b, check, reg->offset, end);
				continue;
			}
			short_around(_metadata, b, check, reg->offset, reg->offset);
			/* The end of a very long rule is not in the window */
			if (end <= win->start + win->len)
				short_around(_metadata, b, check, end, end);
		}
		win_check_read(_metadata, b, win->start, win->len);
		win_compare_with_device(_metadata, b);
	}
}

TEST_F_TIMEOUT(rw, short_reads, SLOW_TIMEOUT)
{
	short_accesses(_metadata, &self->b, win_check_read);
}

TEST_F_TIMEOUT(rw, short_writes, SLOW_TIMEOUT)
{
	short_accesses(_metadata, &self->b, win_check_write);
}

/* Around the register, from an odd start, and, unless very long, just one end of it */
static void accesses_of(struct __test_metadata *_metadata, struct win_bench *b, check_fn check,
			const struct npu_reg *r, size_t len)
{
	const __u64 reg = r->offset;
	const __u64 starts[] = {
		reg - len / 2 - 1, reg - len / 2, reg - len + 1, npu_reg_end(r) - 1,
	};
	const __u64 begin = b->win.start, end = begin + b->win.len;
	unsigned int nr = len > NPU_TRAP_SIZE ? 1 : len == NPU_TRAP_SIZE ? 2 : ARRAY_SIZE(starts);

	/* A register close to the start of its BAR leaves room only behind it, if at all */
	if (len > NPU_TRAP_SIZE && (starts[0] < begin || starts[0] > reg)) {
		check(_metadata, b, begin + 1, len < end - begin ? len : end - begin - 1);
		return;
	}
	for (unsigned int s = 0; s < nr; s++)
		if (starts[s] >= begin && starts[s] < end && starts[s] + len <= end)
			check(_metadata, b, starts[s], len);
}

/* Whether the chip has a register among those that share register @r's page */
static bool is_near_chips(struct window *win, unsigned int r)
{
	bool found = false;

	win_place(win, r, 0);
	for (; r < win->next; r++)
		found |= win_is_chips(&npu_dut.model->regs[r]);
	return found;
}

/* Of so many lengths, around the registers of each page, or only where the chip has one */
static void long_accesses(struct __test_metadata *_metadata, struct win_bench *b, check_fn check,
			  const size_t *lens, unsigned int nr, bool near_chips)
{
	struct window *win = &b->win;
	unsigned int pages = 0;

	for (unsigned int r = 0; r < npu_dut.model->nr_regs; r = win->next) {
		if (near_chips && !is_near_chips(win, r))
			continue;
		pages++;
		/* Room for the longest access around the register, from an odd start */
		win_seed(_metadata, b, r, lens[nr - 1] / 2 + SHORT_SPAN);
		win_guard(_metadata, b);
		for (unsigned int i = r; i < win->next; i++)
			for (unsigned int l = 0; l < nr; l++)
				/* The very long ones hold all registers of the window at once */
				if (i == r || lens[l] < NPU_TRAP_SIZE)
					accesses_of(_metadata, b, check,
						    &npu_dut.model->regs[i], lens[l]);
		win_compare_with_device(_metadata, b);
	}
	EXPECT_LT(0, pages);
}

static const size_t long_lens[] = { 11, 64, 4096 };

TEST_F_TIMEOUT(rw, long_reads, SLOW_TIMEOUT)
{
	long_accesses(_metadata, &self->b, win_check_read, long_lens, ARRAY_SIZE(long_lens), false);
}

TEST_F_TIMEOUT(rw, long_writes, SLOW_TIMEOUT)
{
	long_accesses(_metadata, &self->b, win_check_write, long_lens, ARRAY_SIZE(long_lens), false);
}

/* The simulator answers every few bytes by themselves, so these take very long, too */
static const size_t very_long_lens[] = { 65536, LONG_SPAN };

TEST_F_TIMEOUT(rw, very_long_reads, SLOW_TIMEOUT)
{
	long_accesses(_metadata, &self->b, win_check_read, very_long_lens,
		      ARRAY_SIZE(very_long_lens), true);
}

TEST_F_TIMEOUT(rw, very_long_writes, SLOW_TIMEOUT)
{
	long_accesses(_metadata, &self->b, win_check_write, very_long_lens,
		      ARRAY_SIZE(very_long_lens), true);
}

/* One call, many one-byte pieces */
TEST_F(rw, vectors)
{
	struct iovec iov[NPU_REG_SIZE + 2 * AROUND];
	__u8 out[ARRAY_SIZE(iov)], in[ARRAY_SIZE(iov)];
	const __u64 reg = npu_dut.model->regs[0].offset;
	struct window *win = &self->b.win;
	__u64 at;

	win_seed(_metadata, &self->b, 0, SHORT_SPAN);
	win_guard(_metadata, &self->b);
	at = npu_region_offset(win->bar) + reg - AROUND;
	win_fill_random(out, sizeof(out));
	for (size_t i = 0; i < ARRAY_SIZE(iov); i++)
		iov[i] = (struct iovec) { .iov_base = &out[i], .iov_len = 1 };
	EXPECT_EQ(sizeof(out), pwritev(self->b.npu.fd, iov, ARRAY_SIZE(iov), at));
	win_collect_writes(_metadata, &self->b, out, reg - AROUND, sizeof(out));
	win_check_arrivals(_metadata, win, reg - AROUND, sizeof(out));
	for (size_t i = 0; i < sizeof(out); i++)
		if (!win->reg[reg - AROUND + i - win->start])
			win->image[reg - AROUND + i - win->start] = out[i];

	for (size_t i = 0; i < ARRAY_SIZE(iov); i++)
		iov[i].iov_base = &in[i];
	EXPECT_EQ(sizeof(in), preadv(self->b.npu.fd, iov, ARRAY_SIZE(iov), at));
	EXPECT_EQ(0, memcmp(in, win->image + (reg - AROUND - win->start), sizeof(in)));
	win_compare_with_device(_metadata, &self->b);
}

FIXTURE(guest) {
	struct npu npu;
};

FIXTURE_BACKENDS(guest);

FIXTURE_SETUP(guest)
{
	if (fixture_needs_sim(_metadata))
		fixture_open(_metadata, &self->npu, GUARDED, variant->backend);
}

FIXTURE_TEARDOWN(guest)
{
	npu_close(&self->npu);
}

/* What the two guest drivers do: the vendor's asks feature, a flasher sets xloader */
TEST_F(guest, what_guest_drivers_do)
{
	const __u32 physical = NPU_XLOADER_PHYSICAL, zero = 0;
	__u32 want, value;
	char text[32];

	want = nc_bars(_metadata, &self->npu);
	ASSERT_LT(0, npu_attr(npu_dut.bdf, "ascend_vfio/normal_nc_bars", text, sizeof(text)));
	EXPECT_EQ(want, strtoul(text, NULL, 0));
	for (unsigned int r = 0; r < npu_dut.model->nr_regs; r++) {
		const struct npu_reg *reg = &npu_dut.model->regs[r];
		const __u32 *out = reg->kind == NPU_REG_FEATURE ? &zero : &physical;
		/* A rule may be of the last byte of its BAR */
		const __u64 room = npu_dut.model->bars[reg->bar] - reg->offset;
		const ssize_t len = room < 4 ? room : 4;

		value = 0;
		ASSERT_EQ(len, npu_pwrite(&self->npu, reg->bar, out, len, reg->offset));
		ASSERT_EQ(len, npu_pread(&self->npu, reg->bar, &value, len, reg->offset));
		EXPECT_NE(physical, value);
		if (reg->kind == NPU_REG_FEATURE)
			EXPECT_EQ(want, value);
		/* What it is that the vendor's driver writes there does not matter */
		if (reg->kind == NPU_REG_NODE)
			EXPECT_EQ(reg->value, value);
		if (reg->kind == NPU_REG_HIDE)
			EXPECT_EQ(0, value);
	}
}

/* BARs without registers go to core: everything arrives */
TEST_F(guest, other_bars_are_untouched)
{
	struct npu_range pages[NPU_MAX_AREAS];
	__u8 out[67], in[67], kept[67];
	unsigned int tried = 0;

	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		__u64 off = npu_dut.model->bars[bar] / 4 + 3;

		if (!npu_dut.model->bars[bar] || npu_trapped_pages(npu_dut.model, bar, pages))
			continue;
		win_fill_random(out, sizeof(out));
		ASSERT_EQ(sizeof(kept), npu_pread(&self->npu, bar, kept, sizeof(kept), off));
		EXPECT_EQ(sizeof(out), npu_pwrite(&self->npu, bar, out, sizeof(out), off));
		EXPECT_EQ(sizeof(in), npu_pread(&self->npu, bar, in, sizeof(in), off));
		EXPECT_EQ(0, memcmp(in, out, sizeof(in)));
		ASSERT_EQ(sizeof(kept), npu_pwrite(&self->npu, bar, kept, sizeof(kept), off));
		tried++;
	}
	/* No chip has registers in all of its BARs */
	EXPECT_LT(0, tried);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

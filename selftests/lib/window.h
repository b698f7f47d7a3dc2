/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A window of a BAR around guarded registers, and three views of it: what a guest must
 * read, what arrived at the simulated device, and what the device holds.
 *
 * Static, because the harness's macros work only in the file that includes it.
 */
#ifndef SELFTESTS_LIB_WINDOW_H
#define SELFTESTS_LIB_WINDOW_H

#include <linux/ascend_vfio.h>

#include "fixture.h"
#include "sim_regs.h"

/**
 * struct window - a part of a BAR around the registers of one page of the simulator's
 * @first: index of the first of them in the model
 * @next: the index after the last
 * @bar: the BAR
 * @start: first byte, from the start of the BAR
 * @len: bytes
 * @image: what a guest must read
 * @reg: index + 1 of the register a byte belongs to, 0 for none, WIN_CORE for MSI-X
 * @arrived: how often a byte reached the device, since the last write
 * @held: what the device holds where no write may arrive; of its own registers by the
 *	simulator's log
 */
struct window {
	unsigned int	first;
	unsigned int	next;
	unsigned int	bar;
	__u64		start;
	size_t		len;
	__u8		*image;
	__u8		*reg;
	__u8		*arrived;
	__u8		*held;
};

/* Not the device's: what is written there is dropped by others, and in no simulator's log */
#define WIN_CORE	255

/* A window with the device and the log it needs */
struct win_bench {
	struct npu	npu;
	struct simlog	log;
	struct window	win;
};

static inline void win_fill_random(__u8 *buf, size_t len)
{
	__u64 x = random() + 1ULL;

	/* xorshift64: random() takes seconds for a window where the processor is emulated */
	for (size_t i = 0; i < len; i += sizeof(x)) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(buf + i, &x, len - i < sizeof(x) ? len - i : sizeof(x));
	}
}

static inline bool win_is_chips(const struct npu_reg *reg)
{
	return reg->kind == NPU_REG_XLOADER || reg->kind == NPU_REG_FEATURE;
}

/* Whether a register, or what of a rule, has byte @i of the window */
static inline bool win_has(const struct window *win, const struct npu_reg *reg, size_t i)
{
	return reg->bar == win->bar && win->start + i >= reg->offset &&
	       win->start + i < npu_reg_end(reg);
}

static inline void win_hold(struct window *win, const struct npu_reg *reg, __u32 value)
{
	for (__u64 at = reg->offset; at < npu_reg_end(reg); at++)
		if (at >= win->start && at - win->start < win->len && reg->bar == win->bar)
			win->held[at - win->start] = value >> 8 * (at - reg->offset);
}

/* Follow what reached the device's registers outside the accesses under test */
static inline void win_follow_device(struct __test_metadata *_metadata, struct simlog *log,
				     struct window *win)
{
	const struct npu_model *model = npu_dut.model;
	struct sim_event e;
	int ret;

	while ((ret = simlog_next(log, &e)) > 0) {
		for (unsigned int i = 0; i < model->nr_regs; i++) {
			const struct npu_reg *reg = &model->regs[i];

			if (!win_is_chips(reg))
				continue;
			if (e.kind == SIM_RESET)
				win_hold(win, reg, 0);
			if (e.kind == SIM_WRITE && e.region == reg->bar &&
			    e.offset == reg->offset && e.size == NPU_REG_SIZE)
				win_hold(win, reg, e.value);
		}
	}
	ASSERT_EQ(0, ret);
}

#define WIN_LONGEST	0x10000U

/* Place a window around register @r and those that share its page */
static inline void win_place(struct window *win, unsigned int r, __u64 span)
{
	const struct npu_model *model = npu_dut.model;
	const struct npu_reg *regs = model->regs;
	__u64 end;

	win->first = r;
	for (win->next = r + 1; win->next < model->nr_regs; win->next++)
		if (regs[win->next].bar != regs[r].bar ||
		    regs[win->next].offset / NPU_TRAP_SIZE != regs[r].offset / NPU_TRAP_SIZE)
			break;
	win->bar = regs[r].bar;
	win->start = regs[r].offset > span ? regs[r].offset - span : 0;
	/* Random bytes must not start the DMA engine, which some registers lie close to */
	if (win->bar == NPU_DMA_BAR && win->start < NPU_DMA_BASE + NPU_TRAP_SIZE)
		win->start = NPU_DMA_BASE + NPU_TRAP_SIZE;
	end = npu_reg_end(&regs[win->next - 1]) + span;
	/* A rule can be as long as its BAR: its start says enough */
	if (end - win->start > 2 * span + WIN_LONGEST)
		end = win->start + 2 * span + WIN_LONGEST;
	if (end > model->bars[win->bar])
		end = model->bars[win->bar];
	win->len = end - win->start;
}

static inline void win_fix(struct window *win, unsigned int bar, __u64 start, __u64 len, __u8 value)
{
	for (size_t i = 0; i < win->len && bar == win->bar; i++) {
		if (win->start + i < start || win->start + i - start >= len)
			continue;
		win->image[i] = value;
		win->reg[i] = WIN_CORE;
	}
}

/* What of the window is the MSI-X table's, and QEMU's: the bits of what is pending */
static inline void win_find_msix(struct window *win)
{
	const struct npu_msix *msix = &npu_dut.model->msix;

	win_fix(win, msix->table_bar, msix->table_offset, msix->vectors * 16ULL, 0xff);
	win_fix(win, msix->pba_bar, msix->pba_offset, (msix->vectors + 63) / 64 * 8, 0);
}

/* Allocate a window around register @r and fill it; the device is on vfio-pci */
static inline void win_seed(struct __test_metadata *_metadata, struct win_bench *b, unsigned int r,
			    __u64 span)
{
	const struct npu_reg *regs = npu_dut.model->regs;
	struct window *win = &b->win;

	win_place(win, r, span);
	win->image = realloc(win->image, win->len);
	win->reg = realloc(win->reg, win->len);
	win->arrived = realloc(win->arrived, win->len);
	win->held = realloc(win->held, win->len);
	ASSERT_TRUE(win->image && win->reg && win->arrived && win->held);

	memset(win->reg, 0, win->len);
	win_fill_random(win->image, win->len);
	win_find_msix(win);
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++)
		for (size_t at = 0; at < win->len && regs[i].bar == win->bar; at++)
			if (win_has(win, &regs[i], at))
				win->reg[at] = i + 1;
	memcpy(win->held, win->image, win->len);
	ASSERT_EQ(0, simlog_mark(&b->log));
	ASSERT_EQ(win->len, npu_pwrite(&b->npu, win->bar, win->image, win->len, win->start));
	/* The control: without the driver the registers are written like anything else */
	win_follow_device(_metadata, &b->log, win);
	ASSERT_EQ(0, memcmp(win->held, win->image, win->len));
}

/* The bitmap that feature must read: the BARs whose region info says NORMAL_NC */
static inline __u32 nc_bars(struct __test_metadata *_metadata, struct npu *npu)
{
	struct npu_region region;
	__u32 bars = 0;

	for (unsigned int i = 0; i < NPU_NR_BARS; i++) {
		ASSERT_EQ(0, npu_region_get(npu, i, &region));
		if (region.flags & VFIO_REGION_INFO_FLAG_NORMAL_NC)
			bars |= 1U << i;
	}
	return bars;
}

/* Registers that nobody traps are memory, but the reset of an open clears them */
static inline void win_clear_unlisted(struct window *win)
{
	const struct npu_model *model = npu_dut.model;

	for (unsigned int r = model->nr_regs; r < model->nr_all_regs; r++) {
		const struct npu_reg *reg = &model->regs[r];

		for (__u64 at = reg->offset; at < npu_reg_end(reg); at++)
			if (reg->bar == win->bar && at >= win->start && at - win->start < win->len)
				win->image[at - win->start] = 0;
	}
}

/* What a guest must read of a register's byte */
static inline __u8 win_answer(const struct window *win, size_t i, __u32 bars)
{
	const struct npu_reg *reg = &npu_dut.model->regs[win->reg[i] - 1];
	__u64 shift = 8 * (win->start + i - reg->offset);

	if (reg->kind == NPU_REG_HIDE)
		return 0;
	if (reg->kind == NPU_REG_FEATURE || reg->kind == NPU_REG_NODE)
		return (reg->kind == NPU_REG_NODE ? reg->value : bars) >> shift;
	return win->held[i];
}

/* Hand the device to the driver and put into the image what registers must read */
static inline void win_guard(struct __test_metadata *_metadata, struct win_bench *b)
{
	struct window *win = &b->win;
	__u32 bars;

	fixture_reopen(_metadata, &b->npu, GUARDED);
	win_follow_device(_metadata, &b->log, win);
	win_clear_unlisted(win);
	bars = nc_bars(_metadata, &b->npu);
	for (size_t i = 0; i < win->len; i++)
		if (win->reg[i] && win->reg[i] != WIN_CORE)
			win->image[i] = win_answer(win, i, bars);
}

/* Back to vfio-pci: memory is as the accesses left it, registers as the log says */
static inline void win_compare_with_device(struct __test_metadata *_metadata, struct win_bench *b)
{
	struct window *win = &b->win;
	size_t wrong = 0;
	__u8 *now;

	fixture_reopen(_metadata, &b->npu, PLAIN);
	now = malloc(win->len);
	ASSERT_NE(NULL, now);
	ASSERT_EQ(win->len, npu_pread(&b->npu, win->bar, now, win->len, win->start));
	win_follow_device(_metadata, &b->log, win);
	win_clear_unlisted(win);
	for (size_t i = 0; i < win->len; i++)
		wrong += now[i] != (win->reg[i] ? win->held[i] : win->image[i]);
	free(now);
	EXPECT_EQ(0, wrong) {
		TH_LOG("%zu bytes of [0x%llx, +0x%zx) differ", wrong, win->start, win->len);
	}
}

/* No access that reads may write, and no write may go where it was not sent */
static inline void win_collect_writes(struct __test_metadata *_metadata, struct win_bench *b,
				      const __u8 *buf, __u64 off, size_t len)
{
	struct window *win = &b->win;
	struct sim_event e;
	int ret;

	memset(win->arrived, 0, win->len);
	while ((ret = simlog_next(&b->log, &e)) > 0) {
		if (e.kind == SIM_RESET)
			TH_LOG("the device was reset in the middle of the test");
		EXPECT_NE(SIM_RESET, e.kind);
		for (unsigned int i = 0; e.kind == SIM_WRITE && i < e.size; i++) {
			__u64 at = e.offset + i;
			bool sent = buf && e.region == win->bar && at >= off && at < off + len;

			EXPECT_TRUE(sent) {
				TH_LOG("BAR %u+0x%llx was written", e.region, at);
			}
			if (!sent)
				continue;
			EXPECT_EQ(buf[at - off], (__u8)(e.value >> 8 * i));
			win->arrived[at - win->start]++;
		}
	}
	ASSERT_EQ(0, ret);
}

static inline void win_check_read(struct __test_metadata *_metadata, struct win_bench *b, __u64 off,
				  size_t len)
{
	const size_t canary = 16;
	struct window *win = &b->win;
	__u8 *buf = malloc(len + canary);

	ASSERT_NE(NULL, buf);
	memset(buf, 0xee, len + canary);
	EXPECT_EQ(len, npu_pread(&b->npu, win->bar, buf, len, off));
	EXPECT_EQ(0, memcmp(buf, win->image + (off - win->start), len)) {
		TH_LOG("read of %zu bytes at 0x%llx differs from the model", len, off);
	}
	for (size_t i = 0; i < canary; i++)
		EXPECT_EQ(0xee, buf[len + i]);
	free(buf);
	win_collect_writes(_metadata, b, NULL, 0, 0);
}

/* Every byte of the write that the simulator sees, one by one */
static inline void win_check_page(struct __test_metadata *_metadata, const struct window *win,
				  __u64 from, __u64 to)
{
	for (__u64 at = from; at < to; at++) {
		bool guarded = win->reg[at - win->start];
		unsigned int seen = win->arrived[at - win->start];

		if (seen == !guarded)
			continue;
		EXPECT_EQ(!guarded, seen) {
			TH_LOG("BAR %u+0x%llx%s", win->bar, at, guarded ? " is guarded" : "");
		}
		return;
	}
}

/* All bytes must have arrived but those of registers, where the simulator sees them */
static inline void win_check_arrivals(struct __test_metadata *_metadata,
				      const struct window *win, __u64 off, size_t len)
{
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];
		__u64 from = reg->offset / NPU_TRAP_SIZE * NPU_TRAP_SIZE, to = from + NPU_TRAP_SIZE;

		/* Of other pages nothing is logged: what arrives there is seen in the end */
		if (reg->bar != win->bar || !win_is_chips(reg))
			continue;
		from = from > off ? from : off;
		to = to < off + len ? to : off + len;
		if (from < to)
			win_check_page(_metadata, win, from, to);
	}
}

static inline void win_check_write(struct __test_metadata *_metadata, struct win_bench *b,
				   __u64 off, size_t len)
{
	struct window *win = &b->win;
	__u8 *buf = malloc(len);
	__u8 *image = win->image + (off - win->start);
	const __u8 *reg = win->reg + (off - win->start);
	const __u8 *held = win->held + (off - win->start);
	long long dropped = npu_attr_num(npu_dut.bdf, "ascend_vfio/dropped_writes");
	unsigned int touched = 0;

	ASSERT_NE(NULL, buf);
	ASSERT_LE(0, dropped);
	/* Nothing that the register holds already, or a write would pass for a drop */
	win_fill_random(buf, len);
	for (size_t i = 0; i < len; i++)
		while (buf[i] == image[i] || (reg[i] && buf[i] == held[i]))
			buf[i]++;
	EXPECT_EQ(len, npu_pwrite(&b->npu, win->bar, buf, len, off));
	win_collect_writes(_metadata, b, buf, off, len);
	win_check_arrivals(_metadata, win, off, len);
	for (size_t i = 0; i < len; i++) {
		if (!reg[i])
			image[i] = buf[i];
		touched += reg[i] && reg[i] != WIN_CORE && (!i || reg[i] != reg[i - 1]);
	}
	EXPECT_EQ(dropped + touched, npu_attr_num(npu_dut.bdf, "ascend_vfio/dropped_writes"));
	free(buf);
}

static inline void win_free(struct win_bench *b)
{
	npu_close(&b->npu);
	simlog_close(&b->log);
	free(b->win.image);
	free(b->win.reg);
	free(b->win.arrived);
	free(b->win.held);
}

#endif /* SELFTESTS_LIB_WINDOW_H */

// SPDX-License-Identifier: GPL-2.0-only
/* Whether what the command line asked for can be played: see device.h. */
#include "device.h"

#define REG_SIZE	4

/* The MSI-X table and the PBA, at the end of BAR0 */
#define MSIX_SIZE	0x10000ULL
/* A power of two, as BARs are, that holds them and the DMA engine */
#define BAR0_MIN	(4 * MSIX_SIZE)

static bool fits(const struct npu_model *model, unsigned int bar, u64 offset, u64 len)
{
	return bar < NPU_NR_BARS && offset <= model->bars[bar] &&
	       len <= model->bars[bar] - offset;
}

static void drop_registers_outside(struct npu_model *model)
{
	unsigned int kept = 0, trapped = 0;

	for (unsigned int i = 0; i < model->nr_all_regs; i++) {
		struct npu_reg reg = model->regs[i];

		if (!fits(model, reg.bar, reg.offset, REG_SIZE))
			continue;
		trapped += !reg.unlisted;
		model->regs[kept++] = reg;
	}
	model->nr_regs = trapped;
	model->nr_all_regs = kept;
}

#define MSIX_ENTRY_SIZE	16
#define PBA_WORD_SIZE	8

static bool overlap(unsigned int bar_a, u64 a, u64 len_a, unsigned int bar_b, u64 b, u64 len_b)
{
	return bar_a == bar_b && a < b + len_b && b < a + len_a;
}

/* Where the command line put them. Return: NULL, or what is wrong with it */
static const char *check_msix(const struct npu_model *model)
{
	const struct npu_msix *msix = &model->msix;
	const u64 table = msix->table_offset, pba = msix->pba_offset;
	const u64 table_len = (u64)MSIX_ENTRY_SIZE * msix->vectors;
	const u64 pba_len = PBA_WORD_SIZE * ((msix->vectors + 63ULL) / 64);

	if (table % 8 || pba % 8)
		return "--msix: offsets must be multiples of 8";
	if (!fits(model, msix->table_bar, table, table_len) ||
	    !fits(model, msix->pba_bar, pba, pba_len))
		return "--msix: the table or the PBA does not fit into the BAR";
	if (overlap(msix->table_bar, table, table_len, msix->pba_bar, pba, pba_len))
		return "--msix: the table and the PBA overlap";
	for (unsigned int i = 0; i < model->nr_all_regs; i++) {
		const struct npu_reg *reg = &model->regs[i];

		if (overlap(msix->table_bar, table, table_len, reg->bar, reg->offset, REG_SIZE) ||
		    overlap(msix->pba_bar, pba, pba_len, reg->bar, reg->offset, REG_SIZE))
			return "--msix: the table or the PBA lies on a register";
	}
	return NULL;
}

/* In a smaller BAR0 the MSI-X table is as far from the end as in the model's own */
static void keep_msix_inside(struct npu_model *model)
{
	struct npu_msix *msix = &model->msix;

	if (fits(model, 0, msix->table_offset, MSIX_SIZE))
		return;
	msix->pba_offset -= msix->table_offset;
	msix->table_offset = model->bars[0] - MSIX_SIZE;
	msix->pba_offset += msix->table_offset;
}

const char *npu_options_check(struct npu_options *opt)
{
	if (opt->model.bars[0] < BAR0_MIN)
		return "BAR0 must hold the DMA engine and the MSI-X table: make it at least 256K";
	drop_registers_outside(&opt->model);
	/* QEMU (seen with 11.1.3) ends when it loses a vfio-user device with MSI-X */
	if (opt->vanish_ms)
		opt->model.msix.vectors = 0;
	if (opt->vfs && !opt->model.vf)
		return "--vfs: that model has no virtual functions";
	if (opt->play_vf && !opt->model.is_vf)
		return "--play-vf: that model is no virtual function";
	if (opt->msix_placed)
		return check_msix(&opt->model);
	keep_msix_inside(&opt->model);
	return NULL;
}

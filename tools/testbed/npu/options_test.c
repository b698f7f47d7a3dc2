// SPDX-License-Identifier: GPL-2.0-only
/* Tests of options that change what the model has: sizes of BARs, where MSI-X is. */
#include <unistd.h>

#include "behaviour.h"

static const struct {
	u64		bars[NPU_NR_BARS];	/* 0: as in the model */
	bool		playable;
	unsigned int	nr_regs;
} overrides[] = {
	{ { 0 }, true, 2 },
	{ { [0] = 0x20000 }, false, 0 },	/* no room for the DMA engine and MSI-X */
	{ { [0] = 0x40000 }, true, 2 },	/* MSI-X moves */
	{ { [2] = 0x1000 }, true, 0 },	/* no room for the registers */
	{ { [2] = 0x18208600 }, true, 2 },
	{ { [2] = 0x18208434 }, true, 1 },
};

void test_overrides(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(overrides); i++) {
		struct npu_options opt = { .model = *npu_model_find("910a2-pf") };
		const struct npu_msix *msix = &opt.model.msix;

		for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++)
			if (overrides[i].bars[bar])
				opt.model.bars[bar] = overrides[i].bars[bar];
		CHECK(!npu_options_check(&opt) == overrides[i].playable);
		if (!overrides[i].playable)
			continue;
		CHECK(opt.model.nr_regs == overrides[i].nr_regs);
		CHECK(msix->table_offset == opt.model.bars[0] - 0x10000);
		CHECK(msix->pba_offset == opt.model.bars[0] - 0xc000);
	}
}

static const struct {
	u32		table;
	u32		pba;
	unsigned int	vectors;
	bool		playable;
} placed[] = {
	{ 0x800, 0xc00, 4, true },
	{ 0xfc0, 0xc00, 4, true },
	{ 0x404, 0xc00, 4, false },	/* not aligned */
	{ 0x3c0, 0xc00, 4, true },	/* up to the register */
	{ 0x3c0, 0xc00, 5, false },	/* over it */
	{ 0x800, 0x400, 4, false },
	{ 0x800, 0x838, 4, false },	/* one over the other */
	{ 0x800, 0x840, 4, true },
	{ 0xfc0, 0xc00, 5, false },	/* beyond the end */
	{ 0x800, 0xff8, 65, false },
};

/* The whole of a small BAR is registers, MSI-X table and PBA: nothing to map */
void test_msix_placed(void)
{
	const struct npu_model *chip = npu_model_find("310");
	struct server srv;
	int sock;

	for (unsigned int i = 0; i < ARRAY_SIZE(placed); i++) {
		struct npu_options opt = { .model = *chip, .msix_placed = true };

		npu_model_set_bar(&opt.model, 4, 0x1000);
		opt.model.msix = (struct npu_msix) {
			.vectors = placed[i].vectors,
			.table_bar = 4, .table_offset = placed[i].table,
			.pba_bar = 4, .pba_offset = placed[i].pba,
		};
		CHECK(!npu_options_check(&opt) == placed[i].playable);
		if (i)
			continue;
		CHECK(opt.model.msix.table_bar == 4 && opt.model.msix.table_offset == 0x800);
		server_start_as(&srv, &opt.model, &opt);
		sock = peer_open(&srv, 0);
		check_bar(sock, &opt.model, 0);
		check_bar(sock, &opt.model, 4);
		/* The capability is at 0xa0 */
		CHECK(read32(sock, CONFIG, 0xa0) >> 16 == 3);
		CHECK(read32(sock, CONFIG, 0xa0 + PCI_MSIX_TABLE) == (0x800 | 4));
		CHECK(read32(sock, CONFIG, 0xa0 + PCI_MSIX_PBA) == (0xc00 | 4));
		write32(sock, 4, 0x400, 7);
		CHECK(server_log_has(&srv, "WRITE region=4 offset=0x400 size=4 value=0x7\n"));
		close(sock);
		server_stop(&srv);
	}
}

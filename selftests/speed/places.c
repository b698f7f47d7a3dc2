// SPDX-License-Identifier: GPL-2.0-only
/* Where speed_test does it. */
#include "speed.h"

static const struct npu_reg *find_reg(enum npu_reg_kind kind)
{
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++)
		if (npu_dut.model->regs[i].kind == kind)
			return &npu_dut.model->regs[i];
	return NULL;
}

static bool has_registers(unsigned int bar)
{
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++)
		if (npu_dut.model->regs[i].bar == bar)
			return true;
	return false;
}

static int other_bar(void)
{
	for (int bar = NPU_NR_BARS - 1; bar >= 0; bar--)
		if (npu_dut.model->bars[bar] && !has_registers(bar))
			return bar;
	return -1;
}

bool find_place(enum place place, struct subject *s)
{
	const struct npu_reg *xloader = find_reg(NPU_REG_XLOADER);
	const struct npu_reg *feature = find_reg(NPU_REG_FEATURE);
	const struct npu_reg *reg = place == FEATURE ? feature : xloader;

	s->offset = 0;
	if (place == CONFIG || place == OTHER_BAR) {
		s->region = place == CONFIG ? VFIO_PCI_CONFIG_REGION_INDEX : other_bar();
		return place == CONFIG || other_bar() >= 0;
	}
	if (!reg)
		return false;
	s->region = reg->bar;
	if (place == XLOADER || place == FEATURE)
		s->offset = reg->offset;
	else if (place == BESIDE)
		s->offset = reg->offset - NPU_REG_SIZE;
	else if (place == BETWEEN && feature && feature->bar == reg->bar)
		s->offset = (reg->offset + feature->offset) / 2 & ~3ULL;
	return place != BETWEEN || s->offset;
}

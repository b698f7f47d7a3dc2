// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of an operator that all tests of a program are run with: written to the driver when
 * it gets the device, and added to the model's registers, so that every test of those is
 * one of the rules, too. What tests expect comes from the environment, never from what the
 * driver shows. They must not overlap, since here nothing is resolved.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "npu.h"

static bool is_given(const char *name)
{
	const char *text = getenv(name);

	return text && *text;
}

int npu_write_rules(const char *bdf)
{
	char path[96];
	int ret = 0;

	if (is_given(NPU_RULES)) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/ascend_vfio/guard", bdf);
		ret = sysfs_write(path, getenv(NPU_RULES));
	}
	if (!ret && is_given(NPU_NODE)) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/ascend_vfio/guest_numa_node",
			 bdf);
		ret = sysfs_write(path, getenv(NPU_NODE));
	}
	return ret;
}

/* Behind those that are trapped, and before those that are not */
static bool insert(struct npu_model *model, const struct npu_reg *reg)
{
	struct npu_reg *at = &model->regs[model->nr_regs];

	if (model->nr_all_regs == NPU_MAX_REGS || npu_reg_end(reg) > model->bars[reg->bar])
		return false;
	memmove(at + 1, at, (model->nr_all_regs - model->nr_regs) * sizeof(*at));
	*at = *reg;
	model->nr_regs++;
	model->nr_all_regs++;
	return true;
}

bool npu_add_rules(struct npu_model *model)
{
	const char *text = is_given(NPU_RULES) ? getenv(NPU_RULES) : "";
	const char *node = is_given(NPU_NODE) ? getenv(NPU_NODE) : NULL;
	struct npu_reg reg = model->node;
	unsigned long long start, end;
	char kind[8];

	if (node) {
		reg.value = atoi(node);
		if (!reg.offset || !insert(model, &reg))
			return false;
	}
	for (; *text; text += strspn(text, ";\n ")) {
		reg = (struct npu_reg) {};
		if (sscanf(text, "BAR%1u %llx-%llx %7[a-z]", &reg.bar, &start, &end, kind) != 4)
			return false;
		reg.kind = *kind == 'r' ? NPU_REG_RO : NPU_REG_HIDE;
		reg.offset = start;
		reg.size = end - start;
		if (!insert(model, &reg))
			return false;
		text += strcspn(text, ";\n");
	}
	return true;
}

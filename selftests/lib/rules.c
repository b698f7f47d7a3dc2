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

static const char *given(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

int npu_write_rules(const char *bdf)
{
	const char *rules = given(NPU_RULES), *node = given(NPU_NODE);
	char path[96];
	int ret = 0;

	if (rules) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/ascend_vfio/guard", bdf);
		ret = sysfs_write(path, rules);
	}
	if (!ret && node) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/ascend_vfio/guest_numa_node",
			 bdf);
		ret = sysfs_write(path, node);
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
	const char *text = given(NPU_RULES);
	const char *node = given(NPU_NODE);
	struct npu_reg reg = model->node;
	unsigned long long start, end;
	char kind[8];

	if (node) {
		reg.value = atoi(node);
		if (!reg.offset || !insert(model, &reg))
			return false;
	}
	for (; text && *text; text += strspn(text, ";\n ")) {
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

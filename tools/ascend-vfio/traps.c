// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - the registers that the driver traps */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "root.h"
#include "traps.h"

static void add(struct traps *t, const struct npu *npu, const char *name,
		const struct reg_at *reg, const struct layout *layout)
{
	for (int n = 0; n < 1 + layout->two_dies; n++) {
		struct trap_row *row = &t->rows[t->nr++];

		snprintf(row->reg, sizeof(row->reg), layout->two_dies ? "%s%d" : "%s", name, n);
		row->bar = reg->bar;
		row->offset = n ? second_die(reg, npu->bars[reg->bar].size) : reg->offset;
		row->size = 4;
	}
}

static void of_layout(struct traps *t, const struct npu *npu, const struct layout *layout)
{
	char *unlisted = driver_param("wc_unlisted");

	t->nr = 0;
	if (!layout)
		return;
	add(t, npu, "xloader", &layout->xloader, layout);
	if (layout->feature.offset && (layout->wc_listed || (unlisted && !strcmp(unlisted, "Y"))))
		add(t, npu, "feature", &layout->feature, layout);
}

struct traps npu_traps(const struct npu *npu)
{
	struct traps t = {};
	char *text;

	if (!*npu->layout) {
		t.why_not = "it is not bound to " DRIVER;
		of_layout(&t, npu, npu->expected);
		return t;
	}
	text = root_read_all(fmt("/sys/kernel/debug/ascend_vfio/%s/traps", npu->bdf), NULL);
	t.nr = text ? parse_traps(text, t.rows) : -1;
	t.counted = t.nr >= 0;
	if (t.counted)
		return t;
	t.why_not = text ? "the driver's table is not understood: is it newer than this tool?" :
		errno == ENOENT ? "debugfs is not mounted" :
		"debugfs can be read by root only";
	of_layout(&t, npu, layout_by_name(npu->layout));
	return t;
}

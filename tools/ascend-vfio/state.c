// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - a device's state in one word, and whether a guest gets write combining */
#include <string.h>

#include "npu.h"
#include "root.h"

void npu_set_state(struct npu *npu)
{
	if (!strcmp(npu->driver, DRIVER))
		npu->state = npu->nr_holders ? NPU_IN_USE : NPU_READY;
	else if (is_vfio_driver(npu->driver))
		npu->state = NPU_UNGUARDED;
	else if (*npu->driver)
		npu->state = NPU_NATIVE;
	else if (!strcmp(npu->override, DRIVER) && driver_loaded(DRIVER))
		npu->state = NPU_REFUSED;
	else
		npu->state = NPU_UNBOUND;
}

static char *bar_list(u64 bitmap)
{
	char *list = "";

	for (unsigned int i = 0; i < NR_BARS; i++)
		if (bitmap & BIT(i))
			list = join(list, ", ", fmt("BAR%u", i));
	return list;
}

/* Why normal_nc_bars is 0, as far as it can be told */
static const char *why_no_nc(const struct machine *m)
{
	char *param = driver_param("normal_nc");

	if (param && (!strcmp(param, "N") || !strcmp(param, "0")))
		return "the driver's parameter normal_nc is off";
	return fmt("the driver found no Normal-NC support in kernel %s", m->release);
}

bool npu_wc(const struct machine *m, const struct npu *npu, const char **why)
{
	const struct layout *layout = layout_by_name(npu->layout);
	char *unlisted = driver_param("wc_unlisted");

	if (npu->state != NPU_READY && npu->state != NPU_IN_USE) {
		*why = npu->state == NPU_UNGUARDED ?
			fmt("%s does not tell the guest's driver that it may", npu->driver) :
			"not bound to " DRIVER;
		return false;
	}
	if (!npu->has_nc) {
		*why = "normal_nc_bars in sysfs cannot be read";
		return false;
	}
	if (!npu->normal_nc_bars) {
		*why = why_no_nc(m);
		return false;
	}
	if (!(npu->normal_nc_bars & BIT(4))) {
		*why = "BAR4 is not among the Normal-NC BARs, and the guest's driver asks for it";
		return false;
	}
	if (!layout) {
		*why = fmt("layout '%s' is newer than this tool", npu->layout);
		return false;
	}
	if (!layout->wc_listed && !(unlisted && !strcmp(unlisted, "Y"))) {
		*why = layout->feature.offset ?
			"the vendor does not support it on this chip; "
			"wc_unlisted=1 tells the guest's driver all the same" :
			"this chip has no register that tells the guest's driver";
		return false;
	}
	*why = fmt("%s; the guest's driver is told",
		   bar_list(npu->normal_nc_bars));
	return true;
}

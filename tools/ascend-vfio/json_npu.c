// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - a device as JSON */
#include <string.h>

#include "json_npu.h"

static void add_bars(struct json_object *o, const struct npu *npu)
{
	struct json_object *bars = json_array(o, "bars");

	for (int i = 0; i < NR_BARS; i++) {
		struct json_object *bar;

		if (!npu->bars[i].size)
			continue;
		bar = json_object_in(bars);
		json_u64(bar, "index", i);
		json_u64(bar, "start", npu->bars[i].start);
		json_u64(bar, "size", npu->bars[i].size);
		json_flag(bar, "memory64", npu->bars[i].mem64);
		json_flag(bar, "prefetchable", npu->bars[i].prefetchable);
	}
}

static void add_group(struct json_object *o, const struct npu *npu)
{
	struct json_object *others = json_array(o, "group_others");

	json_int_or_null(o, "group", npu->group);
	if (npu->group == UNKNOWN)
		return;
	for (char **bdf = group_members(npu->group); *bdf; bdf++) {
		struct json_object *other;

		if (!strcmp(*bdf, npu->bdf))
			continue;
		other = json_object_in(others);
		json_str(other, "address", *bdf);
		json_str(other, "driver", *driver_of(*bdf) ? driver_of(*bdf) : NULL);
	}
}

static void add_holders(struct json_object *o, const struct npu *npu)
{
	struct json_object *holders;

	if (npu->holders_unseen && !npu->nr_holders) {
		json_str(o, "open_by", NULL);
		return;
	}
	holders = json_array(o, "open_by");
	for (unsigned int i = 0; i < npu->nr_holders; i++) {
		struct json_object *holder = json_object_in(holders);

		json_u64(holder, "pid", npu->holders[i].pid);
		json_str(holder, "command", npu->holders[i].command);
		json_str(holder, "file", npu->holders[i].what);
	}
}

static void add_driver_state(struct json_object *o, const struct npu *npu)
{
	bool bound = *npu->layout;

	json_str(o, "layout", bound ? npu->layout : NULL);
	json_str(o, "expected_layout", npu->expected ? npu->expected->name : NULL);
	json_str(o, "refusal", npu->expected ? NULL : npu->why_refused);
	if (npu->has_nc)
		json_u64(o, "normal_nc_bars", npu->normal_nc_bars);
	else
		json_str(o, "normal_nc_bars", NULL);
	if (bound)
		json_u64(o, "dropped_writes", npu->dropped);
	else
		json_str(o, "dropped_writes", NULL);
	if (npu->needs_reset == UNKNOWN)
		json_str(o, "needs_reset", NULL);
	else
		json_flag(o, "needs_reset", npu->needs_reset);
}

struct json_object *json_npu(struct json_object *array, const struct machine *m,
			     const struct npu *npu)
{
	struct json_object *o = json_object_in(array);
	const char *why;
	bool wc = npu_wc(m, npu, &why);

	json_str(o, "address", npu->bdf);
	json_str(o, "chip", npu->chip->chip);
	json_str(o, "vendor", fmt("%04x", npu->vendor));
	json_str(o, "device", fmt("%04x", npu->device));
	json_str(o, "subsystem_vendor", fmt("%04x", npu->subvendor));
	json_str(o, "subsystem_device", fmt("%04x", npu->subdevice));
	json_str(o, "driver", *npu->driver ? npu->driver : NULL);
	json_str(o, "driver_override", *npu->override ? npu->override : NULL);
	json_str(o, "state", state_names[npu->state]);
	json_flag(o, "write_combining", wc);
	json_str(o, "write_combining_reason", why);
	json_int_or_null(o, "numa_node", npu->node);
	json_flag(o, "is_vf", npu->is_vf);
	json_flag(o, "is_pf", npu->is_pf);
	json_str(o, "pf", npu->is_vf ? npu->pf : NULL);
	json_int_or_null(o, "vfs", npu->is_pf ? (long)npu->nr_vfs : -1);
	json_int_or_null(o, "vfs_max", npu->is_pf ? (long)npu->total_vfs : -1);
	add_group(o, npu);
	add_bars(o, npu);
	add_holders(o, npu);
	add_driver_state(o, npu);
	return o;
}

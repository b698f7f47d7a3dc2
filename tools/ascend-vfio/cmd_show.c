// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio show */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "json_npu.h"
#include "npu.h"
#include "open.h"
#include "out.h"
#include "traps.h"

static void show_bars(const struct npu *npu, const struct opened *opened)
{
	for (int i = 0; i < NR_BARS; i++) {
		const struct bar *bar = &npu->bars[i];
		const char *nc = "";

		if (!bar->size)
			continue;
		if (npu->has_nc)
			nc = npu->normal_nc_bars & BIT(i) ? ", Normal-NC" : ", Device";
		printf("  BAR%d     %s at 0x%llx%s%s%s%s\n", i, size_text(bar->size),
		       (unsigned long long)bar->start, bar->io ? ", I/O ports" : "",
		       bar->mem64 ? ", 64-bit" : "", bar->prefetchable ? ", prefetchable" : "", nc);
		for (unsigned int j = 0; opened && j < opened->regions[i].nr_areas; j++)
			printf("           area 0x%llx-0x%llx\n",
			       (unsigned long long)opened->regions[i].areas[j].offset,
			       (unsigned long long)(opened->regions[i].areas[j].offset +
						    opened->regions[i].areas[j].size - 1));
	}
}

static void show_traps(const struct traps *traps)
{
	if (traps->why_not)
		printf("  counters not known: %s\n", traps->why_not);
	for (int i = 0; i < traps->nr; i++) {
		const struct trap_row *row = &traps->rows[i];

		printf("  %-8s BAR%u+0x%llx, %llu bytes", row->reg, row->bar,
		       (unsigned long long)row->offset, (unsigned long long)row->size);
		if (traps->counted)
			printf(", %llu reads, %llu writes dropped%s%s",
			       (unsigned long long)row->reads, (unsigned long long)row->dropped,
			       *row->state ? ", " : "", row->state);
		putchar('\n');
	}
}

static void show(const struct machine *m, const struct npu *npu, const struct traps *traps,
		 const struct opened *opened)
{
	const char *why;
	bool wc = npu_wc(m, npu, &why);

	printf("%s  %s\n", coloured(BOLD, npu->bdf), pci_name(npu->pci));
	printf("  chip     %s, [%04x:%04x] subsystem [%04x:%04x] revision %02x\n", npu->chip->chip,
	       npu->vendor, npu->device, npu->subvendor, npu->subdevice, npu->revision);
	printf("  state    %s, driver %s, driver_override %s\n", state_names[npu->state],
	       *npu->driver ? npu->driver : "none", *npu->override ? npu->override : "not set");
	if (*npu->layout)
		printf("  layout   %s\n", npu->layout);
	else if (npu->expected)
		printf("  layout   %s, when it is bound\n", npu->expected->name);
	else
		printf("  layout   none, it would be refused: %s\n", npu->why_refused);
	printf("  wc       %s: %s\n", wc ? "yes" : "no", why);
	if (npu->group != UNKNOWN)
		printf("  group    %d\n", npu->group);
	if (npu->node != UNKNOWN)
		printf("  numa     %d\n", npu->node);
	if (npu->is_vf)
		printf("  VF of    %s\n", npu->pf);
	if (npu->is_pf)
		printf("  VFs      %llu of %llu\n", (unsigned long long)npu->nr_vfs,
		       (unsigned long long)npu->total_vfs);
	for (unsigned int i = 0; i < npu->nr_holders; i++)
		printf("  open by  %s, pid %u (%s)\n", npu->holders[i].command,
		       npu->holders[i].pid, npu->holders[i].what);
	if (*npu->layout)
		printf("  dropped  %llu writes since it was bound\n", (unsigned long long)npu->dropped);
	if (npu->needs_reset == 1)
		printf("  reset    needed before the next guest\n");
	show_bars(npu, opened);
	show_traps(traps);
}

static void add_traps(struct json_object *o, const struct traps *traps)
{
	struct json_object *array = json_array(o, "registers");

	json_str(o, "counters_unknown", traps->why_not);
	for (int i = 0; i < traps->nr; i++) {
		const struct trap_row *row = &traps->rows[i];
		struct json_object *reg = json_object_in(array);

		json_str(reg, "name", row->reg);
		json_u64(reg, "bar", row->bar);
		json_u64(reg, "offset", row->offset);
		json_u64(reg, "size", row->size);
		if (!traps->counted)
			continue;
		json_u64(reg, "reads", row->reads);
		json_u64(reg, "dropped", row->dropped);
		json_str(reg, "state", *row->state ? row->state : NULL);
	}
}

int cmd_show(const struct args *args)
{
	struct machine *m = machine_scan();
	struct npu **npus = machine_choose(m, args->bdfs, args->nr_bdfs);
	struct json_object *root = given(args, OPT_JSON) ? json_start() : NULL;
	struct json_object *array = root ? json_array(root, "devices") : NULL;
	int status = EXIT_DONE;

	npu_find_holders(m);
	for (; *npus; npus++) {
		struct traps traps = npu_traps(*npus);
		struct opened opened;
		bool open = given(args, OPT_OPEN);

		if (open && !open_device(*npus, &opened)) {
			error("%s: %s", (*npus)->bdf, opened.why);
			status = EXIT_FAILED;
			open = false;
		}
		if (array) {
			struct json_object *o = json_npu(array, m, *npus);

			add_traps(o, &traps);
			if (open)
				open_json(o, &opened);
		} else {
			show(m, *npus, &traps, open ? &opened : NULL);
		}
		if (open && !open_agrees(*npus, &opened, &traps))
			status = EXIT_FAILED;
	}
	if (root)
		json_finish(root);
	return status;
}

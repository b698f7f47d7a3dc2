// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio list */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "json_npu.h"
#include "npu.h"
#include "out.h"

static enum colour state_colour(enum npu_state state)
{
	switch (state) {
	case NPU_READY:
	case NPU_IN_USE:
		return GREEN;
	case NPU_UNGUARDED:
	case NPU_REFUSED:
		return RED;
	default:
		return PLAIN;
	}
}

static char *bars_text(const struct npu *npu)
{
	char *text = "";

	for (int i = 0; i < NR_BARS; i++)
		if (npu->bars[i].size)
			text = join(text, "/", size_text(npu->bars[i].size));
	return *text ? text : "-";
}

static char *kind_text(const struct npu *npu)
{
	if (npu->is_vf)
		return fmt("VF of %s", npu->pf);
	if (npu->is_pf)
		return fmt("PF %llu/%llu", (unsigned long long)npu->nr_vfs,
			   (unsigned long long)npu->total_vfs);
	return "-";
}

/* The whole of the last column: what the two words before it leave open */
static char *remarks(const struct machine *m, const struct npu *npu)
{
	const char *why;
	char *text = "";
	bool wc = npu_wc(m, npu, &why);

	for (unsigned int i = 0; i < npu->nr_holders; i++)
		text = join(text, "; ", fmt("open: %s, pid %u", npu->holders[i].command,
					    npu->holders[i].pid));
	if (npu->state == NPU_REFUSED)
		text = join(text, "; ", fmt("refused: %s", npu->why_refused ? npu->why_refused :
					    "the kernel log says why"));
	else if (!npu->expected)
		text = join(text, "; ", fmt("would be refused: %s", npu->why_refused));
	if (npu->state == NPU_UNGUARDED)
		text = join(text, "; ", "nothing guards its registers");
	if (npu->needs_reset == 1)
		text = join(text, "; ", "needs a reset before the next guest");
	if (wc || npu->state == NPU_READY || npu->state == NPU_IN_USE)
		text = join(text, "; ", fmt("%s: %s", wc ? "wc" : "no wc", why));
	for (char **other = group_obstacles(npu); *other; other++)
		text = join(text, "; ", fmt("group shared with %s (%s)", *other,
					    driver_of(*other)));
	return *text ? text : "-";
}

static void row(struct table *t, const struct machine *m, const struct npu *npu)
{
	const char *why;
	bool wc = npu_wc(m, npu, &why);

	table_add(t, PLAIN, npu->bdf);
	table_add(t, PLAIN, npu->chip->chip);
	table_add(t, PLAIN, fmt("%04x:%04x %04x:%04x", npu->vendor, npu->device, npu->subvendor,
				npu->subdevice));
	table_add(t, PLAIN, kind_text(npu));
	table_add(t, PLAIN, *npu->driver ? npu->driver : "-");
	table_add(t, PLAIN, npu->group == UNKNOWN ? "-" : fmt("%d", npu->group));
	table_add(t, PLAIN, npu->node == UNKNOWN ? "-" : fmt("%d", npu->node));
	table_add(t, PLAIN, bars_text(npu));
	table_add(t, state_colour(npu->state), state_names[npu->state]);
	table_add(t, wc ? GREEN : PLAIN, wc ? "yes" : "no");
	table_add(t, PLAIN, remarks(m, npu));
}

static void print_json(struct machine *m, struct npu **npus)
{
	struct json_object *root = json_start(), *array = json_array(root, "devices");

	for (; *npus; npus++)
		json_npu(array, m, *npus);
	json_finish(root);
}

static void print_table(struct machine *m, struct npu **npus)
{
	static const char * const headings[] = { "ADDRESS", "CHIP", "IDS", "KIND", "DRIVER",
		"GROUP", "NUMA", "BARS", "STATE", "WC", "REMARKS" };
	struct table *t = table_new(headings, ARRAY_SIZE(headings));

	for (; *npus; npus++)
		row(t, m, *npus);
	table_print(t);
}

int cmd_list(const struct args *args)
{
	struct machine *m = machine_scan();
	struct npu **npus = machine_choose(m, args->bdfs, args->nr_bdfs);

	if (msg_quiet && !given(args, OPT_JSON)) {
		for (; *npus; npus++)
			puts((*npus)->bdf);
		return EXIT_DONE;
	}
	npu_find_holders(m);
	if (given(args, OPT_JSON))
		print_json(m, npus);
	else if (*npus)
		print_table(m, npus);
	else
		note("there is no Ascend NPU in this machine");
	if (m->nr && m->npus[0].holders_unseen)
		note("not root: whether a process of somebody else has a device open was not seen");
	return EXIT_DONE;
}

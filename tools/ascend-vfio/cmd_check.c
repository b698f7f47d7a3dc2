// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio check: the list of checks, and how findings are shown */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "commands.h"
#include "out.h"

static void (*const checks[])(struct checkup *) = {
	check_kernel, check_kvm, check_normal_nc, check_page_size,
	check_iommu, check_groups, check_acs, check_reserved,
	check_module, check_signature, check_rivals, check_probing,
	check_devices, check_bars, check_reset,
	check_qemu, check_libvirt, check_memory,
};

static const char * const level_names[] = { "ok", "warning", "problem" };
static const enum colour level_colours[] = { GREEN, YELLOW, RED };

void found(struct checkup *c, enum level level, const char *name, const struct npu *npu,
	   const char *text, const char *advice)
{
	if (c->nr == c->room) {
		unsigned int room = c->room ? 2 * c->room : 64;
		struct finding *more = zalloc(room * sizeof(*more));

		if (c->nr)
			memcpy(more, c->findings, c->nr * sizeof(*more));
		c->findings = more;
		c->room = room;
	}
	c->findings[c->nr++] = (struct finding){ level, name, npu ? npu->bdf : NULL, text, advice };
}

static void print_finding(const struct finding *f, const char *bdfs)
{
	printf("%s%*s %s: %s%s%s", coloured(level_colours[f->level], level_names[f->level]),
	       (int)(7 - strlen(level_names[f->level])), "", f->name, bdfs, *bdfs ? ": " : "",
	       f->text);
	if (f->advice)
		printf(". Do: %s", f->advice);
	putchar('\n');
}

static bool same_but_device(const struct finding *a, const struct finding *b)
{
	return a->level == b->level && a->bdf && b->bdf && !strcmp(a->name, b->name) &&
	       !strcmp(a->text, b->text) && !a->advice == !b->advice &&
	       (!a->advice || !strcmp(a->advice, b->advice));
}

/* What is the same for several devices is one line. */
static void print_findings(const struct checkup *c)
{
	bool *shown = zalloc(c->nr * sizeof(*shown));

	for (unsigned int i = 0; i < c->nr; i++) {
		const struct finding *f = &c->findings[i];
		char *bdfs = f->bdf ? copy(f->bdf) : "";

		if (shown[i] || (msg_quiet && f->level == LEVEL_OK))
			continue;
		for (unsigned int j = i + 1; j < c->nr; j++) {
			if (!same_but_device(f, &c->findings[j]))
				continue;
			shown[j] = true;
			bdfs = join(bdfs, " ", c->findings[j].bdf);
		}
		print_finding(f, bdfs);
	}
}

static void print_json(const struct checkup *c, enum level worst)
{
	struct json_object *root = json_start(), *array;

	json_str(root, "result", level_names[worst]);
	array = json_array(root, "findings");
	for (unsigned int i = 0; i < c->nr; i++) {
		const struct finding *f = &c->findings[i];
		struct json_object *o = json_object_in(array);

		json_str(o, "level", level_names[f->level]);
		json_str(o, "name", f->name);
		json_str(o, "address", f->bdf);
		json_str(o, "text", f->text);
		json_str(o, "advice", f->advice);
	}
	json_finish(root);
}

int cmd_check(const struct args *args)
{
	struct checkup c = { .m = machine_scan(), .memory = args->number[OPT_MEMORY] };
	enum level worst = LEVEL_OK;
	static const int exits[] = { EXIT_DONE, EXIT_FAILED, EXIT_PROBLEMS };

	c.npus = machine_choose(c.m, args->bdfs, args->nr_bdfs);
	npu_find_holders(c.m);
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		checks[i](&c);
	for (unsigned int i = 0; i < c.nr; i++)
		if (c.findings[i].level > worst)
			worst = c.findings[i].level;
	if (given(args, OPT_JSON)) {
		print_json(&c, worst);
		return exits[worst];
	}
	print_findings(&c);
	return exits[worst];
}

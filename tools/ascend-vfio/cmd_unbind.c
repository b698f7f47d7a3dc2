// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio unbind
 *
 * What makes the device ours at the next boot goes first, the record last: so a run that
 * was killed is done again, and knows what to restore.
 */
#include <errno.h>
#include <string.h>

#include "act.h"
#include "change.h"
#include "commands.h"
#include "driver.h"
#include "journal.h"
#include "persist.h"
#include "root.h"

enum plan { PLAN_NOTHING, PLAN_RESTORE, PLAN_DEFAULT, PLAN_FORGET };

struct target {
	struct npu *npu;
	enum plan plan;
	bool has_record;
	struct journal record;
};

static void make_plan(struct target *t)
{
	bool ours = !strcmp(t->npu->driver, DRIVER) || !strcmp(t->npu->override, DRIVER);

	t->has_record = journal_read(t->npu, &t->record);
	if (t->has_record && (ours || journal_is_current(&t->record)))
		t->plan = PLAN_RESTORE;
	else if (ours)
		t->plan = PLAN_DEFAULT;
	else if (t->has_record || persist_there(t->npu->bdf) || early_there(t->npu->bdf))
		t->plan = PLAN_FORGET;
	else
		t->plan = PLAN_NOTHING;
}

/* Without a record: no override, and the driver that claims the device gets it. */
static int to_default(const struct npu *npu)
{
	int ret = driver_set_override(npu->bdf, "");

	if (!ret && !strcmp(driver_of(npu->bdf), DRIVER))
		ret = driver_release(npu->bdf);
	if (!ret && (dry_run || !*driver_of(npu->bdf)))
		ret = driver_probe(npu->bdf);
	return ret;
}

static int forget(struct target *t)
{
	int ret = early_remove(t->npu);

	return ret ? ret : persist_remove(t->npu);
}

static int restore(struct target *t)
{
	int ret;

	t->record.state = JOURNAL_UNBINDING;
	ret = journal_write(&t->record);
	if (!ret)
		ret = forget(t);
	if (!ret)
		ret = driver_put_back(t->npu->bdf, &t->record);
	if (ret == -ENODEV)
		error("%s: %s, which had it before, %s; override and everything else are restored, and running this again tries once more",
		      t->npu->bdf, t->record.driver, driver_loaded(t->record.driver) ?
		      "does not take it" : "is not loaded and cannot be");
	return ret ? ret : journal_remove(t->npu);
}

static int unbind(struct target *t)
{
	int ret;

	switch (t->plan) {
	case PLAN_RESTORE:
		return restore(t);
	case PLAN_DEFAULT:
		ret = forget(t);
		return ret ? ret : to_default(t->npu);
	case PLAN_FORGET:
		ret = forget(t);
		return ret ? ret : journal_remove(t->npu);
	case PLAN_NOTHING:
		break;
	}
	return 0;
}

static void report_target(struct report *r, const struct target *t)
{
	const char *now = driver_of(t->npu->bdf);

	switch (t->plan) {
	case PLAN_RESTORE:
		report_device(r, t->npu->bdf, "restored",
			      fmt("restored: %s, driver_override %s",
				  *now ? now : "no driver",
				  *t->record.override ? t->record.override : "not set"));
		break;
	case PLAN_DEFAULT:
		report_device(r, t->npu->bdf, "default",
			      fmt("no record of what it was before; now %s", *now ? now : "no driver"));
		break;
	case PLAN_FORGET:
		report_device(r, t->npu->bdf, "forgotten",
			      "was not bound; what bind left for later boots is removed");
		break;
	case PLAN_NOTHING:
		report_device(r, t->npu->bdf, "unchanged", "is not bound to " DRIVER);
		break;
	}
}

static bool refused(struct target *targets, unsigned int nr)
{
	bool any = false;

	for (unsigned int i = 0; i < nr; i++)
		if (!strcmp(targets[i].npu->driver, DRIVER))
			any |= refuse_if_open(targets[i].npu, false);
	return any;
}

int cmd_unbind(const struct args *args)
{
	struct machine *m;
	struct npu **npus;
	struct target *targets;
	struct report r;
	unsigned int nr = 0;
	int status = EXIT_DONE, ret;

	dry_run = given(args, OPT_DRY_RUN);
	act_lock();
	m = machine_scan();
	npu_find_holders(m);
	npus = machine_choose(m, args->bdfs, args->nr_bdfs);
	targets = zalloc((m->nr + 1) * sizeof(*targets));
	for (; *npus; npus++) {
		targets[nr].npu = *npus;
		make_plan(&targets[nr++]);
	}
	if (refused(targets, nr))
		return EXIT_REFUSED;
	report_begin(&r, given(args, OPT_JSON));
	for (unsigned int i = 0; i < nr; i++) {
		ret = unbind(&targets[i]);
		if (ret && ret != -ENODEV)
			error("%s: %s", targets[i].npu->bdf, strerror(-ret));
		if (ret)
			status = EXIT_FAILED;
		else
			report_target(&r, &targets[i]);
	}
	if (early_update()) {
		error("the initramfs could not be made: it still takes the devices at boot");
		status = EXIT_FAILED;
	}
	report_end(&r);
	return status;
}

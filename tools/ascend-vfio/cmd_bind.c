// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio bind
 *
 * First everything is looked at that could refuse it, for all devices; then each is
 * taken over. The record of what was there is on disk before the first change to a
 * device, and no step depends on one before having been done by this very run: so a run
 * that was killed is simply done again. Whatever fails, all devices of this run go back
 * to what they were when it began.
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
#include "run.h"

struct target {
	struct npu *npu;
	bool changed;			/* by this run */
	bool had_record, had_persist, had_early;
	struct journal record;		/* what unbind is to restore */
	struct journal old_record, now;	/* to undo this run */
};

struct binding {
	const struct args *args;
	struct machine *m;
	struct target *targets;
	unsigned int nr;
	bool loaded;			/* the module, by this run */
};

static bool bound_already(const struct npu *npu)
{
	return !strcmp(npu->driver, DRIVER) && !strcmp(npu->override, DRIVER);
}

static bool is_target(const struct binding *b, const char *bdf)
{
	for (unsigned int i = 0; i < b->nr; i++)
		if (!strcmp(b->targets[i].npu->bdf, bdf))
			return true;
	return false;
}

/* Others of the group that would keep VFIO from giving it away, or that are NPUs */
static bool refuse_for_group(const struct binding *b, const struct npu *npu)
{
	bool refused = false;

	if (npu->group == UNKNOWN && !group_comes_later(npu)) {
		error("%s: no IOMMU group, so VFIO cannot have it: see 'ascend-vfio check'", npu->bdf);
		return true;
	}
	if (given(b->args, OPT_FORCE))
		return false;
	for (char **other = group_obstacles(npu); *other; other++) {
		struct bdf bdf;

		if (is_target(b, *other))
			continue;
		error("%s: IOMMU group %d also has %s, which %s uses: %s (--force binds all the same, but no guest can have it meanwhile)",
		      npu->bdf, npu->group, *other, driver_of(*other),
		      parse_bdf(*other, &bdf) && machine_find(b->m, &bdf) ?
		      "it is an NPU, name it as well" : "unbind that first");
		refused = true;
	}
	return refused;
}

/* An operator may have named the layout of a device that would be refused. */
static bool refuse_for_layout(const struct npu *npu)
{
	char *named = driver_param("layout");

	if (npu->expected || (named && strstr(named, npu->bdf)))
		return false;
	error("%s: " DRIVER " would refuse it: %s. If you know its layout, name it in the module's parameter layout",
	      npu->bdf, npu->why_refused);
	return true;
}

static bool refused(const struct binding *b)
{
	bool any = false;

	for (unsigned int i = 0; i < b->nr; i++) {
		const struct npu *npu = b->targets[i].npu;

		if (bound_already(npu))
			continue;
		any |= refuse_if_open(npu, given(b->args, OPT_FORCE));
		any |= refuse_for_group(b, npu);
		any |= refuse_for_layout(npu);
	}
	if (given(b->args, OPT_EARLY) && early_obstacle()) {
		error("--early: %s", early_obstacle());
		any = true;
	}
	return any;
}

/* What unbind is to restore: what a run before this one found, or what is there now */
static void make_record(struct target *t)
{
	t->now = journal_now(t->npu, JOURNAL_BINDING);
	t->had_record = journal_read(t->npu, &t->old_record);
	t->had_persist = persist_there(t->npu->bdf);
	t->had_early = early_there(t->npu->bdf);
	/* One of before a reboot counts while its effect does. */
	if (t->had_record && (journal_is_current(&t->old_record) || bound_already(t->npu)))
		t->record = t->old_record;
	else
		t->record = t->now;
	t->record.state = JOURNAL_BINDING;
}

static void undo_target(struct target *t)
{
	const char *bdf = t->npu->bdf;
	int ret;

	if (!t->had_early)
		early_remove(t->npu);
	if (!t->had_persist)
		persist_remove(t->npu);
	if (!t->changed)
		return;
	ret = driver_put_back(bdf, &t->now);
	if (ret) {
		error("%s: could not be given back to %s: %s", bdf,
		      *t->now.driver ? t->now.driver : "no driver", strerror(-ret));
		return;
	}
	if (t->had_record)
		journal_write(&t->old_record);
	else
		journal_remove(t->npu);
}

static void undo(struct binding *b)
{
	error("putting back what was changed");
	for (unsigned int i = b->nr; i--; )
		undo_target(&b->targets[i]);
	early_update();
	if (b->loaded)
		act_unload(DRIVER);
}

static const char *why_not_taken(const char *bdf, int ret)
{
	char *line = ret == -ENODEV ? kernel_log_line(bdf, "refused") : NULL;

	if (line)
		return fmt("the kernel says: %s", line);
	return ret == -ENODEV ? DRIVER " did not take it; the kernel log may say why" : strerror(-ret);
}

static bool take(struct target *t)
{
	const char *bdf = t->npu->bdf;
	int ret;

	if (bound_already(t->npu))
		return true;
	ret = journal_write(&t->record);
	if (ret) {
		error("%s: its record cannot be written: %s", bdf, strerror(-ret));
		return false;
	}
	t->changed = true;
	ret = driver_take(bdf, DRIVER);
	if (ret)
		error("%s: could not be bound: %s", bdf, why_not_taken(bdf, ret));
	return !ret;
}

/* Who else is in the group of a device that had none before it was taken */
static bool group_is_good(const struct binding *b, struct target *t)
{
	if (dry_run || t->npu->group != UNKNOWN)
		return true;
	npu_read_group(t->npu);
	return !refuse_for_group(b, t->npu);
}

static bool keep(const struct binding *b, struct target *t)
{
	bool early = given(b->args, OPT_EARLY);
	int ret = 0;

	if (given(b->args, OPT_PERSIST) || early)
		ret = persist_add(t->npu);
	if (!ret && early)
		ret = early_add(t->npu);
	if (ret) {
		error("%s: could not be made persistent: %s", t->npu->bdf, strerror(-ret));
		return false;
	}
	if (!t->changed && !(t->had_record && t->old_record.state != JOURNAL_BOUND))
		return true;
	t->record.state = JOURNAL_BOUND;
	ret = journal_write(&t->record);
	if (ret)
		error("%s: its record cannot be written: %s", t->npu->bdf, strerror(-ret));
	return !ret;
}

static bool load_driver(struct binding *b)
{
	int ret;

	if (driver_loaded(DRIVER))
		return true;
	ret = act_load(DRIVER);
	if (ret) {
		error("the module " DRIVER " could not be loaded: %s (see 'ascend-vfio check')",
		      strerror(-ret));
		return false;
	}
	b->loaded = true;
	return true;
}

static bool bind_all(struct binding *b)
{
	for (unsigned int i = 0; i < b->nr; i++) {
		make_record(&b->targets[i]);
		if (!bound_already(b->targets[i].npu) && !load_driver(b))
			return false;
	}
	for (unsigned int i = 0; i < b->nr; i++)
		if (!take(&b->targets[i]))
			return false;
	for (unsigned int i = 0; i < b->nr; i++)
		if (!group_is_good(b, &b->targets[i]))
			return false;
	for (unsigned int i = 0; i < b->nr; i++)
		if (!keep(b, &b->targets[i]))
			return false;
	if (early_update()) {
		error("the initramfs could not be made");
		return false;
	}
	return true;
}

static void report(struct binding *b)
{
	struct report r;

	report_begin(&r, given(b->args, OPT_JSON));
	for (unsigned int i = 0; i < b->nr; i++) {
		const struct target *t = &b->targets[i];
		const char *was = *t->now.driver ? t->now.driver : "no driver";

		if (t->changed)
			report_device(&r, t->npu->bdf, "bound",
				      fmt("bound to " DRIVER " (before: %s)%s", was,
					  given(b->args, OPT_EARLY) ? ", early at boot, too" :
					  given(b->args, OPT_PERSIST) ? ", after a reboot, too" : ""));
		else
			report_device(&r, t->npu->bdf, "unchanged", "is bound already");
	}
	report_end(&r);
}

static void choose_targets(struct binding *b)
{
	struct npu **npus = machine_choose(b->m, b->args->bdfs, b->args->nr_bdfs);

	b->targets = zalloc((b->m->nr + 1) * sizeof(*b->targets));
	for (; *npus; npus++)
		if (!given(b->args, OPT_ALL) || !(*npus)->is_vf)
			b->targets[b->nr++].npu = *npus;
}

int cmd_bind(const struct args *args)
{
	struct binding b = { .args = args };

	dry_run = given(args, OPT_DRY_RUN);
	act_lock();
	b.m = machine_scan();
	npu_find_holders(b.m);
	choose_targets(&b);
	if (!b.nr) {
		error("there is no Ascend NPU to bind");
		return EXIT_FAILED;
	}
	if (refused(&b))
		return EXIT_REFUSED;
	if (!bind_all(&b)) {
		undo(&b);
		return EXIT_FAILED;
	}
	report(&b);
	return EXIT_DONE;
}

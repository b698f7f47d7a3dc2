// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio reset
 *
 * The vendor's driver never resets a chip plainly, and some chips vanish from the bus at a
 * reset. So: probing off, the reset announced to the chip, the driver away, reset, wait;
 * where the function has vanished or has another identity, remove it and scan the bus
 * again; when it is the same for three seconds and answers, the driver as before.
 *
 * The kernel waits for a function that does not come back, too, for minutes, and until then
 * whoever touches the device waits as well. So when the time is up, it is left alone. When the
 * kernel gives up earlier, the function is looked for all the same: one that has vanished before
 * the kernel asked for it the first time is removed only then, and comes back.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "act.h"
#include "autoprobe.h"
#include "change.h"
#include "commands.h"
#include "driver.h"
#include "journal.h"
#include "mmio.h"
#include "root.h"

#define DEFAULT_LIMIT	180	/* the kernel's own 65 s, twice, and what is behind */
#define STABLE_S	3	/* seconds of the same ids */
#define RESCAN_S	2	/* between two scans */

struct reset {
	const struct npu *npu;
	struct journal before;
	char *bridge;		/* the port above; NULL: none */
	time_t deadline;
	const char *doing;	/* for the report of a failure */
	bool in_kernel;		/* whose reset has not ended within the time */
};

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void wait_s(unsigned int seconds)
{
	struct timespec t = { .tv_sec = seconds };

	if (!dry_run)
		nanosleep(&t, NULL);
}

static void progress(struct reset *r, const char *doing)
{
	r->doing = doing;
	note("%s: %s", r->npu->bdf, doing);
}

static char *file_of(const struct reset *r, const char *name)
{
	return fmt("%s/%s", r->npu->dir, name);
}

/* --- the announcement ------------------------------------------------------------- */

static void announce(struct reset *r, u32 value)
{
	const struct layout *layout = r->npu->expected;
	int ret = 0;

	if (!layout || !layout->feature.offset) {
		note("%s: not announced: no source tells where this chip has hot_reset_pcie_flag",
		     r->npu->bdf);
		return;
	}
	for (int die = 0; die < 1 + layout->two_dies && !ret; die++) {
		const struct reg_at *feature = &layout->feature;
		u64 at = die ? second_die(feature, r->npu->bars[feature->bar].size) :
			       feature->offset;
		char *path = file_of(r, fmt("resource%u", feature->bar));

		at = at - BLOCK_FEATURE + BLOCK_HOT_RESET;
		if (dry_run)
			printf("would write 0x%x to %s+0x%llx\n", value, path,
			       (unsigned long long)at);
		else
			ret = mmio_write32(root_path(path), at, value);
	}
	if (ret)
		warning("%s: hot_reset_pcie_flag could not be written: %s%s", r->npu->bdf,
			strerror(-ret), ret == -EPERM ? " (kernel lockdown?)" : "");
}

/* The chip clears its block when it boots; one that has not would take it for a new one. */
static void unannounce(struct reset *r)
{
	const struct layout *layout = r->npu->expected;
	u32 value;

	if (!layout || !layout->feature.offset || dry_run)
		return;
	if (!mmio_read32(root_path(file_of(r, fmt("resource%u", layout->feature.bar))),
			 layout->feature.offset - BLOCK_FEATURE + BLOCK_HOT_RESET, &value) &&
	    value == HOT_RESET_ANNOUNCED)
		announce(r, 0);
}

/* --- is it there, the same, awake? --------------------------------------------------- */

static bool same_card(const struct reset *r)
{
	u64 vendor, device;

	return root_read_num(file_of(r, "vendor"), &vendor) && vendor == r->npu->vendor &&
	       root_read_num(file_of(r, "device"), &device) && device == r->npu->device;
}

/* sysfs' ids are of when the bus was scanned; the config space is of now. */
static bool answers(const struct reset *r)
{
	size_t len;
	char *config = root_read_all(file_of(r, "config"), &len);
	const u8 *c = (const u8 *)config;

	return config && len >= 4 && (c[0] | c[1] << 8) == r->npu->vendor &&
	       (c[2] | c[3] << 8) == r->npu->device;
}

static bool is_back(const struct reset *r)
{
	return same_card(r) && answers(r);
}

/* Reads of a chip that boots are all ones. Where there is no register to look at: true. */
static bool awake(const struct reset *r)
{
	const struct layout *layout = r->npu->expected;
	u32 value;

	if (!layout)
		return true;
	return mmio_read32(root_path(file_of(r, fmt("resource%u", layout->xloader.bar))),
			   layout->xloader.offset, &value) || value != 0xffffffff;
}

static void rescan(const struct reset *r)
{
	char *path = r->bridge ? fmt("%s/%s/rescan", PCI_DEVICES, r->bridge) : NULL;

	if (!path || !root_exists(path))
		path = "/sys/bus/pci/rescan";
	act_write(path, "1");
}

static bool bring_back(struct reset *r)
{
	unsigned int stable = 0, scans = 0;

	while (stable < STABLE_S) {
		if (now() >= r->deadline)
			return false;
		if (is_back(r)) {
			stable++;
			wait_s(1);
			continue;
		}
		stable = 0;
		progress(r, fmt("it is not on the bus as it was: removing and scanning, %u", ++scans));
		if (root_exists(file_of(r, "remove")))
			act_write(file_of(r, "remove"), "1");
		rescan(r);
		wait_s(RESCAN_S);
	}
	return true;
}

static bool wait_awake(struct reset *r)
{
	progress(r, "waiting until it answers");
	act_write(file_of(r, "enable"), "1");
	while (!awake(r)) {
		if (now() >= r->deadline)
			return false;
		wait_s(1);
	}
	unannounce(r);
	act_write(file_of(r, "enable"), "0");
	return true;
}

/* --- the reset itself ----------------------------------------------------------------- */

static int write_reset(struct reset *r, const char *path)
{
	time_t left = r->deadline - now();
	int ret = act_write_within(path, "1", left > 0 ? left : 0);

	r->in_kernel = ret == -ETIME;
	return ret;
}

/* A function other than 0 is reset by its bus, as the vendor's driver does. */
static int pull(struct reset *r)
{
	char *bus = r->bridge ? fmt("%s/%s/reset_subordinate", PCI_DEVICES, r->bridge) : NULL;

	if (r->npu->address.function && bus && root_exists(bus))
		return write_reset(r, bus);
	if (root_exists(file_of(r, "reset")))
		return write_reset(r, file_of(r, "reset"));
	if (bus && root_exists(bus))
		return write_reset(r, bus);
	return -EOPNOTSUPP;
}

static bool controlled(struct reset *r)
{
	const char *bdf = r->npu->bdf;
	int ret;

	progress(r, "switching automatic probing off");
	ret = autoprobe_off();
	if (!ret) {
		progress(r, "taking its driver away, announcing the reset");
		ret = driver_release(bdf);
	}
	if (!ret) {
		act_write(file_of(r, "power/control"), "on");
		act_write(file_of(r, "enable"), "1");
		announce(r, HOT_RESET_ANNOUNCED);
		act_write(file_of(r, "enable"), "0");
		progress(r, fmt("resetting, then waiting %u s", r->npu->chip->settle_s));
		ret = pull(r);
		/* Of a reset that was not tried the errors are others. */
		if (ret == -ENOTTY && !answers(r)) {
			note("%s: the kernel has given up on it (%s), and it does not answer", bdf,
			     strerror(-ret));
			ret = 0;
		}
		if (ret && !r->in_kernel)
			unannounce(r);
	}
	if (r->in_kernel)
		error("%s: not back within the time: the kernel still waits for its reset", bdf);
	if (ret && !r->in_kernel)
		error("%s: %s: %s", bdf, r->doing, strerror(-ret));
	if (ret)
		return false;
	wait_s(r->npu->chip->settle_s);
	if (dry_run)
		return true;
	if (!bring_back(r) || !wait_awake(r)) {
		error("%s: not back within the time: %s", bdf, r->doing);
		return false;
	}
	return true;
}

/* What had it before, also where the kernel has made the device anew. */
static bool rebind(struct reset *r)
{
	int ret = 0;

	progress(r, fmt("giving it back to %s", *r->before.driver ? r->before.driver : "no driver"));
	if (root_exists(r->npu->dir))
		ret = driver_put_back(r->npu->bdf, &r->before);
	else
		ret = -ENODEV;
	if (ret)
		error("%s: could not be given back to %s: %s", r->npu->bdf, r->before.driver,
		      strerror(-ret));
	return !ret;
}

static void state_left(const struct reset *r)
{
	const char *driver = driver_of(r->npu->bdf);
	char *autoprobe = root_read("/sys/bus/pci/drivers_autoprobe");
	const char *probing = autoprobe && !strcmp(autoprobe, "0") ? "off" : "on";

	if (r->in_kernel)
		error("%s: left as: in the kernel's reset, which gives up by itself in some minutes, and nobody can change anything before; driver %s, automatic probing %s. Then run this again",
		      r->npu->bdf, *driver ? driver : "none", probing);
	else if (!root_exists(r->npu->dir))
		error("%s: left as: not on the bus, automatic probing %s. A power cycle of the host may bring it back; 'echo 1 > /sys/bus/pci/rescan' looks again",
		      r->npu->bdf, probing);
	else
		error("%s: left as: on the bus%s, driver %s, automatic probing %s", r->npu->bdf,
		      is_back(r) ? "" : " with another identity or without an answer",
		      *driver ? driver : "none", probing);
}

/* Others below the same port share its bus: the reset would be theirs, too. */
static bool refuse_for_others(struct machine *m, const struct reset *r)
{
	bool refused = false;

	for (unsigned int i = 0; i < m->nr; i++) {
		const struct npu *other = &m->npus[i];
		char **path = npu_path(other);

		if (other == r->npu || !r->bridge || !path[0] || strcmp(path[0], r->bridge) ||
		    (!other->nr_holders && !*other->driver))
			continue;
		error("%s: %s is below the same port and would be reset with it: unbind it first",
		      r->npu->bdf, other->bdf);
		refused = true;
	}
	return refused;
}

int cmd_reset(const struct args *args)
{
	u64 limit = given(args, OPT_TIMEOUT) ? args->number[OPT_TIMEOUT] : DEFAULT_LIMIT;
	struct reset r = { .deadline = now() + limit };
	struct machine *m;
	struct report report;
	bool plain = given(args, OPT_PLAIN), ok;
	int ret;

	dry_run = given(args, OPT_DRY_RUN);
	act_lock();
	m = machine_scan();
	npu_find_holders(m);
	r.npu = machine_choose(m, args->bdfs, 1)[0];
	r.bridge = npu_path(r.npu)[0];
	r.before = journal_now(r.npu, JOURNAL_BOUND);
	if (refuse_if_open(r.npu, false) || refuse_for_others(m, &r))
		return EXIT_REFUSED;
	if (plain) {
		ret = write_reset(&r, file_of(&r, "reset"));
		if (ret)
			error("%s: sysfs' reset: %s", r.npu->bdf, strerror(-ret));
		ok = !ret;
	} else {
		ok = controlled(&r);
		/* Before probing is on again, so that only its own driver gets it */
		if (!r.in_kernel)
			ok &= rebind(&r);
		autoprobe_restore();
	}
	if (!ok) {
		state_left(&r);
		return EXIT_FAILED;
	}
	report_begin(&report, given(args, OPT_JSON));
	report_device(&report, r.npu->bdf, "reset",
		      fmt("reset, driver %s", *r.before.driver ? r.before.driver : "none"));
	report_end(&report);
	return EXIT_DONE;
}

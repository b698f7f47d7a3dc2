// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio sriov
 *
 * The kernel makes VFs without probing drivers for them (sriov_drivers_autoprobe off), so
 * that the native driver does not get them; each is then bound by its override. Those of a
 * PF that VFIO has get its driver nevertheless: as they appear, vfio-pci-core writes their
 * override (vfio_pci_bus_notifier()), which counts for more.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "act.h"
#include "change.h"
#include "commands.h"
#include "driver.h"
#include "root.h"

#define PARAMETER	"/sys/module/" DRIVER "/parameters/enable_sriov"

static char *file_of(const struct npu *npu, const char *name)
{
	return fmt("%s/%s", npu->dir, name);
}

static bool is_vf_of(const struct npu *vf, const struct npu *pf)
{
	return vf->is_vf && !strcmp(vf->pf, pf->bdf);
}

static void list_vfs(struct report *r, struct machine *m, const struct npu *pf)
{
	for (unsigned int i = 0; i < m->nr; i++)
		if (is_vf_of(&m->npus[i], pf))
			report_device(r, m->npus[i].bdf, state_names[m->npus[i].state],
				      fmt("VF of %s, %s, driver %s", pf->bdf,
					  state_names[m->npus[i].state], *m->npus[i].driver ?
					  m->npus[i].driver : "none"));
}

static bool allow(const struct npu *pf)
{
	char *value = root_read(PARAMETER);
	int ret;

	if (strcmp(pf->driver, DRIVER) || (value && !strcmp(value, "Y")))
		return true;
	if (!value) {
		error("%s: this " DRIVER " has no parameter enable_sriov", pf->bdf);
		return false;
	}
	note("switching on the driver's parameter enable_sriov");
	ret = act_write(PARAMETER, "Y");
	if (ret)
		error("enable_sriov cannot be switched on (%s): load the module with enable_sriov=1",
		      strerror(-ret));
	return !ret;
}

/* The number can be changed by way of 0 only. */
static bool set_number(const struct npu *pf, u64 n)
{
	int ret = act_write(file_of(pf, "sriov_drivers_autoprobe"), "0");

	if (!ret && pf->nr_vfs)
		ret = act_write(file_of(pf, "sriov_numvfs"), "0");
	if (!ret && n)
		ret = act_write(file_of(pf, "sriov_numvfs"), fmt("%llu", (unsigned long long)n));
	if (ret)
		error("%s: %llu VFs could not be made: %s", pf->bdf, (unsigned long long)n,
		      strerror(-ret));
	return !ret;
}

/* Says so, if it could not be done. */
typedef bool (*vf_fn)(const char *bdf);

static bool take(const char *bdf)
{
	int ret = driver_take(bdf, DRIVER);

	if (ret)
		error("%s: could not be bound: %s", bdf, ret == -ENODEV ?
		      "the kernel log may say why" : strerror(-ret));
	return !ret;
}

static bool leave(const char *bdf)
{
	int ret = driver_set_override(bdf, "");

	if (!ret)
		ret = driver_release(bdf);
	if (ret)
		error("%s: could not be left without a driver: %s", bdf, strerror(-ret));
	return !ret;
}

static bool settle_vfs(struct machine *m, const struct npu *pf, vf_fn fn)
{
	bool ok = true;

	for (unsigned int i = 0; i < m->nr; i++)
		if (is_vf_of(&m->npus[i], pf))
			ok &= fn(m->npus[i].bdf);
	return ok;
}

static bool refused(struct machine *m, const struct npu *pf, u64 n)
{
	bool any = refuse_if_open(pf, false);

	if (!pf->is_pf) {
		error("%s: is not an SR-IOV PF", pf->bdf);
		return true;
	}
	if (n > pf->total_vfs) {
		error("%s: %llu VFs are more than the %llu that it has", pf->bdf,
		      (unsigned long long)n, (unsigned long long)pf->total_vfs);
		return true;
	}
	for (unsigned int i = 0; i < m->nr; i++)
		if (is_vf_of(&m->npus[i], pf))
			any |= refuse_if_open(&m->npus[i], false);
	return any;
}

int cmd_sriov(const struct args *args)
{
	u64 n = args->number[OPT_VFS];
	bool change = given(args, OPT_VFS), ok = true;
	struct machine *m;
	struct npu *pf;
	struct report r;

	dry_run = given(args, OPT_DRY_RUN);
	if (change)
		act_lock();
	m = machine_scan();
	npu_find_holders(m);
	pf = machine_choose(m, args->bdfs, 1)[0];
	if (change && pf->is_pf && n == pf->nr_vfs) {
		note("%s: has %llu VFs already", pf->bdf, (unsigned long long)n);
	} else if (change) {
		if (refused(m, pf, n))
			return EXIT_REFUSED;
		ok = allow(pf) && set_number(pf, n);
	}
	if (ok && change && !dry_run) {
		struct bdf address = pf->address;

		m = machine_scan();
		pf = machine_find(m, &address);
		ok = settle_vfs(m, pf, given(args, OPT_NO_BIND) ? leave : take);
		m = machine_scan();
		pf = machine_find(m, &address);
	}
	report_begin(&r, given(args, OPT_JSON));
	list_vfs(&r, m, pf);
	report_end(&r);
	return ok ? EXIT_DONE : EXIT_FAILED;
}

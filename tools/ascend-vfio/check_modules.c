// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio check: the driver's module, signatures, and who else wants the device */
#include <string.h>

#include "autoprobe.h"
#include "check.h"
#include "kmods.h"
#include "persist.h"
#include "root.h"

#define SECURE_BOOT	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static char *loaded_version(void)
{
	return root_read("/sys/module/" DRIVER "/version");
}

void check_module(struct checkup *c)
{
	struct kmod_facts facts = kmod_look(DRIVER);
	char *version = loaded_version();

	if (driver_loaded(DRIVER))
		found(c, LEVEL_OK, "module", NULL, fmt("loaded%s%s", version ? ", version " : "",
						       version ? version : ""), NULL);
	else if (facts.found)
		found(c, LEVEL_OK, "module", NULL,
		      fmt("not loaded; bind loads %s%s%s", facts.path ? facts.path : "it",
			  facts.version ? ", version " : "", facts.version ? facts.version : ""), NULL);
	else
		found(c, LEVEL_PROBLEM, "module", NULL,
		      fmt("there is no " DRIVER " for kernel %s", c->m->release),
		      "make dkms, in the project's folder");
	if (driver_loaded(DRIVER) && version && facts.version && strcmp(version, facts.version))
		found(c, LEVEL_WARNING, "module", NULL,
		      fmt("version %s is loaded, but %s is installed", version, facts.version),
		      "unbind, then reload the module or reboot");
	if (driver_loaded(DRIVER) && !facts.found)
		found(c, LEVEL_WARNING, "module", NULL,
		      fmt("no file of it for kernel %s: it will not be there after a reboot",
			  c->m->release), "make dkms");
}

/* 1, 0, UNKNOWN (no EFI, or not readable) */
static int secure_boot(void)
{
	size_t len;
	char *data = root_read_all(SECURE_BOOT, &len);

	/* Four bytes of attributes, then the value */
	return data && len == 5 ? data[4] == 1 : UNKNOWN;
}

static const char *enforced_by(void)
{
	char *enforce = root_read("/sys/module/module/parameters/sig_enforce");
	char *lockdown = root_read("/sys/kernel/security/lockdown");

	if (enforce && !strcmp(enforce, "Y"))
		return "module.sig_enforce";
	if (lockdown && (strstr(lockdown, "[integrity]") || strstr(lockdown, "[confidentiality]")))
		return "lockdown";
	return NULL;
}

void check_signature(struct checkup *c)
{
	static const char * const states[] = { "off", "on" };
	struct kmod_facts facts = kmod_look(DRIVER);
	const char *by = enforced_by();
	int boot = secure_boot();
	const char *state = boot == UNKNOWN ? "not known" : states[boot];

	if (!facts.path)
		return;
	if (facts.signer)
		found(c, LEVEL_OK, "signature", NULL,
		      fmt("the module is signed by '%s' (Secure Boot: %s); whether that key is enrolled shows when it loads",
			  facts.signer, state), NULL);
	else if (by || boot == 1)
		found(c, LEVEL_PROBLEM, "signature", NULL,
		      fmt("the module is not signed, and the kernel takes signed ones only (%s)",
			  by ? by : "Secure Boot is on"),
		      "let DKMS sign it (its key is in /var/lib/dkms/mok.pub or as /etc/dkms says), and enrol the key with mokutil --import");
	else
		found(c, LEVEL_OK, "signature", NULL,
		      fmt("the module is not signed, and need not be (Secure Boot: %s)", state), NULL);
}

/* The alias by which libvirt looks for VFIO drivers */
static void check_alias(struct checkup *c, const struct npu *npu, const char *modalias)
{
	char **names = kmod_claimants(fmt("vfio_%s", modalias), true);

	for (; *names; names++)
		if (!strcmp(*names, DRIVER))
			return;
	if (kmod_look(DRIVER).found)
		found(c, LEVEL_WARNING, "alias", npu,
		      "the installed module's aliases do not name it, so libvirt will not choose the module by itself",
		      "depmod -a; if that does not help, the module is older than this card");
}

static bool vfio_pci_wants(const struct npu *npu, const char **where)
{
	char *ids = root_read("/sys/module/vfio_pci/parameters/ids");
	char *cmdline = root_read("/proc/cmdline"), value[1024];
	const char *options = kmod_options("vfio_pci");

	*where = "its parameter ids, now loaded";
	if (ids && ids_contain(ids, npu->vendor, npu->device))
		return true;
	*where = "vfio-pci.ids on the kernel's command line";
	if (cmdline && cmdline_value(cmdline, "vfio_pci.ids", value, sizeof(value)) &&
	    ids_contain(value, npu->vendor, npu->device))
		return true;
	*where = "ids in modprobe.d";
	return options && cmdline_value(options, "ids", value, sizeof(value)) &&
	       ids_contain(value, npu->vendor, npu->device);
}

/* A udev rule or driverctl comes too late where the rival is loaded by anything but udev. */
static void check_rival(struct checkup *c, const struct npu *npu, const char *rival)
{
	if (strcmp(npu->driver, DRIVER))
		found(c, LEVEL_WARNING, "rivals", npu,
		      fmt("%s is loaded for it at boot, and its probe can leave the card in a boot mode that a guest's driver waits for in vain",
			  rival), "bind --early, then reboot");
	else if (!early_there(npu->bdf))
		found(c, LEVEL_WARNING, "rivals", npu,
		      fmt("%s takes it first at the next boot, unless it is udev that loads that and the card was bound with --persist",
			  rival), "bind --early");
	else
		found(c, LEVEL_OK, "rivals", npu,
		      fmt("%s would take it, were it not bound", rival), NULL);
}

void check_rivals(struct checkup *c)
{
	for (struct npu **npu = c->npus; *npu; npu++) {
		char *modalias = root_read(fmt("%s/modalias", (*npu)->dir)), **names, *list = NULL;
		const char *where;

		if (!modalias)
			continue;
		check_alias(c, *npu, modalias);
		if (vfio_pci_wants(*npu, &where))
			found(c, LEVEL_WARNING, "rivals", *npu,
			      fmt("vfio-pci takes it first, unguarded: %s", where),
			      "remove the id there");
		for (names = kmod_claimants(modalias, false); *names; names++)
			list = join(list, ", ", *names);
		if (list)
			check_rival(c, *npu, list);
		else
			found(c, LEVEL_OK, "rivals", *npu, "no module is loaded for it at boot", NULL);
	}
}

/* Without it no device that appears gets a driver, an NPU or another. */
void check_probing(struct checkup *c)
{
	bool interrupted;

	if (!autoprobe_is_off(&interrupted))
		return;
	if (interrupted)
		found(c, LEVEL_WARNING, "probing", NULL,
		      "automatic probing of PCI devices is off: a reset goes on, or was interrupted",
		      "if none goes on: the next bind, unbind or reset switches it on");
	else
		found(c, LEVEL_WARNING, "probing", NULL,
		      "automatic probing of PCI devices is off: new ones get no driver",
		      "echo 1 > /sys/bus/pci/drivers_autoprobe, unless somebody wants it so");
}

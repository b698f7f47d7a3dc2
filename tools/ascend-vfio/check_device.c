// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio check: each device: state, BARs, resets */
#include <string.h>

#include "check.h"
#include "root.h"
#include "run.h"
#include "window.h"

static void check_device(struct checkup *c, const struct npu *npu)
{
	char *why;

	switch (npu->state) {
	case NPU_READY:
	case NPU_IN_USE:
		found(c, LEVEL_OK, "device", npu, fmt("%s, layout %s", state_names[npu->state],
						      npu->layout), NULL);
		break;
	case NPU_UNGUARDED:
		found(c, LEVEL_PROBLEM, "device", npu,
		      fmt("%s has it: nothing guards its registers from a guest", npu->driver),
		      fmt("ascend-vfio bind %s", npu->bdf));
		break;
	case NPU_REFUSED:
		why = kernel_log_line(npu->bdf, "refused");
		found(c, LEVEL_PROBLEM, "device", npu,
		      fmt("refused by the driver: %s", why ? why : npu->why_refused ?
			  npu->why_refused : "the kernel log says why"),
		      "if you know its layout, name it in the module's parameter layout");
		break;
	default:
		if (npu->expected)
			found(c, LEVEL_OK, "device", npu,
			      fmt("%s (%s), layout %s when bound", state_names[npu->state],
				  *npu->driver ? npu->driver : "no driver", npu->expected->name), NULL);
		else
			found(c, LEVEL_PROBLEM, "device", npu,
			      fmt("the driver would refuse it: %s", npu->why_refused),
			      "if you know its layout, name it in the module's parameter layout");
	}
}

void check_devices(struct checkup *c)
{
	if (!c->npus[0])
		found(c, LEVEL_PROBLEM, "device", NULL, "there is no Ascend NPU in this machine",
		      "lspci -d 19e5: shows Huawei's devices");
	for (struct npu **npu = c->npus; *npu; npu++)
		check_device(c, *npu);
}

void check_bars(struct checkup *c)
{
	for (struct npu **npu = c->npus; *npu; npu++) {
		char *lost = NULL;

		for (int i = 0; i < NR_BARS; i++)
			if ((*npu)->bars[i].size && !(*npu)->bars[i].start)
				lost = join(lost, ", ", fmt("BAR%d", i));
		if (!lost && !(*npu)->bars[4].size)
			lost = "BAR4";
		if (lost)
			found(c, LEVEL_PROBLEM, "bars", *npu, fmt("%s has no address", lost),
			      "switch on 64-bit BARs above 4 GiB in the firmware's setup; pci=realloc may help");
		else
			found(c, LEVEL_OK, "bars", *npu,
			      fmt("all have addresses; in a guest they take a window of %s",
				  size_text(npu_window(*npu))), NULL);
	}
}

/* 1, 0, UNKNOWN */
static int has_flr(const struct npu *npu)
{
	struct pci_cap *express;
	u8 byte;

	if (!pci_read_block(npu->pci, 0x40, &byte, 1))
		return UNKNOWN;
	express = pci_find_cap(npu->pci, PCI_CAP_ID_EXP, PCI_CAP_NORMAL);
	return express &&
	       (pci_read_long(npu->pci, express->addr + PCI_EXP_DEVCAP) & PCI_EXP_DEVCAP_FLRESET);
}

/* The port above is a slot from which a card may vanish; or NULL. */
static const char *hotplug_port(const struct npu *npu)
{
	char **path = npu_path(npu);
	struct pci_dev *port = path[0] ? pci_at(path[0]) : NULL;
	struct pci_cap *express;

	express = port ? pci_find_cap(port, PCI_CAP_ID_EXP, PCI_CAP_NORMAL) : NULL;
	if (!express || !(pci_read_word(port, express->addr + PCI_EXP_FLAGS) & PCI_EXP_FLAGS_SLOT))
		return NULL;
	return pci_read_long(port, express->addr + PCI_EXP_SLTCAP) & PCI_EXP_SLTCAP_HPC ?
		path[0] : NULL;
}

static const char *flr_text(const struct npu *npu)
{
	int flr = has_flr(npu);

	return flr == UNKNOWN ? "FLR not known (only root can read that)" : flr ? "FLR" : "no FLR";
}

void check_reset(struct checkup *c)
{
	for (struct npu **npu = c->npus; *npu; npu++) {
		char *methods = root_read(fmt("%s/reset_method", (*npu)->dir));
		const char *port = hotplug_port(*npu);
		char *text = fmt("%s; methods: %s%s%s", flr_text(*npu),
				 methods && *methods ? methods : "none",
				 port ? "; hot-plug port " : "", port ? port : "");

		if ((*npu)->needs_reset == 1)
			found(c, LEVEL_WARNING, "reset", *npu,
			      fmt("the last guest's state is still in it; %s", text),
			      fmt("ascend-vfio reset %s", (*npu)->bdf));
		else if ((*npu)->chip->resets_badly)
			found(c, LEVEL_WARNING, "reset", *npu,
			      fmt("this chip may vanish from the bus at a plain reset; the driver keeps it from resets while it is bound; %s",
				  text),
			      fmt("ascend-vfio reset %s before each guest", (*npu)->bdf));
		else if (!methods || !*methods)
			found(c, LEVEL_WARNING, "reset", *npu,
			      fmt("the kernel cannot reset it between two guests; %s", text),
			      fmt("ascend-vfio reset %s before each guest", (*npu)->bdf));
		else
			found(c, LEVEL_OK, "reset", *npu, text, NULL);
	}
}

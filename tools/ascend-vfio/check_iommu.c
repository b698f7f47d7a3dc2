// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio check: IOMMU, groups, isolation, reserved regions */
#include <string.h>

#include "check.h"
#include "root.h"

static bool is_x86(const struct checkup *c)
{
	return !strcmp(c->m->arch, "x86");
}

static const char *how_to_switch_on(const struct checkup *c)
{
	return is_x86(c) ?
		"switch on VT-d or AMD-Vi in the firmware's setup; "
		"on Intel add intel_iommu=on to the kernel's command line" :
		"switch on the SMMU in the firmware's setup (Kunpeng: Advanced, MISC Config, Support Smmu)";
}

void check_iommu(struct checkup *c)
{
	char *noiommu = root_read("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode");
	char **iommus = root_list("/sys/class/iommu");
	char *cmdline = root_read("/proc/cmdline"), value[32];
	bool passthrough = cmdline &&
		((cmdline_value(cmdline, "iommu.passthrough", value, sizeof(value)) &&
		  (!strcmp(value, "1") || !strcmp(value, "on") || !strcmp(value, "y"))) ||
		 (cmdline_value(cmdline, "iommu", value, sizeof(value)) && !strcmp(value, "pt")));
	unsigned int n = 0;

	if (noiommu && !strcmp(noiommu, "Y"))
		found(c, LEVEL_PROBLEM, "iommu", NULL,
		      "VFIO's unsafe no-IOMMU mode is on: a guest could write to all of the host's memory",
		      "load vfio without enable_unsafe_noiommu_mode");
	while (iommus[n])
		n++;
	if (!n) {
		found(c, LEVEL_PROBLEM, "iommu", NULL, "the kernel has found no IOMMU",
		      how_to_switch_on(c));
		return;
	}
	found(c, LEVEL_OK, "iommu", NULL, fmt("%u on", n), NULL);
	found(c, LEVEL_OK, "iommu-default", NULL, passthrough ?
	      "the host's own devices are not translated (passthrough on the command line)" :
	      fmt("the host's own devices go through the IOMMU as well, which costs them some speed; %s on the command line spares them",
		  is_x86(c) ? "iommu=pt" : "iommu.passthrough=1"), NULL);
}

static void check_group(struct checkup *c, const struct npu *npu)
{
	char **others = group_obstacles(npu), *list = NULL, *type;

	if (group_comes_later(npu)) {
		found(c, LEVEL_OK, "group", npu,
		      "no driver has had it since the machine was started, and it gets its IOMMU group from the first; bind looks at that",
		      NULL);
		return;
	}
	if (npu->group == UNKNOWN) {
		found(c, LEVEL_PROBLEM, "group", npu, "it is in no IOMMU group",
		      how_to_switch_on(c));
		return;
	}
	for (; *others; others++) {
		struct bdf bdf;
		struct npu *other = parse_bdf(*others, &bdf) ? machine_find(c->m, &bdf) : NULL;
		struct pci_dev *dev = pci_at(*others);

		list = join(list, ", ", fmt("%s (%s, driver %s)", *others,
					    other ? "an NPU" : dev ? pci_name(dev) : "?",
					    driver_of(*others)));
	}
	type = root_read(fmt("/sys/kernel/iommu_groups/%d/type", npu->group));
	if (list)
		found(c, LEVEL_PROBLEM, "group", npu,
		      fmt("IOMMU group %d also has %s", npu->group, list),
		      "bind those as well or take their driver away, or put the card into a slot whose ports have ACS");
	else
		found(c, LEVEL_OK, "group", npu, fmt("IOMMU group %d has nothing else in use (domain: %s)",
						     npu->group, type ? type : "not known"), NULL);
}

void check_groups(struct checkup *c)
{
	for (struct npu **npu = c->npus; *npu; npu++)
		check_group(c, *npu);
}

/* What Linux wants of a port before it parts what is below: see pci_acs_enabled() there */
static const struct {
	u16 bit;
	const char *name;
} acs_bits[] = {
	{ PCI_ACS_CTRL_VALID, "source validation" },
	{ PCI_ACS_CTRL_REQ_RED, "request redirect" },
	{ PCI_ACS_CTRL_CMPLT_RED, "completion redirect" },
	{ PCI_ACS_CTRL_FORWARD, "upstream forwarding" },
};

/* A switch's upstream port needs none; NULL if all is well. */
static const char *acs_lacks(struct pci_dev *port, bool *unseen)
{
	struct pci_cap *express, *acs;
	char *missing = NULL;
	u16 type, ctrl;
	u8 byte;

	if (!pci_read_block(port, 0x40, &byte, 1)) {
		*unseen = true;
		return NULL;
	}
	express = pci_find_cap(port, PCI_CAP_ID_EXP, PCI_CAP_NORMAL);
	if (!express)
		return "is not PCI Express";
	type = (pci_read_word(port, express->addr + PCI_EXP_FLAGS) & PCI_EXP_FLAGS_TYPE) >> 4;
	if (type != PCI_EXP_TYPE_ROOT_PORT && type != PCI_EXP_TYPE_DOWNSTREAM)
		return NULL;
	acs = pci_find_cap(port, PCI_EXT_CAP_ID_ACS, PCI_CAP_EXTENDED);
	if (!acs)
		return "has no ACS";
	ctrl = pci_read_word(port, acs->addr + PCI_ACS_CTRL);
	for (size_t i = 0; i < ARRAY_SIZE(acs_bits); i++)
		if (!(ctrl & acs_bits[i].bit))
			missing = join(missing, ", ", acs_bits[i].name);
	return missing ? fmt("has ACS without %s", missing) : NULL;
}

void check_acs(struct checkup *c)
{
	for (struct npu **npu = c->npus; *npu; npu++) {
		char **path = npu_path(*npu), *lacks = NULL;
		bool unseen = false;
		unsigned int n = 0;

		for (; path[n]; n++) {
			struct pci_dev *port = pci_at(path[n]);
			const char *what = port ? acs_lacks(port, &unseen) : NULL;

			if (what)
				lacks = join(lacks, "; ", fmt("port %s %s", path[n], what));
		}
		if (unseen)
			found(c, LEVEL_WARNING, "acs", *npu,
			      "the ports' configuration space cannot be read, so it is not known whether they isolate",
			      "run this as root");
		else if (lacks)
			found(c, LEVEL_WARNING, "acs", *npu, lacks,
			      "only what is in the group is kept apart: look at the group above; other cards may be reached below that port without the IOMMU");
		else
			found(c, LEVEL_OK, "acs", *npu, fmt("all %u ports above it isolate", n), NULL);
	}
}

/* Where QEMU puts the guest's memory */
static u64 ram_base(const struct checkup *c)
{
	return is_x86(c) ? 0 : GIB;
}

static bool in_guest_ram(const struct checkup *c, const struct reserved *r)
{
	u64 base = ram_base(c);

	/* On x86 the guest has a hole below 4 GiB where all of that is. */
	if (is_x86(c) && r->start >= 3 * GIB && r->end < 4 * GIB)
		return false;
	return c->memory && r->start < base + c->memory && r->end >= base;
}

static void check_region(struct checkup *c, const struct npu *npu, const char *line)
{
	struct reserved r;
	char *text;

	if (!parse_reserved(line, &r)) {
		found(c, LEVEL_WARNING, "reserved", npu,
		      fmt("a reserved region is not understood: '%s'", line), NULL);
		return;
	}
	text = fmt("%#llx-%#llx (%s)", (unsigned long long)r.start, (unsigned long long)r.end,
		   r.type);
	if (!strcmp(r.type, "direct"))
		found(c, LEVEL_PROBLEM, "reserved", npu,
		      fmt("the firmware uses %s with it, so the kernel gives it to no guest", text),
		      "a firmware update, or its option for RMRR or RMR");
	else if (in_guest_ram(c, &r))
		found(c, LEVEL_PROBLEM, "reserved", npu,
		      fmt("%s lies where a guest of %s has its memory", text, size_text(c->memory)),
		      "give the guest less memory, or QEMU a memory layout that leaves this out");
	else
		found(c, LEVEL_OK, "reserved", npu, text, NULL);
}

void check_reserved(struct checkup *c)
{
	for (struct npu **npu = c->npus; *npu; npu++) {
		char *text, *line, *save = NULL;

		if ((*npu)->group == UNKNOWN)
			continue;
		text = root_read(fmt("/sys/kernel/iommu_groups/%d/reserved_regions", (*npu)->group));
		for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
		     line = strtok_r(NULL, "\n", &save))
			check_region(c, *npu, line);
	}
}

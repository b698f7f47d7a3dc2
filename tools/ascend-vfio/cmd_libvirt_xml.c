// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio libvirt-xml */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "commands.h"
#include "guest.h"
#include "out.h"
#include "window.h"

/* Indexes of controllers that a domain hardly has already */
#define FIRST_INDEX	100

static char *source(const struct npu *npu)
{
	return fmt("<address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>",
		   npu->address.domain, npu->address.bus, npu->address.slot,
		   npu->address.function);
}

static char *guest_address(const struct place *place, unsigned int function, const char *more)
{
	return fmt("    <address type='pci' domain='0x0000' bus='0x%02x' slot='0x00' function='0x%x'%s/>\n",
		   FIRST_INDEX + place->port, function, more);
}

static char *hostdev(const struct place *place)
{
	const struct npu *npu = place->npu;
	bool bound = !strcmp(npu->driver, DRIVER);

	return fmt("  <hostdev mode='subsystem' type='pci' managed='%s'>\n"
		   "    <driver model='" DRIVER "'/>\n"
		   "    <source>\n      %s\n    </source>\n%s  </hostdev>\n",
		   bound ? "no" : "yes", source(npu),
		   place->function ? guest_address(place, place->function, "") : "");
}

/* libvirt finds ports by itself, but where a function number matters all must be said. */
static char *shared_port(const struct place *place)
{
	return fmt("  <controller type='pci' index='%u' model='pcie-root-port'/>\n"
		   "  <rng model='virtio'>\n    <backend model='random'>/dev/urandom</backend>\n%s  </rng>\n",
		   FIRST_INDEX + place->port, guest_address(place, 0, " multifunction='on'"));
}

static char *window(bool q35, struct npu **npus)
{
	u64 size = total_window(npus);

	if (q35)
		return fmt("  <controller type='pci' index='0' model='pcie-root'>\n"
			   "    <pcihole64 unit='KiB'>%llu</pcihole64>\n  </controller>\n",
			   (unsigned long long)(size / KIB));
	if (size <= VIRT_WINDOW)
		return "";
	return fmt("  <!-- The BARs need a window of %s. Put this at the end of <domain>, with\n"
		   "       xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0' in <domain> (QEMU 10.0):\n"
		   "  <qemu:commandline>\n    <qemu:arg value='-machine'/>\n"
		   "    <qemu:arg value='highmem-mmio-size=%s'/>\n  </qemu:commandline> -->\n",
		   size_text(size), size_text(size));
}

/* It would say "must be manually detached from the host". */
static void warn_of_old_libvirt(void)
{
	struct version v;
	const char *where;

	if (libvirt_version(&v, &where) && v.major < LIBVIRT_MAJOR)
		note("libvirt %u.%u (%s) refuses this: before 10.0 it takes no driver but vfio-pci; use <qemu:commandline> with what qemu-args prints",
		     v.major, v.minor, where);
}

int cmd_libvirt_xml(const struct args *args)
{
	struct machine *m = machine_scan();
	struct npu **npus = machine_choose(m, args->bdfs, args->nr_bdfs);
	struct places places = guest_places(npus);
	char *xml = window(machine_is_q35(m, args->text[OPT_MACHINE]), npus);

	for (unsigned int i = 0; i < places.nr; i++) {
		const struct place *place = &places.place[i];

		if (place->opens_port && place->function)
			xml = fmt("%s%s", xml, shared_port(place));
		xml = fmt("%s%s", xml, hostdev(place));
	}
	warn_of_old_libvirt();
	if (given(args, OPT_JSON)) {
		struct json_object *root = json_start();

		json_str(root, "xml", xml);
		json_finish(root);
	} else {
		fputs(xml, stdout);
	}
	return EXIT_DONE;
}

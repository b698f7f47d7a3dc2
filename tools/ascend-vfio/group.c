// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - IOMMU groups: VFIO gives away whole ones only */
#include <string.h>

#include "npu.h"
#include "root.h"

char **group_members(int group)
{
	return root_list(fmt("/sys/kernel/iommu_groups/%d/devices", group));
}

bool is_bridge(const char *bdf)
{
	u64 class;

	return root_read_num(fmt("%s/%s/class", PCI_DEVICES, bdf), &class) &&
	       class >> 8 == PCI_CLASS_BRIDGE_PCI;
}

char *driver_of(const char *bdf)
{
	return root_link_name(fmt("%s/%s/driver", PCI_DEVICES, bdf));
}

/*
 * A driver that VFIO can work with: the kernel lists the device's vfio-dev while one
 * has it, but that needs a device; by name otherwise.
 */
bool is_vfio_driver(const char *driver)
{
	return !strcmp(driver, DRIVER) || !strcmp(driver, "vfio-pci") ||
	       strstr(driver, "vfio_pci") || strstr(driver, "vfio-pci");
}

/* What the kernel allows beside: no driver, VFIO's, pci-stub and PCIe ports. */
static bool is_harmless(const char *bdf)
{
	const char *driver = driver_of(bdf);

	return !*driver || is_vfio_driver(driver) || !strcmp(driver, "pci-stub") ||
	       !strcmp(driver, "pcieport") || is_bridge(bdf);
}

bool group_comes_later(const struct npu *npu)
{
	return npu->group == UNKNOWN && !*npu->driver && root_list("/sys/class/iommu")[0];
}

char **group_obstacles(const struct npu *npu)
{
	char **all = npu->group == UNKNOWN ? NULL : group_members(npu->group);
	size_t nr = 0, n = 0;
	char **found;

	while (all && all[nr])
		nr++;
	found = zalloc((nr + 1) * sizeof(*found));
	for (size_t i = 0; i < nr; i++)
		if (strcmp(all[i], npu->bdf) && !is_harmless(all[i]))
			found[n++] = all[i];
	return found;
}

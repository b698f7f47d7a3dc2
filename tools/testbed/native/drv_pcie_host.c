// SPDX-License-Identifier: GPL-2.0-only
/*
 * A stand-in for the vendor's driver, for tests of who has an NPU first. It has that module's
 * name (hicann/driver at ef377e95, src/sdk_driver/comm/pcie/Makefile:10) and, as it has, a
 * device table, so that udev loads it (dc/host/devdrv_adapt.c:47). At probe it writes what that
 * one writes to the block it shares with the chip (DESIGN.md, section 2): no reset is announced
 * any more (host/devdrv_pci.c:154), and this is the physical machine (devdrv_pci.c:1285), which
 * a clean removal takes back. The firmware that it would load is left out: a simulated NPU has
 * none. That a chip which has seen these two writes is no longer as it was at power-on is what
 * the tests look for.
 */

#include <linux/io.h>
#include <linux/module.h>
#include <linux/pci.h>

#define PHYSICAL_MACHINE	0x5a6b7c8d	/* DEVDRV_HOST_PHY_MACH_FLAG */

/* Where a chip has its registers */
struct place {
	int bar;
	resource_size_t offset;
};

struct chip {
	struct place hot_reset, xloader;
};

enum { CLOUD_V2, MINI_V2 };

static const struct chip chips[] = {
	[CLOUD_V2] = { .hot_reset = { 2, 0x18208424 }, .xloader = { 2, 0x18208430 } },
	[MINI_V2] = { .hot_reset = { 0, 0x20424 }, .xloader = { 2, 0x100430 } },
};

static int write_register(struct pci_dev *pdev, const struct place *place, u32 value)
{
	void __iomem *reg;

	if (place->offset + sizeof(value) > pci_resource_len(pdev, place->bar))
		return -ENXIO;
	reg = ioremap(pci_resource_start(pdev, place->bar) + place->offset, sizeof(value));
	if (!reg)
		return -ENOMEM;
	writel(value, reg);
	/* Reading it back also waits until the write has arrived. */
	pci_info(pdev, "BAR%d+%#llx: wrote %#x, reads %#x\n", place->bar,
		 (unsigned long long)place->offset, value, readl(reg));
	iounmap(reg);
	return 0;
}

static int native_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	const struct chip *chip = &chips[id->driver_data];
	int ret;

	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	pci_set_drvdata(pdev, (void *)chip);
	ret = write_register(pdev, &chip->hot_reset, 0);
	if (ret)
		return ret;
	return write_register(pdev, &chip->xloader, PHYSICAL_MACHINE);
}

static void native_remove(struct pci_dev *pdev)
{
	const struct chip *chip = pci_get_drvdata(pdev);

	write_register(pdev, &chip->xloader, 0);
}

static const struct pci_device_id native_ids[] = {
	{ PCI_VDEVICE(HUAWEI, 0xd802), .driver_data = CLOUD_V2 },
	{ PCI_VDEVICE(HUAWEI, 0xd500), .driver_data = MINI_V2 },
	{ }
};
MODULE_DEVICE_TABLE(pci, native_ids);

static struct pci_driver native_driver = {
	.name = KBUILD_MODNAME,
	.id_table = native_ids,
	.probe = native_probe,
	.remove = native_remove,
};
module_pci_driver(native_driver);

MODULE_DESCRIPTION("Stand-in for the vendor's driver of Ascend NPUs, for tests only");
MODULE_LICENSE("GPL");

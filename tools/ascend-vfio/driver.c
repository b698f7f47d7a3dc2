// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - a device's driver */
#include <errno.h>
#include <string.h>

#include "act.h"
#include "driver.h"
#include "npu.h"
#include "root.h"

static char *file_of(const char *bdf, const char *name)
{
	return fmt("%s/%s/%s", PCI_DEVICES, bdf, name);
}

int driver_set_override(const char *bdf, const char *driver)
{
	char *now = root_read(file_of(bdf, "driver_override"));

	if (now && !strcmp(now, *driver ? driver : "(null)"))
		return 0;
	/* An empty write does nothing; a newline alone clears it. */
	return act_write(file_of(bdf, "driver_override"), *driver ? driver : "\n");
}

int driver_release(const char *bdf)
{
	char *driver = driver_of(bdf);

	return *driver ? act_write(fmt("%s/%s/unbind", PCI_DRIVERS, driver), bdf) : 0;
}

int driver_probe(const char *bdf)
{
	return act_write("/sys/bus/pci/drivers_probe", bdf);
}

int driver_take(const char *bdf, const char *driver)
{
	int ret = driver_set_override(bdf, driver);

	if (ret || !strcmp(driver_of(bdf), driver))
		return ret;
	ret = driver_release(bdf);
	if (!ret)
		ret = driver_probe(bdf);
	if (ret || dry_run)
		return ret;
	return strcmp(driver_of(bdf), driver) ? -ENODEV : 0;
}

/* The driver's module may not be loaded: after a reboot into "bound early", say. */
static void load_claimant(const char *bdf)
{
	char *modalias = root_read(file_of(bdf, "modalias"));

	if (modalias && !root_is_recorded())
		act_load(modalias);
}

static int bind_by_name(const char *bdf, const char *driver)
{
	int ret = driver_release(bdf);

	return ret ? ret : act_write(fmt("%s/%s/bind", PCI_DRIVERS, driver), bdf);
}

int driver_put_back(const char *bdf, const struct journal *before)
{
	int ret = driver_set_override(bdf, before->override);

	if (ret || !strcmp(driver_of(bdf), before->driver))
		return ret;
	ret = driver_release(bdf);
	if (ret || !*before->driver)
		return ret;
	if (!driver_loaded(before->driver))
		load_claimant(bdf);
	ret = driver_probe(bdf);
	if (dry_run)
		return ret;
	/* Another one may claim it as well, or the driver took it by a bind in sysfs. */
	if (strcmp(driver_of(bdf), before->driver) && driver_loaded(before->driver))
		bind_by_name(bdf, before->driver);
	return strcmp(driver_of(bdf), before->driver) ? -ENODEV : 0;
}

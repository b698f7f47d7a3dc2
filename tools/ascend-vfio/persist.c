// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - bound after a reboot, too */
#include <errno.h>
#include <string.h>

#include "act.h"
#include "persist.h"
#include "root.h"
#include "run.h"

#define EARLY_DIR	"/etc/ascend-vfio/early.d"
/* There while the initramfs does not yet have what EARLY_DIR says */
#define EARLY_STALE	"/var/lib/ascend-vfio/initramfs-is-stale"

static char *rule_path(const char *bdf)
{
	return fmt("/etc/udev/rules.d/05-ascend-vfio-%s.rules", bdf);
}

static char *driverctl_path(const char *bdf)
{
	return fmt("/etc/driverctl.d/pci-%s", bdf);
}

static bool has_driverctl(void)
{
	return root_exists("/usr/sbin/driverctl") || root_exists("/sbin/driverctl");
}

/*
 * Udev handles events side by side, and any NPU's event loads the vendor's module, which
 * then takes every NPU without an override. So every NPU's event sets the override of
 * this one, before modules are loaded (80-drivers.rules); its own event then loads the
 * driver and probes. A device that has a driver is left alone.
 */
static char *rule_text(const struct npu *npu)
{
	return fmt("# Made by \"ascend-vfio bind --persist\"; \"ascend-vfio unbind\" removes it.\n"
		   "ACTION==\"add\", SUBSYSTEM==\"pci\", ATTR{class}==\"0x12*\", PROGRAM=\"/bin/sh -c '"
		   "d=/sys/bus/pci/devices/%s; [ ! -e $$d/driver ] && "
		   "read v <$$d/vendor && read i <$$d/device && [ $$v:$$i = 0x%04x:0x%04x ] && "
		   "echo " DRIVER " >$$d/driver_override'\"\n"
		   "ACTION==\"add\", SUBSYSTEM==\"pci\", KERNEL==\"%s\", ATTR{vendor}==\"0x%04x\", "
		   "ATTR{device}==\"0x%04x\", RUN{builtin}+=\"kmod load " DRIVER "\", "
		   "RUN+=\"/bin/sh -c 'echo %s >/sys/bus/pci/drivers_probe'\"\n",
		   npu->bdf, npu->vendor, npu->device, npu->bdf, npu->vendor, npu->device, npu->bdf);
}

int persist_add(const struct npu *npu)
{
	char *path = has_driverctl() ? driverctl_path(npu->bdf) : rule_path(npu->bdf);
	char *text = has_driverctl() ? DRIVER "\n" : rule_text(npu);
	char *now = root_read_all(path, NULL);

	return now && !strcmp(now, text) ? 0 : act_replace(path, text, 0644);
}

int persist_remove(const struct npu *npu)
{
	char *now = root_read(driverctl_path(npu->bdf));
	int ret = act_remove(rule_path(npu->bdf));

	/* One that names another driver is somebody else's. */
	if (!ret && now && !strcmp(now, DRIVER))
		ret = act_remove(driverctl_path(npu->bdf));
	return ret;
}

bool persist_there(const char *bdf)
{
	char *now = root_read(driverctl_path(bdf));

	return root_exists(rule_path(bdf)) || (now && !strcmp(now, DRIVER));
}

/* --- early: which tool makes the initramfs, and has it our hooks? --------------- */

static bool has_initramfs_tools(void)
{
	return root_exists("/usr/sbin/update-initramfs");
}

static bool has_dracut(void)
{
	return root_exists("/usr/bin/dracut") || root_exists("/usr/sbin/dracut");
}

const char *early_obstacle(void)
{
	if (has_initramfs_tools())
		return root_exists("/usr/share/initramfs-tools/hooks/ascend-vfio") ? NULL :
			"the hook for initramfs-tools is not installed: make -C tools/ascend-vfio install";
	if (has_dracut())
		return root_exists("/usr/lib/dracut/modules.d/90ascend-vfio/module-setup.sh") ? NULL :
			"the module for dracut is not installed: make -C tools/ascend-vfio install";
	return "neither initramfs-tools nor dracut makes this system's initramfs";
}

static bool early_changed;

static char *early_path(const char *bdf)
{
	return fmt("%s/%s", EARLY_DIR, bdf);
}

bool early_there(const char *bdf)
{
	return root_exists(early_path(bdf));
}

int early_add(const struct npu *npu)
{
	char *text = fmt("%04x:%04x\n", npu->vendor, npu->device);
	char *now = root_read_all(early_path(npu->bdf), NULL);
	int ret;

	if (now && !strcmp(now, text))
		return 0;
	early_changed = true;
	ret = act_replace(EARLY_STALE, "", 0644);
	return ret ? ret : act_replace(early_path(npu->bdf), text, 0644);
}

int early_remove(const struct npu *npu)
{
	int ret;

	if (!early_there(npu->bdf))
		return 0;
	early_changed = true;
	ret = act_replace(EARLY_STALE, "", 0644);
	return ret ? ret : act_remove(early_path(npu->bdf));
}

/* Of all kernels: the next boot may be of another than this one. */
int early_update(void)
{
	char *debian[] = { "update-initramfs", "-u", "-k", "all", NULL };
	char *dracut[] = { "dracut", "--regenerate-all", "--force", NULL };
	int ret;

	if (!root_exists(EARLY_STALE) && !early_changed)
		return 0;
	ret = act_run(has_initramfs_tools() ? debian : dracut);
	return ret ? -EIO : act_remove(EARLY_STALE);
}

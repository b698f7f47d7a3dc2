// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - automatic probing of PCI devices */
#include <string.h>

#include "act.h"
#include "autoprobe.h"
#include "root.h"

#define SWITCH	"/sys/bus/pci/drivers_autoprobe"
#define KEPT	"/run/ascend-vfio/autoprobe"

int autoprobe_off(void)
{
	char *now = root_read(SWITCH);
	int ret;

	if (!now || !strcmp(now, "0"))
		return 0;
	ret = act_replace(KEPT, "1\n", 0600);
	return ret ? ret : act_write(SWITCH, "0");
}

void autoprobe_restore(void)
{
	if (!root_exists(KEPT) && !dry_run)
		return;
	if (act_write(SWITCH, "1"))
		error("automatic probing of PCI devices is still off: echo 1 > %s", SWITCH);
	else
		act_remove(KEPT);
}

void autoprobe_recover(void)
{
	if (!root_exists(KEPT))
		return;
	warning("a reset was interrupted: automatic probing is switched on again");
	autoprobe_restore();
}

bool autoprobe_is_off(bool *interrupted)
{
	char *now = root_read(SWITCH);

	*interrupted = root_exists(KEPT);
	return now && !strcmp(now, "0");
}

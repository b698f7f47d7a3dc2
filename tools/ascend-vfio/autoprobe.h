/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - automatic probing of PCI devices, off while a device is reset
 *
 * What it was is kept in /run, so that it is put back even after a SIGKILL: by the next
 * command that changes anything.
 */
#ifndef ASCEND_AUTOPROBE_H
#define ASCEND_AUTOPROBE_H

#include <stdbool.h>

int autoprobe_off(void);
void autoprobe_restore(void);
void autoprobe_recover(void);
/* Is it off, and is a reset to blame that did not end? */
bool autoprobe_is_off(bool *interrupted);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - a device's driver, by driver_override and drivers_probe
 *
 * Each step can be repeated: what is already so is left alone. They print nothing;
 * 0 or a negative errno value.
 */
#ifndef ASCEND_DRIVER_H
#define ASCEND_DRIVER_H

#include "parse/parse.h"

int driver_set_override(const char *bdf, const char *driver);
int driver_release(const char *bdf);
int driver_probe(const char *bdf);

/* -ENODEV: the driver did not take the device */
int driver_take(const char *bdf, const char *driver);
/* Override and driver as they were. -ENODEV: that driver is not there, or refuses. */
int driver_put_back(const char *bdf, const struct journal *before);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* ascend-vfio - a register of a device, through its resourceN in sysfs */
#ifndef ASCEND_MMIO_H
#define ASCEND_MMIO_H

#include "util.h"

/* @path: below --sysroot already. 0 or a negative errno value. */
int mmio_read32(const char *path, u64 offset, u32 *value);
int mmio_write32(const char *path, u64 offset, u32 value);

#endif

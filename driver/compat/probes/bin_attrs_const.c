// SPDX-License-Identifier: GPL-2.0-only
// A group of such files that is constant itself
#include <linux/sysfs.h>

static const struct bin_attribute * const files[] = { NULL };

const struct attribute_group probe = { .bin_attrs = files };

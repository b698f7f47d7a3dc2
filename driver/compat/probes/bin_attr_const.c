// SPDX-License-Identifier: GPL-2.0-only
// A file of sysfs whose functions do not change what describes it
#include <linux/sysfs.h>

static ssize_t probe_write(struct file *file, struct kobject *kobj,
			   const struct bin_attribute *attr, char *buf, loff_t off, size_t count)
{
	return count;
}

const struct bin_attribute probe = { .write = probe_write };

// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - what an operator can look at: sysfs and debugfs
 *
 * The files are described in driver/ABI/.
 */

#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/sysfs.h>

#include "ascend.h"

static struct dentry *ascend_debugfs_root;

static ssize_t model_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n", dev_to_ascend(dev)->layout->name);
}
static DEVICE_ATTR_RO(model);

static ssize_t normal_nc_bars_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "0x%lx\n", dev_to_ascend(dev)->normal_nc_bars);
}
static DEVICE_ATTR_RO(normal_nc_bars);

static ssize_t dropped_writes_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	struct ascend_device *adev = dev_to_ascend(dev);
	s64 sum = 0;
	unsigned int i;

	for (i = 0; i < adev->layout->nr_regs; i++)
		sum += atomic64_read(&adev->traps[i].dropped);
	return sysfs_emit(buf, "%lld\n", sum);
}
static DEVICE_ATTR_RO(dropped_writes);

static struct attribute *ascend_attrs[] = {
	&dev_attr_model.attr,
	&dev_attr_normal_nc_bars.attr,
	&dev_attr_dropped_writes.attr,
	NULL
};

static const struct attribute_group ascend_group = {
	.name = "ascend_vfio",
	.attrs = ascend_attrs,
};

const struct attribute_group *ascend_sysfs_groups[] = {
	&ascend_group,
	NULL
};

static int traps_show(struct seq_file *m, void *unused)
{
	struct ascend_device *adev = m->private;
	unsigned int i;

	seq_puts(m, "register bar offset reads dropped hidden\n");
	for (i = 0; i < adev->layout->nr_regs; i++) {
		struct ascend_trap *trap = &adev->traps[i];

		seq_printf(m, "%s %u 0x%llx %lld %lld %d\n", trap->reg->name,
			   trap->reg->bar, trap->reg->offset,
			   atomic64_read(&trap->reads),
			   atomic64_read(&trap->dropped), trap->hidden);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(traps);

/* debugfs is a help, not a need: its errors are ignored, as everywhere. */
void ascend_debugfs_init(void)
{
	ascend_debugfs_root = debugfs_create_dir("ascend_vfio", NULL);
}

void ascend_debugfs_exit(void)
{
	debugfs_remove_recursive(ascend_debugfs_root);
}

void ascend_debugfs_add(struct ascend_device *adev)
{
	adev->debugfs = debugfs_create_dir(pci_name(adev->core.pdev),
					   ascend_debugfs_root);
	debugfs_create_file("traps", 0400, adev->debugfs, adev, &traps_fops);
}

/* Waits for readers, so @adev may go away afterwards. */
void ascend_debugfs_remove(struct ascend_device *adev)
{
	debugfs_remove_recursive(adev->debugfs);
}

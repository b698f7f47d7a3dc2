// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - what an operator can look at: sysfs and debugfs
 *
 * The files are described in driver/ABI/.
 */

#include <linux/debugfs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/sysfs.h>

#include "operator.h"

static struct dentry *ascend_debugfs_root;

/* The devices that debugfs shows; the lock is taken before a device's rules_lock. */
static LIST_HEAD(ascend_bound);
static DEFINE_MUTEX(ascend_bound_lock);

static ssize_t layout_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%s\n", dev_to_ascend(dev)->layout->name);
}
static DEVICE_ATTR_RO(layout);

static ssize_t needs_reset_show(struct device *dev, struct device_attribute *attr,
				char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(dev_to_ascend(dev)->needs_reset));
}
static DEVICE_ATTR_RO(needs_reset);

static ssize_t normal_nc_bars_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "0x%lx\n", READ_ONCE(dev_to_ascend(dev)->normal_nc_bars));
}
static DEVICE_ATTR_RO(normal_nc_bars);

static ssize_t dropped_writes_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	struct ascend_device *adev = dev_to_ascend(dev);
	unsigned int i;
	s64 sum;

	mutex_lock(&adev->rules_lock);
	sum = atomic64_read(&adev->dropped);
	for (i = 0; i < adev->regs.nr; i++)
		sum += atomic64_read(&adev->traps[i].dropped);
	mutex_unlock(&adev->rules_lock);
	return sysfs_emit(buf, "%lld\n", sum);
}
static DEVICE_ATTR_RO(dropped_writes);

static struct attribute *ascend_attrs[] = {
	&dev_attr_layout.attr,
	&dev_attr_needs_reset.attr,
	&dev_attr_normal_nc_bars.attr,
	&dev_attr_dropped_writes.attr,
	&dev_attr_guest_numa_node.attr,
	NULL
};

static ASCEND_COMPAT_BIN_CONST struct bin_attribute *ASCEND_COMPAT_BINS_CONST ascend_bin_attrs[] = {
	&bin_attr_guard,
	NULL
};

static umode_t ascend_attr_mode(struct kobject *kobj, struct attribute *attr, int i)
{
	if (attr == &dev_attr_guest_numa_node.attr &&
	    !ascend_has_node(dev_to_ascend(kobj_to_dev(kobj))))
		return 0;
	return attr->mode;
}

static const struct attribute_group ascend_group = {
	.name = "ascend_vfio",
	.attrs = ascend_attrs,
	.bin_attrs = ascend_bin_attrs,
	.is_visible = ascend_attr_mode,
};

const struct attribute_group *ascend_sysfs_groups[] = {
	&ascend_group,
	NULL
};

static const char *ascend_trap_state(const struct ascend_reg *reg,
				     const struct ascend_trap *trap)
{
	static const char * const names[] = {
		[ASCEND_XLOADER_DEVICE] = "device",
		[ASCEND_XLOADER_WAITING] = "waiting",
		[ASCEND_XLOADER_HIDDEN] = "hidden",
	};

	if (reg->kind == ASCEND_XLOADER)
		return names[READ_ONCE(trap->state)];
	if (reg->kind == ASCEND_READ_ONLY)
		return "ro";
	return reg->kind == ASCEND_HIDE ? "hide" : "emulated";
}

static void ascend_show_traps(struct seq_file *m, struct ascend_device *adev)
{
	unsigned int i;

	mutex_lock(&adev->rules_lock);
	for (i = 0; i < adev->regs.nr; i++) {
		const struct ascend_reg *reg = &adev->regs.reg[i];
		struct ascend_trap *trap = &adev->traps[reg->trap];

		seq_printf(m, "%s %s %u 0x%llx %llu %lld %lld %s\n",
			   pci_name(adev->core.pdev), reg->name, reg->bar, reg->offset,
			   reg->size, atomic64_read(&trap->reads),
			   atomic64_read(&trap->dropped), ascend_trap_state(reg, trap));
	}
	mutex_unlock(&adev->rules_lock);
}

static int traps_show(struct seq_file *m, void *unused)
{
	struct ascend_device *adev;

	seq_puts(m, "device register bar offset size reads dropped state\n");
	mutex_lock(&ascend_bound_lock);
	list_for_each_entry(adev, &ascend_bound, bound)
		ascend_show_traps(m, adev);
	mutex_unlock(&ascend_bound_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(traps);

/*
 * One file for all devices, so that it costs nothing when one is bound. debugfs is a help,
 * not a need: its errors are ignored, as everywhere.
 */
void ascend_debugfs_init(void)
{
	ascend_debugfs_root = debugfs_create_dir("ascend_vfio", NULL);
	debugfs_create_file("traps", 0400, ascend_debugfs_root, NULL, &traps_fops);
}

void ascend_debugfs_exit(void)
{
	debugfs_remove_recursive(ascend_debugfs_root);
}

void ascend_debugfs_add(struct ascend_device *adev)
{
	mutex_lock(&ascend_bound_lock);
	list_add_tail(&adev->bound, &ascend_bound);
	mutex_unlock(&ascend_bound_lock);
}

/* Waits for readers, so @adev may go away afterwards. */
void ascend_debugfs_remove(struct ascend_device *adev)
{
	mutex_lock(&ascend_bound_lock);
	list_del(&adev->bound);
	mutex_unlock(&ascend_bound_lock);
}

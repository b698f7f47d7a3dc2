// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - what an operator can look at: sysfs and debugfs
 *
 * The files are described in driver/ABI/.
 */

#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/sysfs.h>

#include "operator.h"

static struct dentry *ascend_debugfs_root;

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

static int traps_show(struct seq_file *m, void *unused)
{
	struct ascend_device *adev = m->private;
	unsigned int i;

	seq_puts(m, "register bar offset size reads dropped state\n");
	mutex_lock(&adev->rules_lock);
	for (i = 0; i < adev->regs.nr; i++) {
		const struct ascend_reg *reg = &adev->regs.reg[i];
		struct ascend_trap *trap = &adev->traps[reg->trap];

		seq_printf(m, "%s %u 0x%llx %llu %lld %lld %s\n", reg->name, reg->bar,
			   reg->offset, reg->size, atomic64_read(&trap->reads),
			   atomic64_read(&trap->dropped), ascend_trap_state(reg, trap));
	}
	mutex_unlock(&adev->rules_lock);
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

/*
 * Where VFIO has a directory for each of its devices, ours is in it, and ascend_vfio/BDF
 * is a link there; on older kernels it is the directory itself.
 */
void ascend_debugfs_add(struct ascend_device *adev)
{
	struct dentry *vfio = ascend_compat_debug_root(&adev->core.vdev);
	const char *bdf = pci_name(adev->core.pdev);
	char target[64];

	if (vfio) {
		adev->debugfs = debugfs_create_dir("ascend_vfio", vfio);
		/* VFIO calls its directory as the PCI device, not as the VFIO device. */
		snprintf(target, sizeof(target), "../vfio/%s/ascend_vfio", bdf);
		adev->debugfs_link = debugfs_create_symlink(bdf, ascend_debugfs_root, target);
	} else {
		adev->debugfs = debugfs_create_dir(bdf, ascend_debugfs_root);
	}
	debugfs_create_file("traps", 0400, adev->debugfs, adev, &traps_fops);
}

/* Waits for readers, so @adev may go away afterwards. */
void ascend_debugfs_remove(struct ascend_device *adev)
{
	debugfs_remove(adev->debugfs_link);
	debugfs_remove_recursive(adev->debugfs);
}

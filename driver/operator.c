// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - what an operator may add to the guards of one device
 *
 * Two files of sysfs, described in driver/ABI/: guard takes rules, guest_numa_node what a
 * guest is told of where its NPU is. Both only while nobody has the device open; then the
 * lists that all accesses go by need no lock.
 *
 * guard is a binary attribute, for only those are told where in the file is written. A
 * shell may write the lines one by one, each of them in the place of all others: what is
 * not written at once, from the start, is refused.
 */

#include <linux/slab.h>
#include <linux/sysfs.h>

#include "operator.h"

/* A change, worked out in whole before any of it is done. */
struct ascend_change {
	struct ascend_rules rules;
	int node;
	struct ascend_regs own;
	struct ascend_regs regs;
};

/**
 * ascend_has_node() - is there a register that tells guests their NUMA node?
 * @adev: the device
 *
 * Return: true if so.
 */
bool ascend_has_node(struct ascend_device *adev)
{
	const struct ascend_reg *node = &adev->layout->node;

	return node->size && node->offset + node->size <=
			     pci_resource_len(adev->core.pdev, node->bar);
}

/* Counters of rules begin anew with each list; what was dropped before is not forgotten. */
static void ascend_assign_traps(struct ascend_device *adev, struct ascend_regs *regs)
{
	unsigned int i, next = adev->own.nr;

	for (i = adev->own.nr; i < ASCEND_MAX_REGS; i++) {
		atomic64_add(atomic64_xchg(&adev->traps[i].dropped, 0), &adev->dropped);
		atomic64_set(&adev->traps[i].reads, 0);
	}
	for (i = 0; i < regs->nr; i++)
		if (regs->reg[i].kind == ASCEND_NODE || ascend_is_rule(&regs->reg[i]))
			regs->reg[i].trap = next++;
}

/* Called with rules_lock held; all or nothing. */
static int ascend_apply(struct ascend_device *adev, struct ascend_change *change)
{
	int ret;

	if (adev->is_open)
		return -EBUSY;

	change->own = adev->own;
	if (change->node != ASCEND_NO_NODE)
		ascend_insert_reg(&change->own, &adev->layout->node);
	if (!ascend_rules_resolve(&change->own, &change->rules, &change->regs)) {
		pci_err(adev->core.pdev, "rules refused: with the chip's registers they are more than %u entries\n",
			ASCEND_MAX_REGS);
		return -ENOSPC;
	}
	if (WARN_ON(!ascend_regs_valid(&change->regs)))
		return -EINVAL;
	ret = ascend_region_reserve(adev, &change->regs);
	if (ret)
		return ret;

	ascend_assign_traps(adev, &change->regs);
	adev->rules = change->rules;
	adev->guest_node = change->node;
	adev->regs = change->regs;
	ascend_region_work_out(adev);
	return 0;
}

static int ascend_parse_guard(struct ascend_device *adev, char *text, struct ascend_rules *rules)
{
	struct pci_dev *pdev = adev->core.pdev;
	u64 bar_len[ASCEND_NR_BARS] = {};
	unsigned int bar, line;
	const char *why;
	int ret;

	for (bar = 0; bar < ASCEND_NR_BARS; bar++)
		if (pci_resource_flags(pdev, bar) & IORESOURCE_MEM)
			bar_len[bar] = pci_resource_len(pdev, bar);
	ret = ascend_rules_parse(text, bar_len, rules, &line, &why);
	if (ret)
		pci_err(pdev, "rules refused, line %u: %s\n", line, why);
	return ret;
}

static int ascend_set_guard(struct ascend_device *adev, char *text)
{
	struct ascend_change *change;
	int ret;

	change = kzalloc(sizeof(*change), GFP_KERNEL);
	if (!change)
		return -ENOMEM;
	ret = ascend_parse_guard(adev, text, &change->rules);
	if (ret)
		goto out;

	mutex_lock(&adev->rules_lock);
	change->node = adev->guest_node;
	ret = ascend_apply(adev, change);
	if (!ret)
		pci_info(adev->core.pdev, "%u rules, %u guarded places with the chip's\n",
			 adev->rules.nr, adev->regs.nr);
	mutex_unlock(&adev->rules_lock);
out:
	kfree(change);
	return ret;
}

static ssize_t guard_write(struct file *file, struct kobject *kobj,
			   ASCEND_COMPAT_BIN_CONST struct bin_attribute *attr, char *buf,
			   loff_t off, size_t count)
{
	struct ascend_device *adev = dev_to_ascend(kobj_to_dev(kobj));
	char *text;
	int ret;

	/* sysfs hands on a page at most: there may be more of this. */
	if (off || count >= PAGE_SIZE || memchr(buf, '\0', count)) {
		pci_err(adev->core.pdev, "rules refused: they must be written at once, be text, and less than a page\n");
		return -EINVAL;
	}
	text = kstrndup(buf, count, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	ret = ascend_set_guard(adev, text);
	kfree(text);
	return ret ?: count;
}

static size_t ascend_show_reg(const struct ascend_reg *reg, char *text, size_t room)
{
	const char *kind = reg->kind == ASCEND_HIDE ? "hide" : "ro";

	return scnprintf(text, room, "BAR%u 0x%llx-0x%llx %s%s\n", reg->bar, reg->offset,
			 reg->offset + reg->size, ascend_is_rule(reg) ? kind : reg->name,
			 !ascend_is_rule(reg) ? "" : reg->quiet ? " nolog" : " log");
}

static ssize_t guard_read(struct file *file, struct kobject *kobj,
			  ASCEND_COMPAT_BIN_CONST struct bin_attribute *attr, char *buf,
			  loff_t off, size_t count)
{
	struct ascend_device *adev = dev_to_ascend(kobj_to_dev(kobj));
	unsigned int i, rules;
	ssize_t len = 0;
	char *text;

	text = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	mutex_lock(&adev->rules_lock);
	/* The chip's own first */
	for (rules = 0; rules < 2; rules++)
		for (i = 0; i < adev->regs.nr; i++)
			if (ascend_is_rule(&adev->regs.reg[i]) == rules)
				len += ascend_show_reg(&adev->regs.reg[i], text + len,
						       PAGE_SIZE - len);
	mutex_unlock(&adev->rules_lock);
	len = memory_read_from_buffer(buf, count, &off, text, len);
	kfree(text);
	return len;
}

ASCEND_COMPAT_BIN_CONST struct bin_attribute bin_attr_guard = {
	.attr = { .name = "guard", .mode = 0644 },
	.read = guard_read,
	.write = guard_write,
};

static ssize_t guest_numa_node_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(dev_to_ascend(dev)->guest_node));
}

static ssize_t guest_numa_node_store(struct device *dev, struct device_attribute *attr,
				     const char *buf, size_t count)
{
	struct ascend_device *adev = dev_to_ascend(dev);
	struct ascend_change *change;
	int node, ret;

	if (kstrtoint(buf, 10, &node) || node < ASCEND_NO_NODE || node > ASCEND_MAX_NODE)
		return -EINVAL;
	change = kzalloc(sizeof(*change), GFP_KERNEL);
	if (!change)
		return -ENOMEM;

	mutex_lock(&adev->rules_lock);
	change->rules = adev->rules;
	change->node = node;
	ret = ascend_apply(adev, change);
	mutex_unlock(&adev->rules_lock);
	kfree(change);
	return ret ?: count;
}

struct device_attribute dev_attr_guest_numa_node = __ATTR_RW(guest_numa_node);

/**
 * ascend_operator_init() - prepare a device that is being bound
 * @adev: the device
 * @regs: the chip's registers
 */
void ascend_operator_init(struct ascend_device *adev, const struct ascend_regs *regs)
{
	unsigned int i;

	mutex_init(&adev->rules_lock);
	adev->guest_node = ASCEND_NO_NODE;
	adev->own = *regs;
	for (i = 0; i < adev->own.nr; i++)
		adev->own.reg[i].trap = i;
	adev->regs = adev->own;
}

/**
 * ascend_operator_lock_out() - let nobody change the rules while a device is open
 * @adev: the device
 * @opened: it is being opened: from now on; else: no longer
 *
 * Context: opens and closes of one device exclude each other.
 */
void ascend_operator_lock_out(struct ascend_device *adev, bool opened)
{
	mutex_lock(&adev->rules_lock);
	adev->is_open = opened;
	mutex_unlock(&adev->rules_lock);
}

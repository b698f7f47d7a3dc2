// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - which register layout a device gets, if any
 *
 * By itself the driver goes by ids and BAR sizes (models.c). An operator who
 * knows better can name a layout, with new_id's driver_data or with the module
 * parameter layout=; but not one that contradicts what the ids say, since that
 * would leave the real registers unguarded.
 */

#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ascend.h"

#define ASCEND_MAX_FORCED	64

/* One element of layout=. */
struct ascend_forced {
	unsigned int domain;
	unsigned int bus;
	unsigned int devfn;
	const struct ascend_layout *layout;
};

/* The parameter can be written at any time, while a probe reads it. */
static DEFINE_MUTEX(ascend_forced_lock);
static struct ascend_forced ascend_forced[ASCEND_MAX_FORCED];
static unsigned int ascend_nr_forced;

static int ascend_parse_bdf(const char *bdf, struct ascend_forced *forced)
{
	unsigned int slot, fn;
	int end = 0;

	if (sscanf(bdf, "%4x:%2x:%2x.%1x%n", &forced->domain, &forced->bus, &slot,
		   &fn, &end) != 4 || bdf[end]) {
		forced->domain = 0;
		end = 0;
		if (sscanf(bdf, "%2x:%2x.%1x%n", &forced->bus, &slot, &fn,
			   &end) != 3 || bdf[end])
			return -EINVAL;
	}
	if (slot > 31 || fn > 7)
		return -EINVAL;
	forced->devfn = PCI_DEVFN(slot, fn);
	return 0;
}

static int ascend_parse_forced(char *element, struct ascend_forced *forced)
{
	char *name = strrchr(element, ':');

	if (!name) {
		pr_err(ASCEND_DRIVER_NAME ": layout: \"%s\" is not BDF:NAME, as in 0000:81:00.0:310p\n",
		       element);
		return -EINVAL;
	}
	*name++ = '\0';
	if (ascend_parse_bdf(element, forced)) {
		pr_err(ASCEND_DRIVER_NAME ": layout: \"%s\" is not a PCI address, as 0000:81:00.0 is\n",
		       element);
		return -EINVAL;
	}
	forced->layout = ascend_layout_by_name(name, strlen(name));
	if (!forced->layout) {
		pr_err(ASCEND_DRIVER_NAME ": layout: no layout \"%s\", there are %s\n",
		       name, ASCEND_LAYOUT_NAMES);
		return -EINVAL;
	}
	return 0;
}

static int ascend_parse_list(char *list, struct ascend_forced *forced,
			     unsigned int *nr)
{
	char *element;
	int ret;

	*nr = 0;
	list = strim(list);
	if (!*list)
		return 0;

	while ((element = strsep(&list, ","))) {
		if (*nr == ASCEND_MAX_FORCED) {
			pr_err(ASCEND_DRIVER_NAME ": layout: more than %u devices\n",
			       ASCEND_MAX_FORCED);
			return -EINVAL;
		}
		ret = ascend_parse_forced(element, &forced[*nr]);
		if (ret)
			return ret;
		(*nr)++;
	}
	return 0;
}

/* The old list stays in force unless all of the new one is good. */
static int ascend_layout_param_set(const char *val, const struct kernel_param *kp)
{
	struct ascend_forced *forced;
	unsigned int nr;
	char *list;
	int ret = -ENOMEM;

	forced = kcalloc(ASCEND_MAX_FORCED, sizeof(*forced), GFP_KERNEL);
	list = kstrdup(val, GFP_KERNEL);
	if (!forced || !list)
		goto out;

	ret = ascend_parse_list(list, forced, &nr);
	if (ret)
		goto out;

	mutex_lock(&ascend_forced_lock);
	memcpy(ascend_forced, forced, nr * sizeof(*forced));
	ascend_nr_forced = nr;
	mutex_unlock(&ascend_forced_lock);
out:
	kfree(list);
	kfree(forced);
	return ret;
}

static int ascend_layout_param_get(char *buf, const struct kernel_param *kp)
{
	unsigned int i;
	int n = 0;

	mutex_lock(&ascend_forced_lock);
	for (i = 0; i < ascend_nr_forced; i++)
		n += scnprintf(buf + n, PAGE_SIZE - n, "%s%04x:%02x:%02x.%u:%s",
			       i ? "," : "", ascend_forced[i].domain,
			       ascend_forced[i].bus,
			       PCI_SLOT(ascend_forced[i].devfn),
			       PCI_FUNC(ascend_forced[i].devfn),
			       ascend_forced[i].layout->name);
	mutex_unlock(&ascend_forced_lock);
	n += scnprintf(buf + n, PAGE_SIZE - n, "\n");
	return n;
}

static const struct kernel_param_ops ascend_layout_param_ops = {
	.set = ascend_layout_param_set,
	.get = ascend_layout_param_get,
};

module_param_cb(layout, &ascend_layout_param_ops, NULL, 0644);
MODULE_PARM_DESC(layout, "Register layout of devices that would be refused: BDF:NAME[,BDF:NAME...]; names: "
		 ASCEND_LAYOUT_NAMES);

static const struct ascend_layout *ascend_forced_layout(struct pci_dev *pdev)
{
	const struct ascend_layout *layout = NULL;
	unsigned int i;

	mutex_lock(&ascend_forced_lock);
	for (i = 0; i < ascend_nr_forced; i++)
		if (ascend_forced[i].domain == pci_domain_nr(pdev->bus) &&
		    ascend_forced[i].bus == pdev->bus->number &&
		    ascend_forced[i].devfn == pdev->devfn)
			layout = ascend_forced[i].layout;
	mutex_unlock(&ascend_forced_lock);
	return layout;
}

static void ascend_identify(struct pci_dev *pdev, struct ascend_identity *id)
{
	unsigned int bar;

	*id = (struct ascend_identity) {
		.vendor = pdev->vendor,
		.device = pdev->device,
		.subdevice = pdev->subsystem_device,
		.is_virtfn = pdev->is_virtfn,
	};
	for (bar = 0; bar < PCI_STD_NUM_BARS; bar++)
		if (pci_resource_flags(pdev, bar) & IORESOURCE_MEM)
			id->bar_len[bar] = pci_resource_len(pdev, bar);
}

static const struct ascend_layout *
ascend_choose(struct pci_dev *pdev, unsigned long number, const char **why)
{
	const struct ascend_layout *wanted, *known;
	struct ascend_identity id;

	ascend_identify(pdev, &id);
	known = ascend_layout_choose(&id, why);
	wanted = ascend_forced_layout(pdev);

	if (number != ASCEND_VFIO_LAYOUT_AUTO) {
		if (wanted && wanted->id != number) {
			*why = "new_id and layout= name different register layouts";
			return NULL;
		}
		wanted = ascend_layout_by_id(number);
		if (!wanted) {
			*why = "driver_data of new_id is not the number of a register layout";
			return NULL;
		}
	}
	if (!wanted || wanted == known)
		return known;
	if (known) {
		*why = "new_id or layout= names another register layout than its ids and BARs tell";
		return NULL;
	}
	*why = ascend_layout_misfit(wanted, &id);
	return *why ? NULL : wanted;
}

/**
 * ascend_select_layout() - choose the register layout of a device, or refuse it
 * @pdev: the device
 * @number: driver_data of the id that matched, an enum ascend_vfio_layout
 *
 * Fails closed: a device whose registers are not known is not bound, since its
 * user would take it for guarded.
 *
 * Context: may sleep.
 * Return: the layout, or NULL after the reason was logged.
 */
const struct ascend_layout *ascend_select_layout(struct pci_dev *pdev,
						 unsigned long number)
{
	const struct ascend_layout *layout;
	const char *why;

	layout = ascend_choose(pdev, number, &why);
	if (!layout) {
		pci_err(pdev, "refused, [%04x:%04x] subsystem [%04x:%04x]: %s\n",
			pdev->vendor, pdev->device, pdev->subsystem_vendor,
			pdev->subsystem_device, why);
		pci_err(pdev, "refused: name its register layout with layout=%s:NAME (%s), or bind vfio-pci, which guards nothing\n",
			pci_name(pdev), ASCEND_LAYOUT_NAMES);
	}
	return layout;
}

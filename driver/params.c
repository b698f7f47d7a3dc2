// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - the parameters that a bind looks at, and its verdict
 *
 * By itself the driver goes by ids and BAR sizes (select.c). Where those do not tell, an
 * operator can name a layout with the module parameter layout=.
 */

#include <linux/ctype.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ascend.h"

#define ASCEND_MAX_FORCED	64

static bool wc_unlisted;
module_param(wc_unlisted, bool, 0644);
MODULE_PARM_DESC(wc_unlisted, "Offer write combining also on chips for which the vendor does not (310B, 310P, 910, 950); looked at when a device is bound (default: N)");

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

/*
 * Takes hexadecimal digits and the character @end behind them off *@text. Not sscanf():
 * its %x takes "0x" and signs, and an address that means another device than it says is
 * worse than none.
 */
static bool ascend_take_hex(const char **text, unsigned int min_digits,
			    unsigned int max_digits, char end, unsigned int *value)
{
	static const char hex[] = "0123456789abcdef";
	const char *at = *text;
	unsigned int digits;

	*value = 0;
	for (digits = 0; digits < max_digits && isxdigit(*at); digits++, at++)
		*value = *value << 4 | (strchr(hex, tolower(*at)) - hex);
	if (digits < min_digits || *at != end)
		return false;
	*text = at + 1;
	return true;
}

/**
 * ascend_parse_bdf() - parse a PCI address
 * @bdf: [DOMAIN:]BUS:SLOT.FUNCTION, as the kernel prints it
 * @domain: set to the domain, 0 where @bdf has none
 * @bus: set to the bus
 * @devfn: set to slot and function
 *
 * Return: 0 or -EINVAL.
 */
int ascend_parse_bdf(const char *bdf, unsigned int *domain, unsigned int *bus,
		     unsigned int *devfn)
{
	unsigned int slot, fn;

	if (!ascend_take_hex(&bdf, 4, 8, ':', domain))
		*domain = 0;
	if (!ascend_take_hex(&bdf, 2, 2, ':', bus) ||
	    !ascend_take_hex(&bdf, 2, 2, '.', &slot) ||
	    !ascend_take_hex(&bdf, 1, 1, '\0', &fn) || slot > 31 || fn > 7)
		return -EINVAL;
	*devfn = PCI_DEVFN(slot, fn);
	return 0;
}

static int ascend_parse_forced(char *element, struct ascend_forced *forced)
{
	char names[ASCEND_NAMES_LEN], *name = strrchr(element, ':');

	if (!name) {
		pr_err(ASCEND_DRIVER_NAME ": layout: \"%s\" is not BDF:NAME, as in 0000:81:00.0:310p\n",
		       element);
		return -EINVAL;
	}
	*name++ = '\0';
	if (ascend_parse_bdf(element, &forced->domain, &forced->bus, &forced->devfn)) {
		pr_err(ASCEND_DRIVER_NAME ": layout: \"%s\" is not a PCI address, as 0000:81:00.0 is\n",
		       element);
		return -EINVAL;
	}
	forced->layout = ascend_layout_by_name(name);
	if (!forced->layout) {
		pr_err(ASCEND_DRIVER_NAME ": layout: no layout \"%s\", there are %s\n",
		       name, ascend_layout_names(names));
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
MODULE_PARM_DESC(layout, "Register layout of devices that would be refused, as BDF:NAME[,BDF:NAME...]; README has the names");

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
		.is_physfn = pdev->is_physfn,
	};
	for (bar = 0; bar < ASCEND_NR_BARS; bar++)
		if (pci_resource_flags(pdev, bar) & IORESOURCE_MEM)
			id->bar_len[bar] = pci_resource_len(pdev, bar);
}

/**
 * ascend_select_layout() - find out the registers of a device, or refuse it
 * @pdev: the device
 * @regs: set to its registers
 *
 * A device whose registers are not known is not bound, since its user would take it for
 * guarded.
 *
 * Context: may sleep.
 * Return: the layout, or NULL after the reason was logged.
 */
const struct ascend_layout *ascend_select_layout(struct pci_dev *pdev,
						 struct ascend_regs *regs)
{
	const struct ascend_layout *layout;
	char names[ASCEND_NAMES_LEN];
	struct ascend_identity id;
	const char *why;

	ascend_identify(pdev, &id);
	layout = ascend_layout_choose(&id, ascend_forced_layout(pdev), wc_unlisted, regs, &why);
	if (layout)
		return layout;

	pci_err(pdev, "refused, [%04x:%04x] subsystem [%04x:%04x]: %s\n",
		pdev->vendor, pdev->device, pdev->subsystem_vendor,
		pdev->subsystem_device, why);
	pci_err(pdev, "refused: if you know its chip, name the register layout with layout=%s:NAME (%s); vfio-pci takes any device and guards nothing\n",
		pci_name(pdev), ascend_layout_names(names));
	return NULL;
}

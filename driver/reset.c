// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - chips that a reset takes off the bus
 *
 * A 310P that gets a plain bus reset vanishes, and comes back seconds later as a new
 * device, for a moment with other ids: the VMM has lost it (Evanshenf/kunpeng-pve-arm64,
 * docs/en/ascend-310p-vfio-pve.md; hicann/driver announces its resets to the chip and
 * removes and rescans the device, host/devdrv_ctrl.c:6036). vfio-pci-core asks for such
 * a reset when a device is opened, when its user wants one, and at the last close.
 *
 * So while such a chip is bound, the PCI core is told that it must not be reset. The
 * price is that one guest's state is still there when the next one starts.
 */

#include <linux/pci.h>
#include <linux/pm_runtime.h>

#include "ascend.h"

static bool protect_reset = true;
module_param(protect_reset, bool, 0644);
MODULE_PARM_DESC(protect_reset, "Keep chips that vanish when they are reset (310P) from resets while they are bound; looked at when a device is bound (default: Y)");

static bool require_reset;
module_param(require_reset, bool, 0644);
MODULE_PARM_DESC(require_reset, "Do not open such a chip again until it was reset and bound anew (default: N)");

/*
 * Bus and slot resets both look at the first. Power management resets a chip on its way
 * out of D3hot, and a VMM can write the register that puts it there: hence the last.
 */
#define ASCEND_RESET_FLAGS	(PCI_DEV_FLAGS_NO_BUS_RESET | \
				 PCI_DEV_FLAGS_NO_PM_RESET | \
				 PCI_DEV_FLAGS_NO_D3)

/**
 * ascend_reset_protect() - keep a chip that resets badly from being reset
 * @adev: the device, its layout set, not yet registered
 *
 * Context: the device is active, as it is being probed.
 */
void ascend_reset_protect(struct ascend_device *adev)
{
	struct pci_dev *pdev = adev->core.pdev;

	if (!adev->layout->resets_badly || !protect_reset)
		return;

	adev->protected = true;
	adev->reset_flags = ASCEND_RESET_FLAGS & ~pdev->dev_flags;
	pdev->dev_flags |= adev->reset_flags;
	/* Core lets a device sleep that nobody has open; this one stays in D0. */
	pm_runtime_get_noresume(&pdev->dev);
	pci_info(pdev, "a reset would take it off the bus: kept from bus, slot and PM resets and in D0 while bound (protect_reset), so it is not clean between two guests\n");
}

/**
 * ascend_reset_unprotect() - undo ascend_reset_protect()
 * @adev: the device, no longer registered
 */
void ascend_reset_unprotect(struct ascend_device *adev)
{
	struct pci_dev *pdev = adev->core.pdev;

	if (!adev->protected)
		return;

	pdev->dev_flags &= ~adev->reset_flags;
	pm_runtime_put_noidle(&pdev->dev);
}

/**
 * ascend_reset_before_open() - may the device be opened as it is?
 * @adev: the device
 *
 * Context: opens and closes of one device exclude each other.
 * Return: 0, or -EBUSY if it was used and not reset, and that is not wanted.
 */
int ascend_reset_before_open(struct ascend_device *adev)
{
	struct pci_dev *pdev = adev->core.pdev;

	if (!adev->needs_reset)
		return 0;

	if (READ_ONCE(require_reset)) {
		pci_err(pdev, "not opened (require_reset): it was used and not reset since; run 'ascend-vfio reset %s', or reset it and bind it anew\n",
			pci_name(pdev));
		return -EBUSY;
	}
	pci_warn(pdev, "was used and not reset since: state of the last user is still on it; 'ascend-vfio reset %s' clears it\n",
		 pci_name(pdev));
	return 0;
}

/**
 * ascend_reset_after_close() - note that somebody has used the device
 * @adev: the device
 */
void ascend_reset_after_close(struct ascend_device *adev)
{
	WRITE_ONCE(adev->needs_reset, adev->protected);
}

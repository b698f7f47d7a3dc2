// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - clear what a crashed host driver left in xloader
 *
 * A value other than 0 is left behind by a host driver that crashed: a clean removal
 * writes 0 (hicann/driver, host/devdrv_pci.c:2221), and a 910B has no FLR that would.
 * Whoever gets the device next must not pass for a physical machine.
 *
 * A chip that was just reset boots, for seconds, and answers reads with all ones. That
 * is not a value, and a guest that reads anything but 0 believes that it runs on the
 * physical machine: it reads 0 whenever the chip gives no answer. Until the chip has
 * answered since the open and was scrubbed, it reads 0 too; the driver looks again every
 * ASCEND_SCRUB_INTERVAL_MS for ASCEND_SCRUB_LIMIT_MS after the open, which does not wait
 * for it, and at every access to a guarded register.
 */

#include <linux/io.h>

#include "ascend.h"
#include "compat/compat.h"

/* The bound that nvgrace-gpu has for the same; hicann/driver waits 3 to 5 s and retries. */
#define ASCEND_SCRUB_LIMIT_MS		30000
#define ASCEND_SCRUB_INTERVAL_MS	100

static bool scrub_xloader = true;
module_param(scrub_xloader, bool, 0444);
MODULE_PARM_DESC(scrub_xloader, "Clear a stale xloader register when a device is opened (default: Y)");

static void ascend_scrub_done(struct ascend_device *adev, unsigned int i,
			      enum ascend_xloader_state state)
{
	WRITE_ONCE(adev->traps[i].state, state);
	WRITE_ONCE(adev->scrub_waiting, adev->scrub_waiting - 1);
}

/* Return: 0, -EIO if memory is disabled, or -EAGAIN if the device does not answer. */
static int ascend_scrub_one(struct ascend_device *adev, unsigned int i)
{
	const char *name = adev->own.reg[i].name;
	struct pci_dev *pdev = adev->core.pdev;
	void __iomem *io = adev->traps[i].io;
	u32 old, now;
	int ret;

	ret = ascend_compat_ioread32(&adev->core, &old, io);
	if (ret)
		return ret;
	if (PCI_POSSIBLE_ERROR(old))
		return -EAGAIN;
	if (!old) {
		ascend_scrub_done(adev, i, ASCEND_XLOADER_DEVICE);
		return 0;
	}

	ret = ascend_compat_iowrite32(&adev->core, 0, io);
	ret = ret ?: ascend_compat_ioread32(&adev->core, &now, io);
	if (ret)
		return ret;
	if (PCI_POSSIBLE_ERROR(now))
		return -EAGAIN;
	if (!now) {
		pci_info(pdev, "%s was 0x%08x, scrubbed\n", name, old);
		ascend_scrub_done(adev, i, ASCEND_XLOADER_DEVICE);
		return 0;
	}
	pci_warn(pdev, "%s is 0x%08x and cannot be scrubbed, the guest reads 0; power-cycle the device before you trust its firmware\n",
		 name, now);
	ascend_scrub_done(adev, i, ASCEND_XLOADER_HIDDEN);
	return 0;
}

/**
 * ascend_scrub_try() - scrub what waits for it, if the device answers by now
 * @adev: the device, open
 *
 * Context: may sleep; takes scrub_lock and memory_lock. The device is awake as far as
 * runtime power management goes.
 * Return: 0 if nothing waits any more, else of the first register that does -EIO (memory is
 * disabled) or -EAGAIN (the device does not answer).
 */
int ascend_scrub_try(struct ascend_device *adev)
{
	int ret, first = 0;
	unsigned int i;

	mutex_lock(&adev->scrub_lock);
	for (i = 0; i < adev->own.nr; i++) {
		if (adev->traps[i].state != ASCEND_XLOADER_WAITING)
			continue;
		ret = ascend_scrub_one(adev, i);
		first = first ?: ret;
	}
	mutex_unlock(&adev->scrub_lock);
	return first;
}

/* Does not wake a device that its user has put to sleep: memory is disabled then. */
static void ascend_scrub_work(struct work_struct *work)
{
	struct ascend_device *adev = container_of(to_delayed_work(work),
						  struct ascend_device, scrub_work);
	int ret = ascend_scrub_try(adev);

	if (!ret)
		return;
	if (time_before(jiffies, adev->scrub_until))
		schedule_delayed_work(&adev->scrub_work,
				      msecs_to_jiffies(ASCEND_SCRUB_INTERVAL_MS));
	else if (ret == -EAGAIN)
		pci_warn(adev->core.pdev, "has not answered for %u s: reads are all ones; the guest reads xloader as 0, and it will be scrubbed when a guarded register is accessed and the device answers\n",
			 ASCEND_SCRUB_LIMIT_MS / 1000);
}

/**
 * ascend_scrub_init() - prepare a device that is being bound
 * @adev: the device
 */
void ascend_scrub_init(struct ascend_device *adev)
{
	mutex_init(&adev->scrub_lock);
	INIT_DELAYED_WORK(&adev->scrub_work, ascend_scrub_work);
}

static int ascend_map_xloaders(struct ascend_device *adev)
{
	unsigned int i;

	for (i = 0; i < adev->own.nr; i++) {
		const struct ascend_reg *reg = &adev->own.reg[i];
		struct ascend_trap *trap = &adev->traps[i];
		void __iomem *io;

		trap->state = ASCEND_XLOADER_DEVICE;
		if (reg->kind != ASCEND_XLOADER)
			continue;
		io = ascend_compat_map(&adev->core, trap->io, reg->bar, reg->offset, reg->size);
		if (IS_ERR(io)) {
			pci_err(adev->core.pdev, "cannot map %s: %pe\n", reg->name, io);
			return PTR_ERR(io);
		}
		trap->io = io;
		if (!scrub_xloader || adev->layout->no_scrub)
			continue;
		trap->state = ASCEND_XLOADER_WAITING;
		adev->scrub_waiting++;
	}
	return 0;
}

/**
 * ascend_scrub_open() - map the xloader registers and scrub them
 * @adev: the device, enabled by core, not yet reachable for user space
 *
 * Context: memory decoding is on, and no access can run.
 * Return: 0 or a negative errno.
 */
int ascend_scrub_open(struct ascend_device *adev)
{
	int ret;

	adev->scrub_waiting = 0;
	ret = ascend_map_xloaders(adev);
	if (ret || !ascend_scrub_try(adev))
		return ret;

	pci_info(adev->core.pdev, "does not answer yet (it may be booting): the guest reads xloader as 0 until it was scrubbed\n");
	adev->scrub_until = jiffies + msecs_to_jiffies(ASCEND_SCRUB_LIMIT_MS);
	schedule_delayed_work(&adev->scrub_work, msecs_to_jiffies(ASCEND_SCRUB_INTERVAL_MS));
	return 0;
}

/**
 * ascend_scrub_stop() - stop looking at the device
 * @adev: the device, no longer reachable for user space, still enabled
 */
void ascend_scrub_stop(struct ascend_device *adev)
{
	cancel_delayed_work_sync(&adev->scrub_work);
}

/**
 * ascend_scrub_exit() - unmap the xloader registers
 * @adev: the device, being unbound
 */
void ascend_scrub_exit(struct ascend_device *adev)
{
	unsigned int i;

	for (i = 0; i < adev->own.nr; i++)
		if (adev->traps[i].io)
			ascend_compat_unmap(adev->traps[i].io);
}

/**
 * ascend_xloader_read() - what a guest reads from an xloader register
 * @adev: the device
 * @trap: the register's
 * @value: set to it
 *
 * A chip that boots after a reset of its user's gives no answer for a while.
 *
 * Context: may sleep; takes memory_lock.
 * Return: 0, or -EIO if memory is disabled.
 */
int ascend_xloader_read(struct ascend_device *adev, struct ascend_trap *trap,
			u32 *value)
{
	int ret;

	*value = 0;
	if (READ_ONCE(trap->state) != ASCEND_XLOADER_DEVICE)
		return ascend_compat_check_memory(&adev->core);

	ret = ascend_compat_ioread32(&adev->core, value, trap->io);
	if (!ret && PCI_POSSIBLE_ERROR(*value))
		*value = 0;
	return ret;
}

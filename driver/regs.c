// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - the rules of the trapped registers
 *
 * Both registers are in a block of the device's SRAM that it shares with its
 * driver (hicann/driver, devdrv_msg_def.h):
 *  xloader  phy_match_flag: 0x5a6b7c8d tells the device's BIOS that a physical
 *           machine's driver is there, which may flash firmware; 0 otherwise.
 *  feature  bar_wc_flag: bit n says that BAR n may be mapped write-combining.
 */

#include <linux/io.h>
#include <linux/pm_runtime.h>
#include <linux/uaccess.h>

#include "ascend.h"
#include "compat/compat.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static bool scrub_xloader = true;
module_param(scrub_xloader, bool, 0444);
MODULE_PARM_DESC(scrub_xloader, "Clear a stale xloader register when a device is opened (default: Y)");

/* The value a guest reads. Called with memory_lock held and memory enabled. */
static u32 ascend_read_xloader(struct ascend_device *adev, struct ascend_trap *trap)
{
	return trap->hidden ? 0 : readl(trap->io);
}

static u32 ascend_read_feature(struct ascend_device *adev, struct ascend_trap *trap)
{
	return adev->normal_nc_bars;
}

static u32 (* const ascend_reg_readers[])(struct ascend_device *adev,
					  struct ascend_trap *trap) = {
	[ASCEND_XLOADER] = ascend_read_xloader,
	[ASCEND_FEATURE] = ascend_read_feature,
};

/*
 * A value other than 0 is left behind by a host driver that crashed: a clean
 * removal writes 0, and a 910B has no FLR that would. Whoever gets the device
 * next must not pass for a physical machine.
 */
static void ascend_scrub(struct ascend_device *adev, struct ascend_trap *trap)
{
	struct pci_dev *pdev = adev->core.pdev;
	u32 old = readl(trap->io), now = old;

	trap->hidden = false;
	if (!old)
		return;

	/* All ones: the device does not answer, so leave it alone. */
	if (!PCI_POSSIBLE_ERROR(old)) {
		writel(0, trap->io);
		now = readl(trap->io);
	}
	if (!now) {
		pci_info(pdev, "%s was 0x%08x, scrubbed\n", trap->reg->name, old);
		return;
	}
	trap->hidden = true;
	pci_warn(pdev, "%s is 0x%08x and cannot be scrubbed, the guest reads 0; power-cycle the device before you trust its firmware\n",
		 trap->reg->name, now);
}

/**
 * ascend_regs_open() - map the trapped registers and scrub xloader
 * @adev: the device, enabled by core, not yet reachable for user space
 *
 * Mapped here and not through core's BAR map, because not every kernel lets a
 * driver set that up.
 *
 * Context: memory decoding is on, and no access can run.
 * Return: 0 or -ENOMEM.
 */
int ascend_regs_open(struct ascend_device *adev)
{
	struct pci_dev *pdev = adev->core.pdev;
	unsigned int i;

	for (i = 0; i < adev->layout->nr_regs; i++) {
		struct ascend_trap *trap = &adev->traps[i];
		const struct ascend_reg *reg = trap->reg;

		trap->io = ioremap(pci_resource_start(pdev, reg->bar) + reg->offset,
				   ASCEND_REG_SIZE);
		if (!trap->io) {
			pci_err(pdev, "cannot map %s\n", reg->name);
			ascend_regs_close(adev);
			return -ENOMEM;
		}
		trap->hidden = false;
		if (reg->kind == ASCEND_XLOADER && scrub_xloader &&
		    !adev->layout->no_scrub)
			ascend_scrub(adev, trap);
	}
	return 0;
}

/**
 * ascend_regs_close() - undo ascend_regs_open()
 * @adev: the device, no longer reachable for user space
 */
void ascend_regs_close(struct ascend_device *adev)
{
	unsigned int i;

	for (i = 0; i < adev->layout->nr_regs; i++) {
		if (adev->traps[i].io)
			iounmap(adev->traps[i].io);
		adev->traps[i].io = NULL;
	}
}

/*
 * Errors of an emulated byte are those of a real one, so the device is woken and
 * its memory must be enabled even where the device itself is not asked.
 */
static int ascend_reg_value(struct ascend_device *adev, struct ascend_trap *trap,
			    u32 *value)
{
	struct vfio_pci_core_device *core = &adev->core;
	int ret = 0;

	if (pm_runtime_resume_and_get(&core->pdev->dev))
		return -EIO;

	down_read(&core->memory_lock);
	if (!ascend_compat_memory_enabled(core))
		ret = -EIO;
	else if (value)
		*value = ascend_reg_readers[trap->reg->kind](adev, trap);
	up_read(&core->memory_lock);

	pm_runtime_put(&core->pdev->dev);
	return ret;
}

static struct ascend_trap *ascend_trap_of(struct ascend_device *adev,
					  const struct ascend_reg *reg)
{
	return &adev->traps[reg - adev->layout->regs];
}

/**
 * ascend_reg_read() - a guest reads a part of a trapped register
 * @adev: the device
 * @reg: the register
 * @pos: first byte in the BAR, inside @reg
 * @buf: where the bytes go
 * @len: how many, all inside @reg
 *
 * Context: may sleep; takes memory_lock for reading.
 * Return: @len, -EIO or -EFAULT.
 */
ssize_t ascend_reg_read(struct ascend_device *adev, const struct ascend_reg *reg,
			u64 pos, char __user *buf, size_t len)
{
	struct ascend_trap *trap = ascend_trap_of(adev, reg);
	__le32 bytes;
	u32 value;
	int ret;

	ret = ascend_reg_value(adev, trap, &value);
	if (ret)
		return ret;

	value >>= 8 * (pos - reg->offset);
	bytes = cpu_to_le32(value);
	if (copy_to_user(buf, &bytes, len))
		return -EFAULT;

	atomic64_inc(&trap->reads);
	if (len < sizeof(value))
		value &= BIT(8 * len) - 1;
	trace_ascend_vfio_trap(adev->core.pdev, reg, pos, len, value, false);
	return len;
}

/**
 * ascend_reg_write() - a guest writes a part of a trapped register
 * @adev: the device
 * @reg: the register
 * @pos: first byte in the BAR, inside @reg
 * @buf: where the bytes come from; they are read, then dropped
 * @len: how many, all inside @reg
 *
 * Context: may sleep; takes memory_lock for reading.
 * Return: @len, -EIO or -EFAULT.
 */
ssize_t ascend_reg_write(struct ascend_device *adev, const struct ascend_reg *reg,
			 u64 pos, const char __user *buf, size_t len)
{
	struct ascend_trap *trap = ascend_trap_of(adev, reg);
	__le32 bytes = 0;
	int ret;

	if (copy_from_user(&bytes, buf, len))
		return -EFAULT;
	ret = ascend_reg_value(adev, trap, NULL);
	if (ret)
		return ret;

	atomic64_inc(&trap->dropped);
	trace_ascend_vfio_trap(adev->core.pdev, reg, pos, len,
			       le32_to_cpu(bytes), true);
	if (__ratelimit(&adev->drop_log))
		pci_notice(adev->core.pdev, "dropped write to %s\n", reg->name);
	return len;
}

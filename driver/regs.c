// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - what guarded registers answer
 *
 * The chip's registers are in memory of the device that it shares with its driver:
 *  xloader  phy_match_flag: 0x5a6b7c8d tells the device's BIOS that a physical
 *           machine's driver is there, which may flash firmware; 0 otherwise.
 *  feature  bar_wc_flag: bit n says that BAR n may be mapped write-combining.
 *  node     virt_para.numa_node: a virtual machine's driver takes what it reads there for
 *           the device's NUMA node, if it is not what it has just written.
 * What an operator's rules are about is of any length.
 */

#include <linux/io.h>
#include <linux/pagemap.h>
#include <linux/pm_runtime.h>
#include <linux/uaccess.h>

#include "ascend.h"
#include "compat/compat.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static int ascend_feature_read(struct ascend_device *adev, struct ascend_trap *trap,
			       u32 *value)
{
	*value = adev->normal_nc_bars;
	return ascend_compat_check_memory(&adev->core);
}

static int ascend_node_read(struct ascend_device *adev, struct ascend_trap *trap,
			    u32 *value)
{
	*value = adev->guest_node;
	return ascend_compat_check_memory(&adev->core);
}

static int (* const ascend_reg_readers[])(struct ascend_device *adev,
					  struct ascend_trap *trap, u32 *value) = {
	[ASCEND_XLOADER] = ascend_xloader_read,
	[ASCEND_FEATURE] = ascend_feature_read,
	[ASCEND_NODE] = ascend_node_read,
};

/*
 * A guest accesses whole registers. Of a length that the compiler knows, user copies need
 * not check what they copy.
 */
static bool ascend_to_user(char __user *buf, __le32 bytes, size_t len)
{
	if (len == sizeof(bytes))
		return !copy_to_user(buf, &bytes, sizeof(bytes));
	return !copy_to_user(buf, &bytes, len);
}

static bool ascend_from_user(__le32 *bytes, const char __user *buf, size_t len)
{
	*bytes = 0;
	if (len == sizeof(*bytes))
		return !copy_from_user(bytes, buf, sizeof(*bytes));
	if (len < sizeof(*bytes))
		return !copy_from_user(bytes, buf, len);
	/* Of more the first are shown; the rest must be there, but nobody needs it. */
	return !copy_from_user(bytes, buf, sizeof(*bytes)) && !fault_in_readable(buf, len);
}

/*
 * What @reg reads, or with no @value only whether it can be accessed. Errors of an
 * emulated byte are those of a real one, so the device is woken and its memory must be
 * enabled even where the device itself is not asked.
 */
static __always_inline int ascend_reg_access(struct ascend_device *adev,
					      const struct ascend_reg *reg,
					      struct ascend_trap *trap, u32 *value)
{
	struct device *dev = &adev->core.pdev->dev;
	int ret;

	if (pm_runtime_resume_and_get(dev))
		return -EIO;

	if (READ_ONCE(adev->scrub_waiting))
		ascend_scrub_try(adev);
	if (value)
		ret = ascend_reg_readers[reg->kind](adev, trap, value);
	else
		ret = ascend_compat_check_memory(&adev->core);
	pm_runtime_put(dev);
	return ret;
}

static struct ascend_trap *ascend_trap_of(struct ascend_device *adev,
					  const struct ascend_reg *reg)
{
	/* Not indexed: CONFIG_UBSAN_BOUNDS would check it at each access. */
	return adev->traps + reg->trap;
}

static ssize_t ascend_hidden_read(struct ascend_device *adev, const struct ascend_reg *reg,
				  u64 pos, char __user *buf, size_t len)
{
	struct ascend_trap *trap = ascend_trap_of(adev, reg);
	int ret = ascend_reg_access(adev, reg, trap, NULL);

	if (ret)
		return ret;
	if (clear_user(buf, len))
		return -EFAULT;
	atomic64_inc(&trap->reads);
	trace_ascend_vfio_trap(adev->core.pdev, reg, pos, len, 0, false);
	return len;
}

/**
 * ascend_reg_read() - a guest reads a part of a guarded register
 * @adev: the device
 * @reg: the register, none that reads go through to
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
	u32 value;
	int ret;

	if (reg->kind == ASCEND_HIDE)
		return ascend_hidden_read(adev, reg, pos, buf, len);
	ret = ascend_reg_access(adev, reg, trap, &value);
	if (ret)
		return ret;

	value >>= 8 * (pos - reg->offset);
	if (!ascend_to_user(buf, cpu_to_le32(value), len))
		return -EFAULT;

	atomic64_inc(&trap->reads);
	if (len < sizeof(value))
		value &= BIT(8 * len) - 1;
	trace_ascend_vfio_trap(adev->core.pdev, reg, pos, len, value, false);
	return len;
}

/**
 * ascend_reg_write() - a guest writes a part of a guarded register
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
	__le32 bytes;
	int ret;

	if (!ascend_from_user(&bytes, buf, len))
		return -EFAULT;
	ret = ascend_reg_access(adev, reg, trap, NULL);
	if (ret)
		return ret;

	atomic64_inc(&trap->dropped);
	trace_ascend_vfio_trap(adev->core.pdev, reg, pos, len,
			       le32_to_cpu(bytes), true);
	if (!reg->quiet && __ratelimit(&adev->drop_log))
		pci_notice(adev->core.pdev, "dropped write to %s\n", reg->name);
	return len;
}

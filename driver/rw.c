// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - read() and write() of the device
 *
 * An access that is not near a guarded register is vfio-pci-core's. Any other is cut into
 * pieces: a piece outside every register goes to core, a piece inside one goes to the
 * register's rule (regs.c).
 *
 * Contract, the same as vfio-pci's: past the end of a BAR -EINVAL; memory
 * disabled -EIO; bad user pointer -EFAULT. If a later piece fails, the number of
 * bytes done before it is returned.
 */

#include "ascend.h"

typedef ssize_t (*ascend_piece_fn)(struct ascend_device *adev,
				   const struct ascend_reg *reg, u64 pos,
				   char __user *buf, size_t len, loff_t *ppos);

static ssize_t ascend_read_piece(struct ascend_device *adev,
				 const struct ascend_reg *reg, u64 pos,
				 char __user *buf, size_t len, loff_t *ppos)
{
	if (!reg || reg->kind == ASCEND_READ_ONLY)
		return vfio_pci_core_read(&adev->core.vdev, buf, len, ppos);
	return ascend_reg_read(adev, reg, pos, buf, len);
}

static ssize_t ascend_write_piece(struct ascend_device *adev,
				  const struct ascend_reg *reg, u64 pos,
				  char __user *buf, size_t len, loff_t *ppos)
{
	if (!reg)
		return vfio_pci_core_write(&adev->core.vdev, buf, len, ppos);
	return ascend_reg_write(adev, reg, pos, buf, len);
}

/* What nearly all accesses pay: so it is short and inline, and core is called directly. */
static inline bool ascend_near_reg(struct ascend_device *adev, loff_t pos, size_t count)
{
	/* What is masked away needs no check; ascend_rw() goes by the whole index. */
	u64 index = VFIO_PCI_OFFSET_TO_INDEX((u64)pos) & (ASCEND_NR_SPANS - 1);
	const struct ascend_spans *spans = &adev->spans[index];

	pos &= VFIO_PCI_OFFSET_MASK;
	if (!ascend_in_spans(spans, pos, count))
		return false;
	/* Behind the BARs' no span has a byte, so that the index is a BAR's. */
	return !(adev->loose & BIT(index)) || ascend_at_reg(&adev->places[index], pos, count);
}

/* Inline, as are the functions it is given: for the few instructions more than core takes. */
static __always_inline ssize_t ascend_rw(struct ascend_device *adev, char __user *buf,
			 size_t count, loff_t *ppos, ascend_piece_fn piece)
{
	unsigned int index = VFIO_PCI_OFFSET_TO_INDEX(*ppos);
	const loff_t start = *ppos;
	size_t done = 0;

	do {
		u64 pos = (start + done) & VFIO_PCI_OFFSET_MASK;
		const struct ascend_reg *reg = NULL;
		size_t len = count - done;
		ssize_t ret;

		if (len && index < VFIO_PCI_ROM_REGION_INDEX)
			reg = ascend_split(&adev->regs, index, pos, len, &len);

		/*
		 * Core advances *ppos too, by what it did of its piece; the next
		 * piece is compared with what is counted here, not with that.
		 */
		*ppos = start + done;
		ret = piece(adev, reg, pos, buf + done, len, ppos);
		if (ret < 0) {
			*ppos = start + done;
			return done ?: ret;
		}
		done += ret;
		*ppos = start + done;
		if (ret < len)
			break;
	} while (done < count);

	return done;
}

/* Not inline: what is far from every register does not pay for the frames of these. */
static noinline ssize_t ascend_read_near(struct ascend_device *adev, char __user *buf,
					 size_t count, loff_t *ppos)
{
	return ascend_rw(adev, buf, count, ppos, ascend_read_piece);
}

static noinline ssize_t ascend_write_near(struct ascend_device *adev, char __user *buf,
					  size_t count, loff_t *ppos)
{
	return ascend_rw(adev, buf, count, ppos, ascend_write_piece);
}

/**
 * ascend_read() - read() and pread() of the device
 * @core_vdev: the device
 * @buf: where the bytes go
 * @count: how many
 * @ppos: region and offset, advanced by what was read
 *
 * Return: bytes read, or a negative errno as described above.
 */
ssize_t ascend_read(struct vfio_device *core_vdev, char __user *buf,
		    size_t count, loff_t *ppos)
{
	struct ascend_device *adev = to_ascend(core_vdev);

	if (!ascend_near_reg(adev, *ppos, count))
		return vfio_pci_core_read(core_vdev, buf, count, ppos);
	return ascend_read_near(adev, buf, count, ppos);
}

/**
 * ascend_write() - write() and pwrite() of the device
 * @core_vdev: the device
 * @buf: where the bytes come from
 * @count: how many
 * @ppos: region and offset, advanced by what was written or dropped
 *
 * Return: bytes written, dropped ones included, or a negative errno as described
 * above.
 */
ssize_t ascend_write(struct vfio_device *core_vdev, const char __user *buf,
		     size_t count, loff_t *ppos)
{
	struct ascend_device *adev = to_ascend(core_vdev);

	if (!ascend_near_reg(adev, *ppos, count))
		return vfio_pci_core_write(core_vdev, buf, count, ppos);
	return ascend_write_near(adev, (char __user *)buf, count, ppos);
}

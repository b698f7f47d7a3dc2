/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend_vfio_pci - what the files of this driver share
 */
#ifndef ASCEND_VFIO_PCI_H
#define ASCEND_VFIO_PCI_H

#include <linux/atomic.h>
#include <linux/pci.h>
#include <linux/ratelimit.h>
#include <linux/sizes.h>
#include <linux/vfio_pci_core.h>
#include <uapi/linux/ascend_vfio.h>

#define ASCEND_DRIVER_NAME	"ascend_vfio_pci"

/* Every trapped register of every chip is one little-endian u32. */
#define ASCEND_REG_SIZE		4U
/* A two-die 310P has the most: one xloader a die. */
#define ASCEND_MAX_REGS		2
/* Each register costs at most one hole, and so may the MSI-X table. */
#define ASCEND_MAX_HOLES	(ASCEND_MAX_REGS + 1)
/* n holes leave n + 1 gaps, and a gap is split at two PMD boundaries at most. */
#define ASCEND_MAX_AREAS	(3 * (ASCEND_MAX_HOLES + 1))

/**
 * enum ascend_reg_kind - which rule a trapped register follows
 * @ASCEND_XLOADER: phy_match_flag. Reads give the device's value, or 0 if the
 *	device kept a value that was to be scrubbed; writes are dropped.
 * @ASCEND_FEATURE: bar_wc_flag. Reads give the bitmap of Normal-NC BARs; writes
 *	are dropped.
 * @ASCEND_NR_REG_KINDS: how many there are
 */
enum ascend_reg_kind {
	ASCEND_XLOADER,
	ASCEND_FEATURE,
	ASCEND_NR_REG_KINDS,
};

/**
 * struct ascend_reg - one trapped register of a layout
 * @name: as shown in log, trace and debugfs; unique in the layout
 * @kind: the rule it follows
 * @bar: PCI BAR index, 0 to 5
 * @offset: bytes from the start of the BAR, a multiple of ASCEND_REG_SIZE
 */
struct ascend_reg {
	const char *name;
	enum ascend_reg_kind kind;
	u8 bar;
	u64 offset;
};

/**
 * struct ascend_layout - where one chip keeps its trapped registers
 * @id: number in the uapi header
 * @name: name in the uapi header
 * @is_vf: the layout of a virtual function
 * @no_scrub: nobody has shown that writing xloader is safe on this chip
 * @nr_regs: how many of @regs are used
 * @regs: sorted by BAR, then offset
 */
struct ascend_layout {
	enum ascend_vfio_layout id;
	const char *name;
	bool is_vf;
	bool no_scrub;
	u8 nr_regs;
	struct ascend_reg regs[ASCEND_MAX_REGS];
};

/**
 * struct ascend_identity - all that the choice of a layout may look at
 * @vendor: PCI vendor id
 * @device: PCI device id
 * @subdevice: PCI subsystem id
 * @is_virtfn: the PCI core made this function as an SR-IOV VF
 * @bar_len: length in bytes of each memory BAR; 0 where there is none
 */
struct ascend_identity {
	u16 vendor;
	u16 device;
	u16 subdevice;
	bool is_virtfn;
	u64 bar_len[PCI_STD_NUM_BARS];
};

/**
 * struct ascend_range - bytes [start, end) of a BAR
 * @start: first byte
 * @end: the byte after the last
 */
struct ascend_range {
	u64 start;
	u64 end;
};

/**
 * struct ascend_trap - a trapped register of one device
 * @reg: its table entry
 * @io: mapping of the register, valid while the device is open
 * @hidden: the device kept its value through the scrub, so reads give 0;
 *	written at open only, when no access can run
 * @reads: guest reads answered
 * @dropped: guest writes dropped
 */
struct ascend_trap {
	const struct ascend_reg *reg;
	void __iomem *io;
	bool hidden;
	atomic64_t reads;
	atomic64_t dropped;
};

/**
 * struct ascend_device - a bound NPU
 * @core: vfio-pci-core's part; first, and what drvdata points to
 * @layout: constant while bound
 * @normal_nc_bars: bitmap of the BARs whose mappings may be Normal-NC; bits are
 *	only ever cleared, at open, when no access can run
 * @traps: one per register of @layout, same order
 * @drop_log: limits the notice about dropped writes
 * @debugfs: this device's directory
 */
struct ascend_device {
	struct vfio_pci_core_device core;
	const struct ascend_layout *layout;
	unsigned long normal_nc_bars;
	struct ascend_trap traps[ASCEND_MAX_REGS];
	struct ratelimit_state drop_log;
	struct dentry *debugfs;
};

static inline struct ascend_device *to_ascend(struct vfio_device *core_vdev)
{
	return container_of(core_vdev, struct ascend_device, core.vdev);
}

static inline struct ascend_device *dev_to_ascend(struct device *dev)
{
	/* vfio-pci-core demands that drvdata is its own structure. */
	struct vfio_pci_core_device *core = dev_get_drvdata(dev);

	return container_of(core, struct ascend_device, core);
}

/* models.c */
#define ASCEND_LAYOUT_NAMES \
	"910, 910a2-pf, 910a2-vf, 910a3-pf, 910a3-vf, 310p, 310p-duo, 310b, 310"
extern const struct pci_device_id ascend_pci_ids[];
extern const struct ascend_layout ascend_layouts[];
extern const unsigned int ascend_nr_layouts;
const struct ascend_layout *ascend_layout_by_id(unsigned long id);
const struct ascend_layout *ascend_layout_by_name(const char *name, size_t len);
const char *ascend_layout_misfit(const struct ascend_layout *layout,
				 const struct ascend_identity *id);
const struct ascend_layout *ascend_layout_choose(const struct ascend_identity *id,
						 const char **why);

/* select.c */
const struct ascend_layout *ascend_select_layout(struct pci_dev *pdev,
						 unsigned long number);

/* traps.c */
int ascend_layout_check(const struct ascend_layout *layout);
bool ascend_bar_has_traps(const struct ascend_layout *layout, unsigned int bar);
const struct ascend_reg *ascend_split(const struct ascend_layout *layout,
				      unsigned int bar, u64 pos, size_t count,
				      size_t *len);
bool ascend_range_is_trapped(const struct ascend_layout *layout,
			     unsigned int bar, u64 start, u64 len,
			     u64 page_size);

/* areas.c */
unsigned int ascend_visible_areas(const struct ascend_layout *layout,
				  unsigned int bar, u64 bar_len,
				  const struct ascend_range *msix,
				  u64 page_size, u64 block_size,
				  struct ascend_range *areas);

/* region.c */
void ascend_region_probe(struct ascend_device *adev);
void ascend_region_open(struct ascend_device *adev);
int ascend_region_info_caps(struct vfio_device *core_vdev,
			    struct vfio_region_info *info,
			    struct vfio_info_cap *caps);
int ascend_region_mmap(struct vfio_device *core_vdev, struct vm_area_struct *vma);

/* rw.c */
ssize_t ascend_read(struct vfio_device *core_vdev, char __user *buf,
		    size_t count, loff_t *ppos);
ssize_t ascend_write(struct vfio_device *core_vdev, const char __user *buf,
		     size_t count, loff_t *ppos);

/* regs.c */
int ascend_regs_open(struct ascend_device *adev);
void ascend_regs_close(struct ascend_device *adev);
ssize_t ascend_reg_read(struct ascend_device *adev, const struct ascend_reg *reg,
			u64 pos, char __user *buf, size_t len);
ssize_t ascend_reg_write(struct ascend_device *adev, const struct ascend_reg *reg,
			 u64 pos, const char __user *buf, size_t len);

/* ioctl.c */
long ascend_ioctl(struct vfio_device *core_vdev, unsigned int cmd,
		  unsigned long arg);
int ascend_device_feature(struct vfio_device *core_vdev, u32 flags,
			  void __user *arg, size_t argsz);

/* observe.c */
extern const struct attribute_group *ascend_sysfs_groups[];
void ascend_debugfs_init(void);
void ascend_debugfs_exit(void);
void ascend_debugfs_add(struct ascend_device *adev);
void ascend_debugfs_remove(struct ascend_device *adev);

#endif /* ASCEND_VFIO_PCI_H */

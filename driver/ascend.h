/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend_vfio_pci - what the files of this driver share
 */
#ifndef ASCEND_VFIO_PCI_H
#define ASCEND_VFIO_PCI_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/ratelimit.h>
#include <linux/vfio_pci_core.h>
#include <linux/workqueue.h>
#include <uapi/linux/ascend_vfio.h>

#include "guard.h"

#define ASCEND_DRIVER_NAME	"ascend_vfio_pci"

/* Device ids that one layout may have, and the registers a die of it may have. */
#define ASCEND_MAX_DEVICES	3
#define ASCEND_MAX_DIE_REGS	2
/* A power of two, not less than there are BARs. */
#define ASCEND_NR_SPANS		8
/* What numa_node can be set to; the same as valid nodes of the largest kernels. */
#define ASCEND_MAX_NODE		1023
#define ASCEND_NO_NODE		(-1)
/* All layouts' names in one message. */
#define ASCEND_NAMES_LEN	128

/**
 * enum ascend_function - what kind of PCI function a layout is of
 * @ASCEND_SOLE: of a chip that has no virtual functions
 * @ASCEND_PF: the physical function of a chip that has
 * @ASCEND_VF: a virtual function
 */
enum ascend_function {
	ASCEND_SOLE,
	ASCEND_PF,
	ASCEND_VF,
};

/**
 * struct ascend_layout - where the functions of one chip keep their registers
 * @name: what log, sysfs and the parameter layout= call it
 * @devices: PCI device ids it is for; 0 ends the list
 * @function: the kind of function it is for
 * @sub_first: first subsystem id it is for
 * @sub_last: last one; 0: the subsystem id does not matter
 * @two_dies: each BAR is cut in two halves, one a die, and @regs are those of the first;
 *	the second's are half of the BAR's length further on
 * @wc_listed: the vendor supports write combining in guests on it, so feature is answered;
 *	on others only with the parameter wc_unlisted
 * @no_scrub: no source shows that writing xloader is safe
 * @resets_badly: a reset makes it vanish from the bus (parameter protect_reset)
 * @node: where the chip's driver looks for the guest's NUMA node; a size of 0: nowhere
 * @regs: the registers of one function, of one die; a size of 0 ends the list
 */
struct ascend_layout {
	const char *name;
	u16 devices[ASCEND_MAX_DEVICES + 1];
	enum ascend_function function;
	u16 sub_first;
	u16 sub_last;
	bool two_dies;
	bool wc_listed;
	bool no_scrub;
	bool resets_badly;
	struct ascend_reg node;
	struct ascend_reg regs[ASCEND_MAX_DIE_REGS + 1];
};

/**
 * struct ascend_identity - all that the choice of a layout may look at
 * @vendor: PCI vendor id
 * @device: PCI device id
 * @subdevice: PCI subsystem id
 * @is_virtfn: the PCI core made this function as an SR-IOV VF
 * @is_physfn: the function has the SR-IOV capability
 * @bar_len: length in bytes of each memory BAR; 0 where there is none
 */
struct ascend_identity {
	u16 vendor;
	u16 device;
	u16 subdevice;
	bool is_virtfn;
	bool is_physfn;
	u64 bar_len[ASCEND_NR_BARS];
};

/**
 * enum ascend_xloader_state - what a guest reads from an xloader register
 * @ASCEND_XLOADER_DEVICE: the device's value
 * @ASCEND_XLOADER_WAITING: 0, as the device has not answered since it was opened and
 *	what it holds is not known
 * @ASCEND_XLOADER_HIDDEN: 0, as the device kept its value through the scrub
 */
enum ascend_xloader_state {
	ASCEND_XLOADER_DEVICE,
	ASCEND_XLOADER_WAITING,
	ASCEND_XLOADER_HIDDEN,
};

/**
 * struct ascend_trap - what a device needs beside each of its registers
 * @io: mapping of an xloader register, to be used while the device is open
 * @state: of an xloader register; written under scrub_lock, read without
 * @reads: guest reads answered
 * @dropped: guest writes dropped
 */
struct ascend_trap {
	void __iomem *io;
	enum ascend_xloader_state state;
	atomic64_t reads;
	atomic64_t dropped;
};

/**
 * struct ascend_bar - what is worked out once of a BAR
 * @room: for @sparse, kept while the device is bound
 * @sparse: the areas of a BAR with registers that may be mapped, as user space gets them;
 *	NULL for a BAR without
 * @msix: bytes of the MSI-X table that @sparse leaves out
 */
struct ascend_bar {
	struct vfio_region_info_cap_sparse_mmap *room;
	struct vfio_region_info_cap_sparse_mmap *sparse;
	struct ascend_range msix;
};

/**
 * struct ascend_device - a bound NPU
 * @core: vfio-pci-core's part; first, and what drvdata points to
 * @layout: constant while bound
 * @own: the chip's guarded registers, constant while bound
 * @rules_lock: for @is_open, @rules and @guest_node; and for @regs, @traps, @spans, @places
 *	and @bars where a user of the device is not what keeps them from changing
 * @is_open: somebody has it open: what is below up to @bars is constant
 * @rules: what an operator adds
 * @guest_node: what guests read from the layout's node register, or ASCEND_NO_NODE
 * @regs: all that is guarded: @own, the node register, and @rules where they are not cut
 * @traps: by a register's index; those of @own come first and are kept while bound
 * @dropped: guest writes dropped by what is in @regs no more
 * @spans: where the registers of each BAR are; those behind the BARs' are empty
 * @loose: bitmap of the BARs that have more than two registers: there may be bytes in their
 *	spans that are no register's
 * @places: where the registers of each BAR that has some are, exactly; as many as @spans, so
 *	that a kernel with CONFIG_UBSAN_BOUNDS has nothing to check at each access
 * @bars: one per BAR
 * @normal_nc_bars: bitmap of the BARs whose mappings may be Normal-NC; worked out at bind
 *	and anew at each open, when no access can run
 * @reset_flags: bits of pci_dev.dev_flags that were set to keep the device from resets
 * @protected: the device is kept from resets while it is bound
 * @needs_reset: protected, and somebody has used it since it was bound
 * @scrub_lock: one scrub at a time; taken before core's memory_lock
 * @scrub_waiting: how many of @traps are ASCEND_XLOADER_WAITING; written under scrub_lock
 * @scrub_work: looks again at those while the device is open
 * @scrub_until: jiffies when it gives up
 * @drop_log: limits the notice about dropped writes
 * @debugfs: this device's directory
 * @debugfs_link: a link to it, where the directory is vfio's
 */
struct ascend_device {
	struct vfio_pci_core_device core;
	const struct ascend_layout *layout;
	struct ascend_regs own;
	struct mutex rules_lock;
	bool is_open;
	struct ascend_rules rules;
	int guest_node;
	struct ascend_regs regs;
	struct ascend_trap traps[ASCEND_MAX_REGS];
	atomic64_t dropped;
	struct ascend_spans spans[ASCEND_NR_SPANS];
	unsigned long loose;
	struct ascend_places places[ASCEND_NR_SPANS];
	struct ascend_bar bars[ASCEND_NR_BARS];
	unsigned long normal_nc_bars;
	pci_dev_flags_t reset_flags;
	bool protected;
	bool needs_reset;
	struct mutex scrub_lock;
	unsigned int scrub_waiting;
	struct delayed_work scrub_work;
	unsigned long scrub_until;
	struct ratelimit_state drop_log;
	struct dentry *debugfs;
	struct dentry *debugfs_link;
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
extern const struct pci_device_id ascend_pci_ids[];
extern const struct ascend_layout ascend_layouts[];
extern const unsigned int ascend_nr_layouts;
const char *ascend_models_fault(void);
const struct ascend_layout *ascend_layout_by_name(const char *name);
const char *ascend_layout_names(char *buf);

/* select.c */
void ascend_insert_reg(struct ascend_regs *regs, const struct ascend_reg *reg);
const char *ascend_layout_resolve(const struct ascend_layout *layout,
				  const struct ascend_identity *id, bool wc_unlisted,
				  struct ascend_regs *regs);
const struct ascend_layout *
ascend_layout_choose(const struct ascend_identity *id,
		     const struct ascend_layout *named, bool wc_unlisted,
		     struct ascend_regs *regs, const char **why);

/* params.c */
int ascend_parse_bdf(const char *bdf, unsigned int *domain, unsigned int *bus,
		     unsigned int *devfn);
const struct ascend_layout *ascend_select_layout(struct pci_dev *pdev,
						 struct ascend_regs *regs);

/* reset.c */
void ascend_reset_protect(struct ascend_device *adev);
void ascend_reset_unprotect(struct ascend_device *adev);
int ascend_reset_before_open(struct ascend_device *adev);
void ascend_reset_after_close(struct ascend_device *adev);

/* region.c */
int ascend_region_reserve(struct ascend_device *adev, const struct ascend_regs *regs);
void ascend_region_work_out(struct ascend_device *adev);
void ascend_region_update(struct ascend_device *adev, bool opened);
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
ssize_t ascend_reg_read(struct ascend_device *adev, const struct ascend_reg *reg,
			u64 pos, char __user *buf, size_t len);
ssize_t ascend_reg_write(struct ascend_device *adev, const struct ascend_reg *reg,
			 u64 pos, const char __user *buf, size_t len);

/* scrub.c */
void ascend_scrub_init(struct ascend_device *adev);
int ascend_scrub_open(struct ascend_device *adev);
void ascend_scrub_stop(struct ascend_device *adev);
void ascend_scrub_exit(struct ascend_device *adev);
int ascend_xloader_read(struct ascend_device *adev, struct ascend_trap *trap,
			u32 *value);
int ascend_scrub_try(struct ascend_device *adev);

/* ioctl.c */
long ascend_ioctl(struct vfio_device *core_vdev, unsigned int cmd,
		  unsigned long arg);
int ascend_device_feature(struct vfio_device *core_vdev, u32 flags,
			  void __user *arg, size_t argsz);

/* operator.c; what is for observe.c only is in operator.h */
void ascend_operator_init(struct ascend_device *adev, const struct ascend_regs *regs);
void ascend_operator_lock_out(struct ascend_device *adev, bool opened);

/* observe.c */
extern const struct attribute_group *ascend_sysfs_groups[];
void ascend_debugfs_init(void);
void ascend_debugfs_exit(void);
void ascend_debugfs_add(struct ascend_device *adev);
void ascend_debugfs_remove(struct ascend_device *adev);

#endif /* ASCEND_VFIO_PCI_H */

/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * ascend_vfio_pci: what user space may rely on.
 *
 * Shared by the driver and the selftests.
 */
#ifndef _UAPI_LINUX_ASCEND_VFIO_H
#define _UAPI_LINUX_ASCEND_VFIO_H

/**
 * VFIO_REGION_INFO_FLAG_NORMAL_NC - BAR mappings may become Normal-NC in a guest
 *
 * Set in struct vfio_region_info.flags of a BAR whose mmap carries
 * VM_ALLOW_ANY_UNCACHED, so that arm64 KVM maps it Normal non-cacheable at
 * stage 2 and the guest chooses between Device and write-combining itself.
 * A VMM needs to do nothing for it. A VMM that maps the BAR in another way than
 * by mmap() of the VFIO device must not promise write-combining to its guest.
 *
 * The bit belongs to this driver and to the vendor's kernel patch, not to
 * upstream Linux, which uses bits 0 to 3 (READ, WRITE, MMAP, CAPS). Look at it
 * only after checking that the device is bound to ascend_vfio_pci.
 */
#define VFIO_REGION_INFO_FLAG_NORMAL_NC	(1 << 4)

/**
 * enum ascend_vfio_layout - register layouts, as numbers for new_id
 * @ASCEND_VFIO_LAYOUT_AUTO: choose by device id, subsystem id and BAR size
 * @ASCEND_VFIO_LAYOUT_910: "910"
 * @ASCEND_VFIO_LAYOUT_910A2_PF: "910a2-pf"
 * @ASCEND_VFIO_LAYOUT_910A2_VF: "910a2-vf"
 * @ASCEND_VFIO_LAYOUT_910A3_PF: "910a3-pf"
 * @ASCEND_VFIO_LAYOUT_910A3_VF: "910a3-vf"
 * @ASCEND_VFIO_LAYOUT_310P: "310p", one die
 * @ASCEND_VFIO_LAYOUT_310P_DUO: "310p-duo", two dies
 * @ASCEND_VFIO_LAYOUT_310B: "310b"
 * @ASCEND_VFIO_LAYOUT_310: "310"
 *
 * The number is the driver_data field of the driver's new_id file in sysfs
 * (hexadecimal there); the quoted name is what the sysfs attribute "model"
 * reads. Numbers never change; new layouts are added at the end.
 */
enum ascend_vfio_layout {
	ASCEND_VFIO_LAYOUT_AUTO		= 0,
	ASCEND_VFIO_LAYOUT_910		= 1,
	ASCEND_VFIO_LAYOUT_910A2_PF	= 2,
	ASCEND_VFIO_LAYOUT_910A2_VF	= 3,
	ASCEND_VFIO_LAYOUT_910A3_PF	= 4,
	ASCEND_VFIO_LAYOUT_910A3_VF	= 5,
	ASCEND_VFIO_LAYOUT_310P		= 6,
	ASCEND_VFIO_LAYOUT_310P_DUO	= 7,
	ASCEND_VFIO_LAYOUT_310B		= 8,
	ASCEND_VFIO_LAYOUT_310		= 9,
};

#endif /* _UAPI_LINUX_ASCEND_VFIO_H */

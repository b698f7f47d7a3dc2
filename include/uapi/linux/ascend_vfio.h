/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
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

#endif /* _UAPI_LINUX_ASCEND_VFIO_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VM_ALLOW_ANY_UNCACHED: 5c656fcdd6c6 ("mm: introduce new flag to indicate wc
 * safe", v6.9); since a39d3a966a09 ("vfio: convey kvm that the vfio-pci device is
 * wc safe", v6.9) core's mmap sets it. A kernel with the patch of driver/kvm has
 * the flag, but its core does not set it: so it is set here, and once more where
 * core did.
 * vm_flags_set(): bc292ab00f6c ("mm: introduce vma->vm_flags wrapper functions",
 * v6.3). Before, writing vm_flags in an mmap handler, which holds mmap_lock for
 * writing on a VMA not yet in the tree, is what the wrapper does.
 */
#ifndef ASCEND_COMPAT_ANY_UNCACHED_H
#define ASCEND_COMPAT_ANY_UNCACHED_H

#include <linux/mm.h>

static inline bool ascend_compat_has_any_uncached(void)
{
#ifdef ASCEND_HAVE_ANY_UNCACHED
	return true;
#else
	return false;
#endif
}

static inline void ascend_compat_vma_any_uncached(struct vm_area_struct *vma,
						  bool allow)
{
#if defined(ASCEND_HAVE_ANY_UNCACHED) && defined(ASCEND_HAVE_VM_FLAGS_SET)
	if (allow)
		vm_flags_set(vma, VM_ALLOW_ANY_UNCACHED);
	else
		vm_flags_clear(vma, VM_ALLOW_ANY_UNCACHED);
#elif defined(ASCEND_HAVE_ANY_UNCACHED)
	if (allow)
		vma->vm_flags |= VM_ALLOW_ANY_UNCACHED;
	else
		vma->vm_flags &= ~VM_ALLOW_ANY_UNCACHED;
#endif
}

#endif /* ASCEND_COMPAT_ANY_UNCACHED_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio_device.debug_root: 2202844e4468 ("vfio/migration: Add debugfs to live migration
 * driver", v6.8); NULL where CONFIG_VFIO_DEBUGFS is off.
 */
#ifndef ASCEND_COMPAT_DEBUG_ROOT_H
#define ASCEND_COMPAT_DEBUG_ROOT_H

#include <linux/vfio.h>

static inline struct dentry *ascend_compat_debug_root(struct vfio_device *vdev)
{
#ifdef ASCEND_HAVE_DEBUG_ROOT
	return vdev->debug_root;
#else
	return NULL;
#endif
}

#endif /* ASCEND_COMPAT_DEBUG_ROOT_H */

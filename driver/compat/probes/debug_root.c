// SPDX-License-Identifier: GPL-2.0-only
// A directory in debugfs for each device of VFIO; NULL without CONFIG_VFIO_DEBUGFS
#include <linux/vfio.h>

struct dentry *probe(struct vfio_device *vdev);
struct dentry *probe(struct vfio_device *vdev)
{
	return vdev->debug_root;
}

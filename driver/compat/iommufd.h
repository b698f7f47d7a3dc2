/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * iommufd callbacks of vfio_device_ops, added one pair after the other:
 *  bind, unbind, attach	a4d1f91db502 ("vfio-iommufd: Support iommufd for
 *			physical VFIO devices", v6.2)
 *  detach		9048c7341c4d ("vfio-iommufd: Add detach_ioas support for
 *			physical VFIO devices", v6.6)
 *  PASID attach/detach	290641346d0d ("vfio-iommufd: Support pasid [at|de]tach
 *			for physical VFIO devices", v6.15)
 * A kernel without them has only groups and containers. Without CONFIG_IOMMUFD
 * the functions are macros for NULL.
 */
#ifndef ASCEND_COMPAT_IOMMUFD_H
#define ASCEND_COMPAT_IOMMUFD_H

#ifdef ASCEND_HAVE_IOMMUFD_BIND
#define ASCEND_COMPAT_IOMMUFD_BIND \
	.bind_iommufd		= vfio_iommufd_physical_bind, \
	.unbind_iommufd		= vfio_iommufd_physical_unbind, \
	.attach_ioas		= vfio_iommufd_physical_attach_ioas,
#else
#define ASCEND_COMPAT_IOMMUFD_BIND
#endif

#ifdef ASCEND_HAVE_IOMMUFD_DETACH
#define ASCEND_COMPAT_IOMMUFD_DETACH \
	.detach_ioas		= vfio_iommufd_physical_detach_ioas,
#else
#define ASCEND_COMPAT_IOMMUFD_DETACH
#endif

#ifdef ASCEND_HAVE_IOMMUFD_PASID
#define ASCEND_COMPAT_IOMMUFD_PASID \
	.pasid_attach_ioas	= vfio_iommufd_physical_pasid_attach_ioas, \
	.pasid_detach_ioas	= vfio_iommufd_physical_pasid_detach_ioas,
#else
#define ASCEND_COMPAT_IOMMUFD_PASID
#endif

#define ASCEND_COMPAT_IOMMUFD_OPS \
	ASCEND_COMPAT_IOMMUFD_BIND \
	ASCEND_COMPAT_IOMMUFD_DETACH \
	ASCEND_COMPAT_IOMMUFD_PASID

#endif /* ASCEND_COMPAT_IOMMUFD_H */

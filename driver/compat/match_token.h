/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio_device_ops.match_token_uuid: 86624ba3b522 ("vfio/pci: Do vf_token checks
 * for VFIO_DEVICE_BIND_IOMMUFD", v6.17). Of a driver that leaves it out, opening a
 * device by its group oopses, and by an iommufd VFs need no token. Older kernels
 * check the token in .match.
 */
#ifndef ASCEND_COMPAT_MATCH_TOKEN_H
#define ASCEND_COMPAT_MATCH_TOKEN_H

#ifdef ASCEND_HAVE_MATCH_TOKEN
#define ASCEND_COMPAT_MATCH_TOKEN_OPS \
	.match_token_uuid	= vfio_pci_core_match_token_uuid,
#else
#define ASCEND_COMPAT_MATCH_TOKEN_OPS
#endif

#endif /* ASCEND_COMPAT_MATCH_TOKEN_H */

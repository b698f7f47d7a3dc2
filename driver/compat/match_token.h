/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfio_device_ops.match_token_uuid: "vfio/pci: Do vf_token checks for
 * VFIO_DEVICE_BIND_IOMMUFD", after v6.12. Core calls it without a check, so a
 * driver that leaves it out oopses. Older kernels check the token in .match.
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

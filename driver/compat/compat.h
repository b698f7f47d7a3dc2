/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend_vfio_pci - one face for every supported kernel
 *
 * The driver is written for the newest kernel. What an older one lacks is made
 * up for here, and nowhere else: one header per API, each switched by a macro
 * that a compile probe (probes/NAME.c -> ASCEND_HAVE_NAME) sets, since
 * distributions backport and a version number says little.
 */
#ifndef ASCEND_COMPAT_H
#define ASCEND_COMPAT_H

#include "probed.h"

#include "any_uncached.h"
#include "bin_attr.h"
#include "debug_root.h"
#include "dmabuf.h"
#include "io.h"
#include "iommufd.h"
#include "match_token.h"
#include "region_info.h"

#endif /* ASCEND_COMPAT_H */

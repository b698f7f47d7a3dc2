/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of sysfs that know where in them is written. Constant ones:
 *  their functions	97d06802d10a ("sysfs: constify bin_attribute argument of
 *			bin_attribute::read/write()", v6.17)
 *  their groups	9bec944506fa ("sysfs: constify attribute_group::bin_attrs", v6.16)
 */
#ifndef ASCEND_COMPAT_BIN_ATTR_H
#define ASCEND_COMPAT_BIN_ATTR_H

#include <linux/sysfs.h>

#ifdef ASCEND_HAVE_BIN_ATTR_CONST
#define ASCEND_COMPAT_BIN_CONST		const
#else
#define ASCEND_COMPAT_BIN_CONST
#endif

#ifdef ASCEND_HAVE_BIN_ATTRS_CONST
#define ASCEND_COMPAT_BINS_CONST	const
#else
#define ASCEND_COMPAT_BINS_CONST
#endif

#endif /* ASCEND_COMPAT_BIN_ATTR_H */

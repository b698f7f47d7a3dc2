/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For powers of two these give what the kernel's macros give, which add and subtract in
 * a way that may wrap on the way to the right result. They do not wrap unless the result
 * does, so that a wrap which is found is the driver's.
 */
#ifndef SHIM_LINUX_ALIGN_H
#define SHIM_LINUX_ALIGN_H

#define ALIGN_DOWN(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define ALIGN(x, a)		ALIGN_DOWN((x) + ((__typeof__(x))(a) - 1), a)

#endif /* SHIM_LINUX_ALIGN_H */

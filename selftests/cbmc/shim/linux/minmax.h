/* SPDX-License-Identifier: GPL-2.0-only */
/* As in the kernel, arguments are evaluated once and have one type. */
#ifndef SHIM_LINUX_MINMAX_H
#define SHIM_LINUX_MINMAX_H

#define SHIM_CHOOSE(x, op, y) ({						\
	__typeof__(x) shim_x = (x);						\
	__typeof__(y) shim_y = (y);						\
										\
	_Static_assert(__builtin_types_compatible_p(__typeof__(x), __typeof__(y)), \
		       "min() and max() are for two of one type");		\
	shim_x op shim_y ? shim_x : shim_y;					\
})

#define min(x, y)		SHIM_CHOOSE(x, <, y)
#define max(x, y)		SHIM_CHOOSE(x, >, y)
#define min_t(type, x, y)	SHIM_CHOOSE((type)(x), <, (type)(y))

#endif /* SHIM_LINUX_MINMAX_H */

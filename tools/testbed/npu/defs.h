/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's names for integers, and what else every file needs. */
#ifndef NPU_DEFS_H
#define NPU_DEFS_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

/* checkpatch asks for this macro, and then complains of its definition */
#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif /* NPU_DEFS_H */

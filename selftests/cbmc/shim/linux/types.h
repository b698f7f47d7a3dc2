/* SPDX-License-Identifier: GPL-2.0-only */
/* What the pure files use of the kernel's header, for a 64-bit kernel. */
#ifndef SHIM_LINUX_TYPES_H
#define SHIM_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>

typedef unsigned char u8;
typedef unsigned long long u64;

#endif /* SHIM_LINUX_TYPES_H */

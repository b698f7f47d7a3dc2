// SPDX-License-Identifier: GPL-2.0-only
// Defined, and not as VM_NONE as on 32-bit kernels
#include <linux/mm.h>

unsigned char probe[VM_ALLOW_ANY_UNCACHED != 0 ? 1 : -1];

/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of L2's PID 1 share: see init.c. */
#ifndef L2_H
#define L2_H

#include <stddef.h>

#include "models.h"

#define DEVICES		"/sys/bus/pci/devices"

#define __printf(f, a)	__attribute__((format(printf, f, a)))
#define __noreturn	__attribute__((noreturn))

__printf(1, 2) void report(const char *fmt, ...);
/* The last words of this guest: @what and errno */
__noreturn void fail(const char *what);
int read_line(const char *path, char *buf, size_t size);

/* What can be done to one NPU; @dir is its directory in sysfs. */
void switch_on(const char *dir);
void *map_bar(const char *dir, const char *file, __u64 offset, size_t len);
void probe_register(const char *dir, const struct npu_model *model, const struct npu_reg *reg);
void unaligned_stores(const char *dir);

/* Of several: see peers.c; the first only says where their BARs are. */
void look_at_peers(const struct npu_model *model);
void try_peers(const struct npu_model *model);

#endif /* L2_H */

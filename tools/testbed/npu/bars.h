/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory behind the BARs, registers included: a memfd each, which a client may map parts
 * of. Who reads and writes here is the device itself: nothing is logged or has a side effect.
 */
#ifndef NPU_BARS_H
#define NPU_BARS_H

#include "defs.h"
#include "models.h"

/**
 * struct npu_bars - the memory
 * @fd: a memfd per BAR, or -1
 */
struct npu_bars {
	int fd[NPU_NR_BARS];
};

/* Return: 0, or -1 with errno set and nothing left behind */
int npu_bars_init(struct npu_bars *bars, const u64 *sizes);
void npu_bars_exit(struct npu_bars *bars);

/* @offset and @len must lie inside the BAR. Return: 0, or -EIO */
int npu_bar_load(const struct npu_bars *bars, unsigned int bar, u64 offset, void *data, u32 len);
int npu_bar_store(struct npu_bars *bars, unsigned int bar, u64 offset, const void *data, u32 len);

#endif /* NPU_BARS_H */

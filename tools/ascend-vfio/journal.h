/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - what a device was before bind, one file each in /var/lib/ascend-vfio
 */
#ifndef ASCEND_JOURNAL_H
#define ASCEND_JOURNAL_H

#include "npu.h"

/* The record, if there is one that is about this card; a damaged one is said and ignored. */
bool journal_read(const struct npu *npu, struct journal *journal);
/* Made in this boot? */
bool journal_is_current(const struct journal *journal);
/* What the device is now, as a record */
struct journal journal_now(const struct npu *npu, enum journal_state state);
int journal_write(const struct journal *journal);
int journal_remove(const struct npu *npu);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - bound after a reboot, too
 *
 * --persist: driverctl's file where driverctl is installed, else a udev rule.
 * --early: a file that the hooks of initramfs-tools or dracut (early/) look at.
 */
#ifndef ASCEND_PERSIST_H
#define ASCEND_PERSIST_H

#include "npu.h"

/* 0 or a negative errno value */
int persist_add(const struct npu *npu);
int persist_remove(const struct npu *npu);
bool persist_there(const char *bdf);

/* NULL, or why --early cannot work here */
const char *early_obstacle(void);
int early_add(const struct npu *npu);
int early_remove(const struct npu *npu);
bool early_there(const char *bdf);
/* Makes the initramfs anew if a change to it, of this run or one before, is not in it yet. */
int early_update(void);

#endif

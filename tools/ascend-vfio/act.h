/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - all that changes the system
 *
 * With --dry-run each says what it would do instead, and succeeds.
 */
#ifndef ASCEND_ACT_H
#define ASCEND_ACT_H

#include <sys/types.h>
#include "util.h"

extern bool dry_run;

/* 0 or a negative errno value */
int act_write(const char *path, const char *text);
/* -ETIME: the kernel has not taken it within @seconds, and will go on with it. */
int act_write_within(const char *path, const char *text, unsigned int seconds);
int act_replace(const char *path, const char *text, mode_t mode);
int act_remove(const char *path);
int act_load(const char *module);
int act_unload(const char *module);
int act_run(char *const argv[]);

/*
 * One change at a time on this machine: ends the process if another ascend-vfio is at
 * it. Also puts back what a killed "reset" left switched off.
 */
void act_lock(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PID 1 of a test guest; or, as another process, the agent of a distribution there. Its input
 * lies in /lib/testbed of the initramfs, the agent's in /mnt/testbed:
 *   modules	kernel modules, one path a line, in load order (not the agent's)
 *   npus	lines "name root-port-BDF model"; model "-": a device of QEMU's own
 *   plan	commands, one a line
 * The parts know nothing of each other but what is declared here.
 */

#ifndef _TESTBED_INIT_H
#define _TESTBED_INIT_H

#include <limits.h>
#include <stddef.h>
#include <stdio.h>

#define NAME_LEN	64
#define MAX_NPUS	64
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define __printf(f, a)	__attribute__((format(printf, f, a)))

/* One emulated NPU, as commands see it. */
struct npu {
	char name[NAME_LEN];
	char model[NAME_LEN];
	char bdf[NAME_LEN];
};

/* setup.c: every function says on the results channel what went wrong, and returns -1. */
int mount_all(void);
int stop_fair_servers(void);
int load_modules(const char *list);
void mount_shares(void);
int find_npus(const char *scene, const char *out, struct npu *npus, size_t max);

/* results.c: the channel that the host reads. */
int results_open(void);
void results_write(const char *data, size_t len);
__printf(1, 2) void results_line(const char *fmt, ...);

/*
 * plan.c: runs the commands of @plan. @done is NULL, or a file that keeps how many of its lines
 * are done, those being left out. Returns 0, PLAN_REBOOT where a command has asked for that by
 * making the file REBOOT_WANTED, or -1 if the plan cannot be read or @done cannot be written.
 */
#define PLAN_REBOOT	1
#define REBOOT_WANTED	"/run/testbed-reboot"
int run_plan(const char *plan, const char *done, const struct npu *npus, size_t nr_npus);

/* Reads /proc and /sys files: the first line of @path, without its newline. */
int read_line(const char *path, char *buf, size_t len);

#endif

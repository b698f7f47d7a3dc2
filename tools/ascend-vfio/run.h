/* SPDX-License-Identifier: GPL-2.0-only */
/* ascend-vfio - other programs, and what the kernel has logged */
#ifndef ASCEND_RUN_H
#define ASCEND_RUN_H

#include "util.h"

/* Runs argv[0] (of PATH) for @seconds at most; its output, or NULL if it did not exit 0. */
char *run_output(char *const argv[], unsigned int seconds);
/* Runs it with the caller's stdout and stderr. 0, or its exit status, or -errno. */
int run_program(char *const argv[]);
/* Where in PATH (and libexec) a program is, below --sysroot; or NULL. */
char *program_path(const char *name);

/* The kernel log as far as it is there; "" where it cannot be read. */
char *kernel_log(void);
/* The last line of it that has both texts, without its time; or NULL. */
char *kernel_log_line(const char *a, const char *b);

#endif

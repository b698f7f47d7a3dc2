/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Count the instructions of this task, in user space and in the kernel: a measure of speed
 * that does not depend on what else the machine does. In QEMU the processor has such a counter
 * with -icount only.
 */
#ifndef SELFTESTS_LIB_INSNS_H
#define SELFTESTS_LIB_INSNS_H

#include <linux/types.h>

/* 0, or a negative errno: the processor has no such counter, or it cannot be had */
int insns_open(void);

/*
 * Instructions that @op(@arg) takes, called @calls times, on average; what the counting
 * itself takes is not in it. A negative number is the negative errno that @op returned.
 */
double insns_of(int (*op)(void *arg), void *arg, unsigned int calls);

/* The least of @nr numbers: an interrupt or what else comes between only adds */
double insns_least(const double *numbers, unsigned int nr);

/* The one in the middle, which sorts them */
double insns_middle(double *numbers, unsigned int nr);

#endif /* SELFTESTS_LIB_INSNS_H */

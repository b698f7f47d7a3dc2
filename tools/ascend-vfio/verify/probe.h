/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio verify - what a guest gets, tried in the guest
 *
 * Needs nothing but the C library, the table of chips and the parsers, so that it can be
 * a static program in a guest that has nothing else.
 */
#ifndef ASCEND_VERIFY_PROBE_H
#define ASCEND_VERIFY_PROBE_H

#include "../parse/parse.h"

struct probe_options {
	bool force;	/* although a driver has the device */
	bool attempt;	/* write to xloader as well */
};

/* Prints what it finds. EXIT_DONE: BAR4 is write combining; EXIT_PROBLEMS: not; or FAILED. */
int probe_device(const char *bdf, const struct probe_options *options);
/* Is there an NPU at this address? */
bool probe_is_npu(const char *bdf);

#endif

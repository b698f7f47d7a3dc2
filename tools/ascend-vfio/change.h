/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - what the commands that change bindings share
 */
#ifndef ASCEND_CHANGE_H
#define ASCEND_CHANGE_H

#include "npu.h"
#include "out.h"

/* A process has it open: says who, and returns true. @forced: native cards do not count. */
bool refuse_if_open(const struct npu *npu, bool forced);

/* What was done with each device, printed at the end: text or JSON */
struct report {
	struct json_object *root, *devices;	/* NULL: text */
};

void report_begin(struct report *r, bool json);
void report_device(struct report *r, const char *bdf, const char *result, const char *text);
void report_end(struct report *r);

#endif

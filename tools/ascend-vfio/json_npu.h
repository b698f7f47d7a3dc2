/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCEND_JSON_NPU_H
#define ASCEND_JSON_NPU_H

#include "npu.h"
#include "out.h"

/* Appends the device to @array: the object "device" of the man page's JSON section. */
struct json_object *json_npu(struct json_object *array, const struct machine *m,
			     const struct npu *npu);

#endif

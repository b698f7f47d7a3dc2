/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - where devices go in a guest
 *
 * A port each; but VFs of cloud_v2 chips (910A2, 910A3) share one, up to seven at
 * functions 1 to 7, with a small device at function 0: the guest's driver takes what is
 * at function 0 for a PF.
 */
#ifndef ASCEND_GUEST_H
#define ASCEND_GUEST_H

#include "npu.h"

struct place {
	const struct npu *npu;
	unsigned int port;	/* 0, 1, … */
	unsigned int function;
	bool opens_port;	/* the first of its port */
};

struct places {
	struct place *place;
	unsigned int nr, ports;
};

struct places guest_places(struct npu *const *npus);
bool machine_is_q35(const struct machine *m, const char *asked);

#endif

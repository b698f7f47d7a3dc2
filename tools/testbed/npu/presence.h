/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether the chip answers: it boots for a while when it is started and after a reset, and
 * one that resets badly leaves the bus.
 */
#ifndef NPU_PRESENCE_H
#define NPU_PRESENCE_H

#include "defs.h"

/* A 310P shows them for a moment on its way back from a reset */
#define NPU_FOREIGN_VENDOR	0x1000
#define NPU_FOREIGN_DEVICE	0x02b2

/**
 * enum npu_place - what a chip that resets badly does after a reset
 * @NPU_PRESENT: as any other
 * @NPU_VANISHED: reads all ones, configuration space too, and ignores writes
 * @NPU_FOREIGN: shows ids of somebody else's; the link is about to go down, which is
 *	replug.sh's part. Who comes then finds it present
 */
enum npu_place {
	NPU_PRESENT,
	NPU_VANISHED,
	NPU_FOREIGN,
};

/**
 * struct npu_presence - where it is, and until when
 * @place: only --vanish makes it anything else than present
 * @awake_at: when it will have booted, in ms of CLOCK_MONOTONIC; 0 if it has
 * @back_at: when it will no longer be vanished, as @awake_at
 */
struct npu_presence {
	enum npu_place	place;
	u64		awake_at;
	u64		back_at;
};

/* 0 for @ms: it does not do so */
void npu_presence_boot(struct npu_presence *p, unsigned int ms);
void npu_presence_vanish(struct npu_presence *p, unsigned int ms);

/**
 * npu_presence_tick - do what time has come for
 * @p: where it is
 * @left: ms until there is more to do, or -1 for never
 *
 * Return: whether it has come to another place.
 */
bool npu_presence_tick(struct npu_presence *p, int *left);

/* Why the memory behind the BARs is out of reach, for the log; NULL if it is not */
const char *npu_presence_unreachable(const struct npu_presence *p);

/* It lost its power with the slot. Return: whether it had been away */
bool npu_presence_power_cycle(struct npu_presence *p);

#endif /* NPU_PRESENCE_H */

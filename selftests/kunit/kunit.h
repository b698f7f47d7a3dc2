/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ASCEND_VFIO_KUNIT_H
#define ASCEND_VFIO_KUNIT_H

#include <kunit/test.h>
#include <linux/prandom.h>

#include "ascend.h"

/* Cases of each random test. */
#define ASCEND_RANDOM_CASES	100000
/* Bytes of a BAR that registers are put in */
#define ASCEND_RANDOM_SPACE	256U

extern struct kunit_case ascend_oracle_cases[];
extern struct kunit_case ascend_edge_cases[];
extern struct kunit_case ascend_layout_cases[];
extern struct kunit_case ascend_rules_cases[];

/* Seeds from the module parameter, or anew, and says with what. */
void ascend_seed(struct kunit *test, struct rnd_state *rnd);

/* 0 to below - 1; below is not 0. */
u32 ascend_random(struct rnd_state *rnd, u32 below);

/* Up to four registers of 4 bytes in BAR 2, as a chip has them; rules in BARs 0, 2 and 4. */
void ascend_random_own(struct rnd_state *rnd, struct ascend_regs *own);
void ascend_random_rules(struct rnd_state *rnd, struct ascend_rules *rules);

#endif /* ASCEND_VFIO_KUNIT_H */

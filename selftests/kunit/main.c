// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of what ascend_vfio_pci does without touching a device, which is
 * compiled in here: the tables, the choice of a layout, ranges and areas.
 */

#include <linux/module.h>
#include <linux/random.h>

#include "kunit.h"

#include "models.c"
#include "select.c"
#include "params.c"
#include "traps.c"
#include "areas.c"
#include "rules.c"

static unsigned long seed;
module_param(seed, ulong, 0444);
MODULE_PARM_DESC(seed, "Seed of the random tests, to repeat a failure (default: a new one)");

void ascend_seed(struct kunit *test, struct rnd_state *rnd)
{
	u64 use = seed ? seed : get_random_u32();

	kunit_info(test, "seed=%llu\n", use);
	prandom_seed_state(rnd, use);
}

u32 ascend_random(struct rnd_state *rnd, u32 below)
{
	return prandom_u32_state(rnd) % below;
}

static struct kunit_suite ascend_oracle_suite = {
	.name = "ascend_vfio_oracle",
	.test_cases = ascend_oracle_cases,
};

static struct kunit_suite ascend_edge_suite = {
	.name = "ascend_vfio_edges",
	.test_cases = ascend_edge_cases,
};

static struct kunit_suite ascend_rules_suite = {
	.name = "ascend_vfio_rules",
	.test_cases = ascend_rules_cases,
};

static struct kunit_suite ascend_layout_suite = {
	.name = "ascend_vfio_layouts",
	.test_cases = ascend_layout_cases,
};

kunit_test_suites(&ascend_oracle_suite, &ascend_edge_suite, &ascend_layout_suite,
		  &ascend_rules_suite);

MODULE_DESCRIPTION("KUnit tests of ascend_vfio_pci");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0-only
/* What speed_test prints: for bench.sh, and TAP. */
#include <stdio.h>

#include "insns.h"
#include "kselftest.h"
#include "speed.h"

/* A row passes if its ratio is not over its goal by more */
#define MARGIN		0.02
/* What differs by more is said not to repeat */
#define REPEATS		0.005

static double difference(const double *passes)
{
	double of = passes[0] / passes[1] - 1;

	return of < 0 ? -of : of;
}

void report_begin(unsigned int nr)
{
	ksft_set_plan(nr);
}

void report_end(void)
{
	ksft_finished();
}

void report(const struct row *row, double of[NR_SUBJECTS][PASSES])
{
	double *plain = of[PLAIN_ONE], *guarded = of[GUARDED_ONE];
	double ratio = insns_least(guarded, PASSES) / insns_least(plain, PASSES);
	bool repeats = difference(plain) <= REPEATS && difference(guarded) <= REPEATS;

	if (!plain[0]) {
		ksft_test_result_skip("%s: this chip has no such place\n", row->name);
		return;
	}
	printf("# speed: row=%s " PLAIN "=%.0f " GUARDED "=%.0f ratio=%.3f goal=%.3f repeats=%s text=%s\n",
	       row->name, insns_least(plain, PASSES), insns_least(guarded, PASSES), ratio,
	       row->goal, repeats ? "yes" : "no", row->text);
	if (!repeats)
		printf("# %s: " PLAIN " %.0f, then %.0f; " GUARDED " %.0f, then %.0f\n", row->name,
		       plain[0], plain[1], guarded[0], guarded[1]);
	ksft_test_result(ratio <= row->goal + MARGIN, "%s: %.3f of what " PLAIN " takes, goal %.2f\n",
			 row->name, ratio, row->goal);
}

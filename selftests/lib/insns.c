// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/perf_event.h>

#include "insns.h"

#define CALIBRATIONS	31

static int counter = -1;
static double overhead;

static __u64 count_now(void)
{
	__u64 count;

	return read(counter, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

double insns_least(const double *numbers, unsigned int nr)
{
	double least = numbers[0];

	for (unsigned int i = 1; i < nr; i++)
		if (numbers[i] < least)
			least = numbers[i];
	return least;
}

static int compare(const void *a, const void *b)
{
	double first = *(const double *)a, second = *(const double *)b;

	return (first > second) - (first < second);
}

double insns_middle(double *numbers, unsigned int nr)
{
	qsort(numbers, nr, sizeof(*numbers), compare);
	return numbers[nr / 2];
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

int insns_open(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE, .size = sizeof(attr),
		.config = PERF_COUNT_HW_INSTRUCTIONS, .pinned = 1,
	};
	double empty[CALIBRATIONS];

	counter = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (counter < 0)
		return -errno;
	overhead = 0;
	for (unsigned int i = 0; i < CALIBRATIONS; i++)
		empty[i] = insns_of(nothing, NULL, 1);
	overhead = insns_least(empty, CALIBRATIONS);
	/* A counter that stands still counts nothing */
	return overhead > 0 ? 0 : -ENODATA;
}

double insns_of(int (*op)(void *arg), void *arg, unsigned int calls)
{
	__u64 before = count_now();
	int err = 0;

	for (unsigned int i = 0; !err && i < calls; i++)
		err = op(arg);
	return err ? err : ((double)(count_now() - before) - overhead) / calls;
}

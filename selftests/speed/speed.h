/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of speed_test share. */
#ifndef SELFTESTS_SPEED_H
#define SELFTESTS_SPEED_H

#include <stdbool.h>
#include <linux/types.h>

#include "npu.h"

/* Each driver is measured twice, bound anew */
#define PASSES		2

enum place {
	CONFIG,			/* configuration space */
	OTHER_BAR,		/* a BAR without registers */
	GUARDED_BAR,		/* one with registers, but not in their page */
	BESIDE,			/* in their page, before the first */
	BETWEEN,		/* in their page, between two */
	XLOADER,
	FEATURE,
};

/**
 * struct subject - the device in the hands of one driver
 * @driver: its name
 * @npu: the device, open
 * @region: region that the row is about
 * @offset: place in it
 */
struct subject {
	const char	*driver;
	struct npu	npu;
	unsigned int	region;
	__u64		offset;
};

enum { PLAIN_ONE, GUARDED_ONE, NR_SUBJECTS };

/**
 * struct row - a row of the table
 * @name: for the command line
 * @text: for people
 * @goal: the most that ascend_vfio_pci may take, in vfio-pci's instructions
 * @place: where
 * @op: what is done there, called many times on an open device, its instructions counted
 * @prepare: undoes @op before each sample, which then is of one call; NULL if that is
 *	not needed
 * @count: instead of @op, something else to count: a number or a negative errno
 */
struct row {
	const char	*name;
	const char	*text;
	double		goal;
	enum place	place;
	int		(*op)(void *subject);
	int		(*prepare)(void *subject);
	long		(*count)(struct subject *s);
};

/* places.c: where @place is. False: this chip has no such place */
bool find_place(enum place place, struct subject *s);

/* operations.c: of a struct subject; 0 or a negative errno */
int do_read(void *subject);
int do_write(void *subject);
int do_region_info(void *subject);
int do_open(void *subject);
int do_close(void *subject);
int do_bind(void *subject);
int do_unbind(void *subject);
int is_open(void *subject);
int not_open(void *subject);
int is_bound(void *subject);
int not_bound(void *subject);

/* mappings.c: entries of page tables until all that can be mapped was read */
long count_faults(struct subject *s);	/* of a BAR, in the host's */
long count_stage2(struct subject *s);	/* of all BARs, at stage 2 */

/* trapped.c: instructions of a guest's access, where it is mapped, trapped, a register */
long count_mapped_loads(struct subject *s);
long count_mapped_stores(struct subject *s);
long count_trapped_loads(struct subject *s);
long count_trapped_stores(struct subject *s);
long count_register_loads(struct subject *s);

/*
 * report.c: print how many rows there will be; a row, and its result; and end by what came of
 * all. kselftest.h counts in each file by itself, so all that counts is in one.
 */
void report_begin(unsigned int nr);
void report_end(void);
void report(const struct row *row, double of[NR_SUBJECTS][PASSES]);

#endif /* SELFTESTS_SPEED_H */

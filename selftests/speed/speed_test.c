// SPDX-License-Identifier: GPL-2.0-only
/*
 * What guarding costs: instructions by ascend_vfio_pci and by vfio-pci, for the same
 * operations in one run. Ratios, since an instruction is not a time; and of a
 * device that answers at once, since what it takes to answer is in no count of
 * instructions.
 *
 *     speed_test [--beside] [ROW...] [0000:03:00.0]
 *
 * Without a ROW all are measured; with --beside, while the scene's other NPUs are in the same
 * driver's hands, and open. The kernel's log is kept off the console meanwhile: what
 * a character on it costs is the console's, and vfio-pci, which says nothing when it is
 * bound, has none. Not written with the harness: a row needs both drivers, and all rows share
 * how they are bound.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>

#include "insns.h"
#include "kselftest.h"
#include "region.h"
#include "speed.h"

/* Calls in a row for one sample, where one alone would be lost in what the counter costs */
#define CALLS		100
/* A timer's interrupt falls into few of them; the one with the fewest instructions counts */
#define SAMPLES		15
/*
 * Of one call each. Some find memory that an earlier one gave back or wait in a cheaper way,
 * and the least is one of them or not: what counts is the one in the middle.
 */
#define SINGLES		31
/* syslog(2): set the console's level */
#define CONSOLE_LEVEL	8
#define ERRORS_ONLY	4
#define MAX_OTHERS	16

/*
 * bind and unbind come last: they need the device closed, everything else has it open. The
 * faults are those of 256 blocks of 2 MiB, one of which is in pages but for the registers'.
 */
static const struct row rows[] = {
	{ "read-other", "read of 4 bytes, a BAR without registers", 1.02, OTHER_BAR,
	  .op = do_read },
	{ "write-other", "write of 4 bytes, a BAR without registers", 1.02, OTHER_BAR,
	  .op = do_write },
	{ "read-guarded", "read, a BAR with registers, another page", 1.02, GUARDED_BAR,
	  .op = do_read },
	{ "write-guarded", "write, a BAR with registers, another page", 1.02, GUARDED_BAR,
	  .op = do_write },
	{ "read-beside", "read, the page of the registers", 1.02, BESIDE, .op = do_read },
	{ "read-between", "read, between two registers", 1.02, BETWEEN, .op = do_read },
	{ "read-config", "read of configuration space", 1.02, CONFIG, .op = do_read },
	{ "read-xloader", "read of xloader", 1.03, XLOADER, .op = do_read },
	{ "read-feature", "read of feature", 1.03, FEATURE, .op = do_read },
	{ "write-xloader", "write of xloader, dropped", 1.05, XLOADER, .op = do_write },
	{ "write-feature", "write of feature, dropped", 1.05, FEATURE, .op = do_write },
	{ "info-other", "region info, a BAR without registers", 1.03, OTHER_BAR,
	  .op = do_region_info },
	{ "info-guarded", "region info, a BAR with registers", 1.60, GUARDED_BAR,
	  .op = do_region_info },
	{ "faults-other", "host's faults, a BAR without registers", 1.00, OTHER_BAR,
	  .count = count_faults },
	{ "faults-guarded", "host's faults, a BAR with registers", 766 / 256.0, GUARDED_BAR,
	  .count = count_faults },
	{ "stage2", "entries at stage 2, all BARs", 1.20, CONFIG, .count = count_stage2 },
	{ "guest-load", "guest's load, a page that is mapped", 1.00, GUARDED_BAR,
	  .count = count_mapped_loads },
	{ "guest-store", "guest's store, a page that is mapped", 1.00, GUARDED_BAR,
	  .count = count_mapped_stores },
	{ "trapped-load", "guest's load, the page of the registers", 1.02, BESIDE,
	  .count = count_trapped_loads },
	{ "trapped-store", "guest's store, the page of the registers", 1.02, BESIDE,
	  .count = count_trapped_stores },
	{ "register-load", "guest's load of feature (vfio-pci: its VMM answers)", 1.30, FEATURE,
	  .count = count_register_loads },
	{ "open", "open the device", 1.03, CONFIG, .op = do_open, .prepare = not_open },
	{ "close", "close the device", 1.03, CONFIG, .op = do_close, .prepare = is_open },
	{ "unbind", "unbind the driver", 1.06, CONFIG, .op = do_unbind, .prepare = is_bound },
	{ "bind", "bind the driver", 1.17, CONFIG, .op = do_bind, .prepare = not_bound },
};

#define NR_ROWS	ARRAY_SIZE(rows)

/* --- the console ---------------------------------------------------------------------- */

static int console_level;

static void restore_console(void)
{
	klogctl(CONSOLE_LEVEL, NULL, console_level);
}

static void quiet_console(void)
{
	char text[64];

	if (sysfs_read("/proc/sys/kernel/printk", text, sizeof(text)) < 0)
		return;
	console_level = (int)strtol(text, NULL, 10);
	if (console_level > ERRORS_ONLY && !klogctl(CONSOLE_LEVEL, NULL, ERRORS_ONLY))
		atexit(restore_console);
}

/* --- the other NPUs ------------------------------------------------------------------- */

static struct npu others[MAX_OTHERS];
static unsigned int nr_others;

static void open_others(const char *driver)
{
	struct npu_id ids[MAX_OTHERS];
	unsigned int nr = npu_others(ids, MAX_OTHERS);

	for (unsigned int i = 0; i < nr; i++) {
		int err = npu_bind(ids[i].bdf, driver);

		if (!err)
			err = npu_open(&others[i], &ids[i], NPU_GROUP);
		if (err)
			ksft_exit_fail_msg("cannot open %s by %s: %s\n", ids[i].bdf, driver,
					   strerror(-err));
		nr_others = i + 1;
	}
	printf("# beside: %u other NPUs are open by %s\n", nr_others, driver);
}

static void close_others(void)
{
	while (nr_others) {
		npu_close(&others[--nr_others]);
		npu_unbind(others[nr_others].id.bdf);
	}
}

/* --- measuring ------------------------------------------------------------------------ */

struct counts {
	double of[NR_ROWS][NR_SUBJECTS][PASSES];
};

static double measure(const struct row *row, struct subject *s)
{
	unsigned int nr = row->prepare ? SINGLES : SAMPLES;
	double samples[SINGLES];

	if (row->count) {
		long number = row->count(s);

		if (number < 0)
			ksft_exit_fail_msg("%s by %s: %s\n", row->name, s->driver,
					   strerror((int)-number));
		return (double)number;
	}
	for (unsigned int i = 0; i < nr; i++) {
		int err = row->prepare ? row->prepare(s) : 0;

		samples[i] = err ? err : insns_of(row->op, s, row->prepare ? 1 : CALLS);
		if (samples[i] < 0)
			ksft_exit_fail_msg("%s by %s: %s\n", row->name, s->driver,
					   strerror((int)-samples[i]));
	}
	return row->prepare ? insns_middle(samples, nr) : insns_least(samples, nr);
}

static void measure_all(struct counts *counts, const bool *wanted, unsigned int which,
			unsigned int pass)
{
	struct subject s = { .driver = which == PLAIN_ONE ? PLAIN : GUARDED };
	int err = npu_bind(npu_dut.bdf, s.driver);

	if (!err)
		err = npu_open(&s.npu, &npu_dut, NPU_GROUP);
	if (err)
		ksft_exit_fail_msg("cannot open %s by %s: %s\n", npu_dut.bdf, s.driver,
				   strerror(-err));
	for (unsigned int i = 0; i < NR_ROWS; i++) {
		if (!wanted[i] || !find_place(rows[i].place, &s))
			continue;
		/* Once for what is made when it is first used */
		if (rows[i].op && !rows[i].prepare)
			insns_of(rows[i].op, &s, 1);
		counts->of[i][which][pass] = measure(&rows[i], &s);
		err = s.npu.iommu >= 0 ? is_open(&s) : 0;
		if (err)
			ksft_exit_fail_msg("cannot open %s after %s: %s\n", npu_dut.bdf,
					   rows[i].name, strerror(-err));
	}
	npu_close(&s.npu);
}

/* Is there such an argument? Takes it away. */
static bool take_option(int *argc, char **argv, const char *option)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], option))
			continue;
		memmove(&argv[i], &argv[i + 1], (--*argc - i) * sizeof(*argv));
		return true;
	}
	return false;
}

/* Rows that were named, out of the arguments; none named: all. */
static unsigned int choose_rows(int *argc, char **argv, bool *wanted)
{
	unsigned int nr = 0;

	for (unsigned int row = 0; row < NR_ROWS; row++) {
		wanted[row] = take_option(argc, argv, rows[row].name);
		nr += wanted[row];
	}
	for (unsigned int row = 0; !nr && row < NR_ROWS; row++)
		wanted[row] = true;
	return nr ? nr : NR_ROWS;
}

int main(int argc, char **argv)
{
	static struct counts counts;
	bool wanted[NR_ROWS], beside = take_option(&argc, argv, "--beside");
	unsigned int nr = choose_rows(&argc, argv, wanted);
	int err;

	if (argc > 1 && !strchr(argv[1], ':'))
		ksft_exit_fail_msg("unknown row '%s'\n", argv[1]);
	npu_init(&argc, &argv);
	ksft_print_header();
	if (npu_backend_missing(NPU_GROUP))
		ksft_exit_skip("%s\n", npu_backend_missing(NPU_GROUP));
	err = insns_open();
	if (err)
		ksft_exit_skip("no counter of the kernel's instructions: %s\n", strerror(-err));

	report_begin(nr);
	quiet_console();
	for (unsigned int pass = 0; pass < PASSES; pass++) {
		for (unsigned int which = 0; which < NR_SUBJECTS; which++) {
			if (beside)
				open_others(which == PLAIN_ONE ? PLAIN : GUARDED);
			measure_all(&counts, wanted, which, pass);
			if (beside)
				close_others();
		}
	}
	for (unsigned int i = 0; i < NR_ROWS; i++)
		if (wanted[i])
			report(&rows[i], counts.of[i]);
	report_end();
}

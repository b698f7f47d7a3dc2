// SPDX-License-Identifier: GPL-2.0-only
/*
 * What guarding costs: instructions by ascend_vfio_pci and by vfio-pci, for the same
 * operations in one run. Ratios, since an instruction is not a time; and of a
 * device that answers at once, since what it takes to answer is in no count of
 * instructions.
 *
 *     speed_test [ROW...] [0000:03:00.0]
 *
 * Without a ROW all are measured. A row passes if its ratio is not over its goal by more
 * than MARGIN. Not written with the harness: a row needs both drivers, and all rows share
 * how they are bound.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "insns.h"
#include "kselftest.h"
#include "npu.h"
#include "region.h"

#define MARGIN		0.02
/* Calls in a row for one sample, where one alone would be lost in what the counter costs */
#define CALLS		100
/* A timer's interrupt falls into few of them; the one with the fewest instructions counts */
#define SAMPLES		15
/* Each driver is measured twice, bound anew: what differs by more is said not to repeat */
#define PASSES		2
#define REPEATS		0.005
#define ROOM		2048	/* for region info with all capabilities */

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

static int do_read(void *arg)
{
	struct subject *s = arg;
	__u32 value;

	return npu_pread(&s->npu, s->region, &value, 4, s->offset) == 4 ? 0 : -EIO;
}

/* Of 0, which is what is there: memory of the device that nobody has written */
static int do_write(void *arg)
{
	struct subject *s = arg;
	__u32 value = 0;

	return npu_pwrite(&s->npu, s->region, &value, 4, s->offset) == 4 ? 0 : -EIO;
}

static int do_region_info(void *arg)
{
	struct subject *s = arg;
	__u64 room[ROOM / sizeof(__u64)];
	struct vfio_region_info *info = (void *)room;

	info->argsz = sizeof(room);
	info->index = s->region;
	return ioctl(s->npu.fd, VFIO_DEVICE_GET_REGION_INFO, info) ? -errno : 0;
}

static int do_open(void *arg)
{
	struct subject *s = arg;

	s->npu.fd = ioctl(s->npu.group, VFIO_GROUP_GET_DEVICE_FD, s->npu.id.bdf);
	return s->npu.fd < 0 ? -errno : 0;
}

static int do_close(void *arg)
{
	struct subject *s = arg;

	close(s->npu.fd);
	s->npu.fd = -1;
	return 0;
}

static int not_open(void *arg)
{
	struct subject *s = arg;

	return s->npu.fd < 0 ? 0 : do_close(arg);
}

static int is_open(void *arg)
{
	struct subject *s = arg;

	return s->npu.fd < 0 ? do_open(arg) : 0;
}

static int driver_file(struct subject *s, const char *file)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/%s", s->driver, file);
	return sysfs_write(path, npu_dut.bdf);
}

static int do_bind(void *arg)
{
	return driver_file(arg, "bind");
}

static int do_unbind(void *arg)
{
	return driver_file(arg, "unbind");
}

static int is_bound(void *arg)
{
	struct subject *s = arg;
	char now[64];

	npu_close(&s->npu);
	npu_driver(npu_dut.bdf, now, sizeof(now));
	return *now ? 0 : do_bind(arg);
}

static int not_bound(void *arg)
{
	int err = is_bound(arg);

	return err ? err : do_unbind(arg);
}

/* --- faults of the host --------------------------------------------------------------- */

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* The first and the last byte of every @step of [start, end), from @base on */
static void touch(const char *base, __u64 start, __u64 end, __u64 step)
{
	for (; start < end; start += step) {
		(void)*(const volatile char *)(base + start);
		(void)*(const volatile char *)(base + start + step - 1);
	}
}

/*
 * Every page, but of a block of the largest size two: they are one fault if it is mapped
 * in one piece, and two if it is not.
 */
static void touch_area(const char *base, const struct npu_range *area)
{
	__u64 block = npu_pmd_size(), page = npu_page_size();
	__u64 first = (area->start + block - 1) / block * block;
	__u64 last = area->end / block * block;

	if (first >= last) {
		first = area->end;
		last = area->end;
	}
	touch(base, area->start, first, page);
	touch(base, first, last, block);
	touch(base, last, area->end, page);
}

/* What a VMM causes that maps a BAR's areas as QEMU 11 does: at their place in one range. */
static long count_faults(struct subject *s)
{
	struct npu_region region;
	long before, err = npu_region_get(&s->npu, s->region, &region);
	__u64 room = region.size + npu_pmd_size();
	char *reserved, *base;

	if (err)
		return err;
	if (!region.nr_areas)
		region.areas[region.nr_areas++] = (struct npu_range){ 0, region.size };
	reserved = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (reserved == MAP_FAILED)
		return -errno;
	base = reserved + npu_pmd_size() - (__u64)reserved % npu_pmd_size();
	for (unsigned int i = 0; i < region.nr_areas; i++) {
		const struct npu_range *area = &region.areas[i];

		if (mmap(base + area->start, area->end - area->start, PROT_READ,
			 MAP_SHARED | MAP_FIXED, s->npu.fd,
			 npu_region_offset(s->region) + area->start) == MAP_FAILED)
			return -errno;
	}
	before = faults();
	for (unsigned int i = 0; i < region.nr_areas; i++)
		touch_area(base, &region.areas[i]);
	before = faults() - before;
	munmap(reserved, room);
	return before;
}

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
	{ "open", "open the device", 1.03, CONFIG, .op = do_open, .prepare = not_open },
	{ "close", "close the device", 1.03, CONFIG, .op = do_close, .prepare = is_open },
	{ "unbind", "unbind the driver", 1.06, CONFIG, .op = do_unbind, .prepare = is_bound },
	{ "bind", "bind the driver", 1.17, CONFIG, .op = do_bind, .prepare = not_bound },
};

#define NR_ROWS	ARRAY_SIZE(rows)

/* --- where ------------------------------------------------------------------------- */

static const struct npu_reg *find_reg(enum npu_reg_kind kind)
{
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++)
		if (npu_dut.model->regs[i].kind == kind)
			return &npu_dut.model->regs[i];
	return NULL;
}

static bool has_registers(unsigned int bar)
{
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++)
		if (npu_dut.model->regs[i].bar == bar)
			return true;
	return false;
}

static int other_bar(void)
{
	for (int bar = NPU_NR_BARS - 1; bar >= 0; bar--)
		if (npu_dut.model->bars[bar] && !has_registers(bar))
			return bar;
	return -1;
}

/* False: this chip has no such place. */
static bool find_place(enum place place, struct subject *s)
{
	const struct npu_reg *xloader = find_reg(NPU_REG_XLOADER);
	const struct npu_reg *feature = find_reg(NPU_REG_FEATURE);
	const struct npu_reg *reg = place == FEATURE ? feature : xloader;

	s->offset = 0;
	if (place == CONFIG || place == OTHER_BAR) {
		s->region = place == CONFIG ? VFIO_PCI_CONFIG_REGION_INDEX : other_bar();
		return place == CONFIG || other_bar() >= 0;
	}
	if (!reg)
		return false;
	s->region = reg->bar;
	if (place == XLOADER || place == FEATURE)
		s->offset = reg->offset;
	else if (place == BESIDE)
		s->offset = reg->offset - NPU_REG_SIZE;
	else if (place == BETWEEN && feature && feature->bar == reg->bar)
		s->offset = (reg->offset + feature->offset) / 2 & ~3ULL;
	return place != BETWEEN || s->offset;
}

/* --- measuring ------------------------------------------------------------------------ */

struct counts {
	double of[NR_ROWS][NR_SUBJECTS][PASSES];
};

static double measure(const struct row *row, struct subject *s)
{
	double samples[SAMPLES];

	if (row->count) {
		long number = row->count(s);

		if (number < 0)
			ksft_exit_fail_msg("%s by %s: %s\n", row->name, s->driver,
					   strerror((int)-number));
		return (double)number;
	}
	for (unsigned int i = 0; i < SAMPLES; i++) {
		int err = row->prepare ? row->prepare(s) : 0;

		samples[i] = err ? err : insns_of(row->op, s, row->prepare ? 1 : CALLS);
		if (samples[i] < 0)
			ksft_exit_fail_msg("%s by %s: %s\n", row->name, s->driver,
					   strerror((int)-samples[i]));
	}
	return insns_least(samples, SAMPLES);
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
		if (s.npu.iommu >= 0)
			is_open(&s);
	}
	npu_close(&s.npu);
}

/* --- the table ------------------------------------------------------------------------- */

static double difference(const double *passes)
{
	double of = passes[0] / passes[1] - 1;

	return of < 0 ? -of : of;
}

static void report(const struct row *row, double of[NR_SUBJECTS][PASSES])
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

/* Rows that were named, out of the arguments; none named: all. */
static unsigned int choose_rows(int *argc, char **argv, bool *wanted)
{
	unsigned int nr = 0;

	for (int i = 1; i < *argc; i++) {
		for (unsigned int row = 0; row < NR_ROWS; row++) {
			if (strcmp(argv[i], rows[row].name))
				continue;
			wanted[row] = true;
			nr++;
			memmove(&argv[i], &argv[i + 1], (--*argc - i) * sizeof(*argv));
			i--;
			break;
		}
	}
	for (unsigned int row = 0; !nr && row < NR_ROWS; row++)
		wanted[row] = true;
	return nr ? nr : NR_ROWS;
}

int main(int argc, char **argv)
{
	static struct counts counts;
	bool wanted[NR_ROWS] = { false };
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

	ksft_set_plan(nr);
	for (unsigned int pass = 0; pass < PASSES; pass++)
		for (unsigned int which = 0; which < NR_SUBJECTS; which++)
			measure_all(&counts, wanted, which, pass);
	for (unsigned int i = 0; i < NR_ROWS; i++)
		if (wanted[i])
			report(&rows[i], counts.of[i]);
	ksft_finished();
}

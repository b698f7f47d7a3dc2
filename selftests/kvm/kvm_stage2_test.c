// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a KVM guest may do with the NPU's BARs on this kernel.
 *
 * A small guest maps each BAR Normal-NC at stage 1 and does unaligned accesses and
 * instruction fetches. What must happen is never decided by the kernel's version:
 *
 *	ascend_vfio_pci	unaligned accesses work if and only if the kernel makes
 *			vfio-pci's mappings Normal-NC, or on one that does not (before
 *			6.9) our mapping carries VM_ALLOW_ANY_UNCACHED; with the
 *			parameter normal_nc=0 they never do. The region info must say
 *			so: VFIO_REGION_INFO_FLAG_NORMAL_NC
 *	vfio-pci	they work if and only if the mapping carries
 *			VM_ALLOW_ANY_UNCACHED
 *	sysfs		the control, mapped by the resource files: they fault
 *	RAM		they work, and code runs
 *
 * Kprobes tell which protection bits KVM chose and which MemAttr it made of them for
 * the table entry, and both must agree: not every processor shows the difference.
 * Every row of the table of behaviours is printed as "# stage2: key=value ...".
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "bench.h"
#include "region.h"

/* Opening a device resets it, and an emulated host is slow under load. */
#define TIME_LIMIT_S	120

/* What vfio-pci's mappings are on this kernel: asked once, before any test */
static bool kernel_maps_nc;

/*
 * What must happen to unaligned accesses to @m: see the top of this file. Never by what
 * the driver advertises, which is under test.
 */
static bool must_work(const struct bench *s, const struct mapping *m)
{
	if (strcmp(s->backing, GUARDED))
		return m->flagged;
	return npu_normal_nc_on() && (kernel_maps_nc || m->flagged);
}

/* Print the row, and have KVM's choice and its encoding be what @m needs. */
static void expect_row(struct __test_metadata *_metadata, struct bench *s,
		       const struct mapping *m, __u64 offset, const char *access,
		       bool after_zap, enum s2_result result)
{
	enum s2_attr attr = bench_row(s, m, offset, access, after_zap, result);

	EXPECT_EQ(must_work(s, m) ? S2_NORMAL_NC : S2_DEVICE, attr)
		TH_LOG("KVM mapped BAR%d at %#llx as %s, see memattr= in its row above",
		       m->bar, m->offset + offset, s2_attr_name(attr));
}

static void expect_unaligned(struct __test_metadata *_metadata, struct bench *s,
			     const struct mapping *m, enum s2_access access, bool after_zap)
{
	enum s2_result result = s2_try(&s->vm, m, 0, access);
	bool work = must_work(s, m);

	expect_row(_metadata, s, m, 0, s2_access_name(access), after_zap, result);
	EXPECT_EQ(work ? S2_WORKS : S2_FAULTS, result)
		TH_LOG("unaligned %s to BAR%d at %#llx through %s: expected it to %s",
		       s2_access_name(access), m->bar, m->offset, s->backing,
		       work ? "work" : "fault");
}

FIXTURE(stage2) {
	struct bench s;
};

FIXTURE_VARIANT(stage2) {
	const char *backing;
	const char *driver;
	enum npu_backend backend;
};

FIXTURE_VARIANT_ADD(stage2, sysfs) { .backing = "sysfs", .driver = NULL };
FIXTURE_VARIANT_ADD(stage2, vfio_pci) { .backing = PLAIN, .driver = PLAIN };
FIXTURE_VARIANT_ADD(stage2, ascend_vfio_pci) { .backing = GUARDED, .driver = GUARDED };
FIXTURE_VARIANT_ADD(stage2, iommufd)
{
	.backing = GUARDED, .driver = GUARDED, .backend = NPU_CDEV,
};

FIXTURE_SETUP(stage2)
{
	bench_init(&self->s, variant->backing, variant->backend);
	ASSERT_EQ(0, bench_set_up(&self->s, variant->driver));
}

FIXTURE_TEARDOWN(stage2)
{
	bench_unmap(&self->s, variant->driver);
	s2trace_close(&self->s.trace);
}

/* What is promised is what the guest gets, in every area. */
TEST_F_TIMEOUT(stage2, unaligned, TIME_LIMIT_S)
{
	struct bench *s = &self->s;
	bool guarded = !strcmp(s->backing, GUARDED);
	unsigned int i;

	for (i = 0; i < s->mappings.count; i++) {
		const struct mapping *m = &s->mappings.list[i];

		EXPECT_EQ(guarded && must_work(s, m), m->advertised);
		EXPECT_TRUE(variant->driver || !m->flagged);
		expect_unaligned(_metadata, s, m, S2_STORE, false);
		expect_unaligned(_metadata, s, m, S2_LOAD, false);
	}
}

/* Neither kind of mapping may give a guest code that a device can change. */
TEST_F_TIMEOUT(stage2, fetch_refused, TIME_LIMIT_S)
{
	struct bench *s = &self->s;
	unsigned int i;

	for (i = 0; i < s->mappings.count; i++) {
		const struct mapping *m = &s->mappings.list[i];
		enum s2_result result = s2_try(&s->vm, m, 0, S2_FETCH);

		expect_row(_metadata, s, m, 0, s2_access_name(S2_FETCH), false, result);
		EXPECT_EQ(S2_REFUSED, result);
	}
}

FIXTURE(zapped) {
	struct bench s;
};

FIXTURE_VARIANT(zapped) {
	const char *driver;
	enum npu_backend backend;
};

FIXTURE_VARIANT_ADD(zapped, vfio_pci) { .driver = PLAIN };
FIXTURE_VARIANT_ADD(zapped, ascend_vfio_pci) { .driver = GUARDED };
FIXTURE_VARIANT_ADD(zapped, iommufd) { .driver = GUARDED, .backend = NPU_CDEV };

FIXTURE_SETUP(zapped)
{
	bench_init(&self->s, variant->driver, variant->backend);
	ASSERT_EQ(0, bench_set_up(&self->s, variant->driver));
}

FIXTURE_TEARDOWN(zapped)
{
	bench_unmap(&self->s, variant->driver);
	s2trace_close(&self->s.trace);
}

/* Memory disabled takes the mappings away; enabled, they come back as they were. */
TEST_F_TIMEOUT(zapped, comes_back_the_same, TIME_LIMIT_S)
{
	struct bench *s = &self->s;
	unsigned int i;

	for (i = 0; i < s->mappings.count; i++) {
		const struct mapping *m = &s->mappings.list[i];
		struct vm_answer gone;
		struct s2_map map;

		expect_unaligned(_metadata, s, m, S2_STORE, false);

		ASSERT_EQ(0, s2trace_clear(&s->trace));
		ASSERT_EQ(0, npu_command(&s->npu, 0, PCI_COMMAND_MEMORY));
		gone = s2_touch(&s->vm, m, 0);
		ASSERT_EQ(0, npu_command(&s->npu, PCI_COMMAND_MEMORY, 0));
		EXPECT_EQ(VM_FAILED, gone.end);
		EXPECT_EQ(EFAULT, gone.error);
		EXPECT_EQ(0, s2trace_find(&s->trace, m->gpa, &map))
			TH_LOG("BAR%d was mapped at stage 2 with memory disabled", m->bar);

		expect_unaligned(_metadata, s, m, S2_STORE, true);
	}
}

FIXTURE(ram) {
	struct bench s;
};

FIXTURE_SETUP(ram)
{
	bench_init(&self->s, "ram", NPU_GROUP);
	ASSERT_EQ(0, bench_learn(&self->s));
	ASSERT_EQ(0, mappings_ram(&self->s.mappings));
	ASSERT_EQ(0, bench_start_vm(&self->s));
}

FIXTURE_TEARDOWN(ram)
{
	vm_destroy(&self->s.vm);
	mappings_unmap(&self->s.mappings);
	s2trace_close(&self->s.trace);
}

/* What the other tests take for granted: all of it works where it should. */
TEST_F_TIMEOUT(ram, stays_cached_and_executable, TIME_LIMIT_S)
{
	static const enum s2_result expected[] = {
		[S2_STORE] = S2_WORKS, [S2_LOAD] = S2_WORKS, [S2_FETCH] = S2_EXECUTED,
	};
	struct bench *s = &self->s;
	const struct mapping *m = &s->mappings.list[0];
	enum s2_access access;

	for (access = S2_STORE; access <= S2_FETCH; access++) {
		enum s2_result result = s2_try(&s->vm, m, 0, access);

		EXPECT_EQ(S2_CACHED, bench_row(s, m, 0, s2_access_name(access), false, result));
		EXPECT_EQ(expected[access], result);
	}
}

/**
 * struct seen - what one driver's mappings of a BAR gave
 * @block: size of the stage-2 mapping KVM made where a whole block fits
 * @flagged: the mapping carries VM_ALLOW_ANY_UNCACHED
 */
struct seen {
	__u64 block;
	bool flagged;
};

FIXTURE(compared) {
	struct bench s;
	struct seen plain[NPU_NR_BARS];
};

static __u64 block_at(struct __test_metadata *_metadata, struct bench *s,
		      const struct mapping *m, __s64 offset)
{
	struct vm_answer a = s2_touch(&s->vm, m, offset);
	struct s2_map map = { 0 };

	EXPECT_EQ(VM_DONE, a.end);
	expect_row(_metadata, s, m, offset, "aligned-store", false,
		   a.end == VM_DONE ? S2_WORKS : S2_BROKEN);
	EXPECT_EQ(1, s2trace_find(&s->trace, m->gpa + offset, &map));
	return map.size;
}

/* The control: what this kernel does for a whole BAR, mapped by plain vfio-pci. */
FIXTURE_SETUP(compared)
{
	struct bench *s = &self->s;
	unsigned int i;

	bench_init(s, PLAIN, NPU_GROUP);
	ASSERT_EQ(0, bench_set_up(s, PLAIN));
	for (i = 0; i < s->mappings.count; i++) {
		const struct mapping *m = &s->mappings.list[i];
		__s64 offset = mapping_block(m, npu_pmd_size());

		self->plain[m->bar].flagged = m->flagged;
		if (offset >= 0)
			self->plain[m->bar].block = block_at(_metadata, s, m, offset);
	}
	bench_unmap(s, PLAIN);

	s->backing = GUARDED;
	ASSERT_EQ(0, bench_map(s, GUARDED));
	ASSERT_EQ(0, bench_start_vm(s));
}

FIXTURE_TEARDOWN(compared)
{
	bench_unmap(&self->s, GUARDED);
	s2trace_close(&self->s.trace);
}

/*
 * Cutting the register pages out of a BAR costs no large mapping elsewhere, and where
 * the kernel makes vfio-pci's mappings Normal-NC ours say so, unless told not to.
 */
TEST_F_TIMEOUT(compared, as_good_as_vfio_pci, TIME_LIMIT_S)
{
	struct bench *s = &self->s;
	bool on = npu_normal_nc_on();
	unsigned int i, compared = 0;

	for (i = 0; i < s->mappings.count; i++) {
		const struct mapping *m = &s->mappings.list[i];
		const struct seen *plain = &self->plain[m->bar];
		__s64 offset = mapping_block(m, npu_pmd_size());

		EXPECT_TRUE(on || !m->advertised);
		EXPECT_TRUE(!on || !plain->flagged || m->advertised);
		if (offset < 0)
			continue;
		compared++;
		EXPECT_EQ(plain->block, block_at(_metadata, s, m, offset))
			TH_LOG("BAR%d at %#llx: mapped in smaller pieces than by vfio-pci",
			       m->bar, m->offset + offset);
	}
	EXPECT_GT(compared, 0);
}

int main(int argc, char **argv)
{
	int ret;

	npu_init(&argc, &argv);
	ret = npu_ask_kernel(&npu_dut);
	if (ret < 0)
		ksft_exit_fail_msg("what vfio-pci's mappings are: %s\n", strerror(-ret));
	kernel_maps_nc = ret;
	return test_harness_run(argc, argv);
}

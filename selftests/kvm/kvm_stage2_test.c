// SPDX-License-Identifier: GPL-2.0
/*
 * What a KVM guest may do with the NPU's BARs on this kernel.
 *
 * A small guest maps each BAR Normal-NC at stage 1 and does unaligned accesses and
 * instruction fetches. What must happen is never decided by the kernel's version:
 *
 *	ascend_vfio_pci	unaligned accesses work if and only if the region info
 *			carries VFIO_REGION_INFO_FLAG_NORMAL_NC
 *	vfio-pci	they work if and only if the mapping carries
 *			VM_ALLOW_ANY_UNCACHED
 *	sysfs		the control, mapped by the resource files: they fault
 *	RAM		they work, and code runs
 *
 * A kprobe tells which protection bits KVM chose, and they must agree. Every row of
 * the table of behaviours is printed as "# stage2: key=value ...".
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "region.h"
#include "stage2.h"

struct stage2 {
	const char *backing;
	struct npu npu;
	struct windows windows;
	struct s2trace trace;
	struct s2_bits bits;
	struct vm vm;
};

static int enable_without_driver(const char *bdf, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/enable", bdf);
	return sysfs_write(path, value);
}

/* Learning needs the device without a driver, everything else comes after. */
static int learn(struct stage2 *s)
{
	int err = s2trace_open(&s->trace);

	if (!err)
		err = npu_unbind(npu_dut.bdf);
	if (!err)
		err = enable_without_driver(npu_dut.bdf, "1");
	if (err)
		return err;
	err = s2_learn(&s->bits, &s->trace, npu_dut.bdf);
	enable_without_driver(npu_dut.bdf, "0");
	return err;
}

/* Bind to @driver, or to none when it is NULL, and map what can be mapped. */
static int map_bars(struct stage2 *s, const char *driver)
{
	int err;

	s->npu.fd = -1;
	if (!driver) {
		err = enable_without_driver(npu_dut.bdf, "1");
		return err ? err : windows_sysfs(&s->windows, npu_dut.bdf);
	}
	err = npu_bind(npu_dut.bdf, driver);
	if (!err)
		err = npu_open(&s->npu, &npu_dut, NPU_GROUP);
	return err ? err : windows_vfio(&s->windows, &s->npu);
}

static int start_vm(struct stage2 *s)
{
	unsigned int i;
	int err = vm_create(&s->vm);

	for (i = 0; !err && i < s->windows.count; i++)
		err = vm_add_memory(&s->vm, s->windows.list[i].gpa, s->windows.list[i].hva,
				    s->windows.list[i].size);
	return err ? err : s2trace_clear(&s->trace);
}

static int set_up(struct stage2 *s, const char *driver)
{
	int err = learn(s);

	if (!err)
		err = map_bars(s, driver);
	if (!err && !s->windows.count) {
		printf("# stage2: %s lets nothing of %s be mapped\n", s->backing, npu_dut.bdf);
		err = -ENXIO;
	}
	return err ? err : start_vm(s);
}

static void unmap_bars(struct stage2 *s, const char *driver)
{
	vm_destroy(&s->vm);
	windows_unmap(&s->windows);
	if (!driver)
		enable_without_driver(npu_dut.bdf, "0");
	else if (s->npu.fd >= 0)
		npu_close(&s->npu);
	s->npu.fd = -1;
}

/* The module's parameter; the driver is loaded, or the device would not be bound. */
static bool normal_nc_on(void)
{
	char value[8];

	return sysfs_read("/sys/module/" GUARDED "/parameters/normal_nc", value,
			  sizeof(value)) > 0 && value[0] == 'Y';
}

/* The row of the table. Prints, and says how KVM mapped the place. */
static enum s2_attr row(struct stage2 *s, const struct window *w, __u64 offset,
			const char *access, bool after_zap, enum s2_result result)
{
	struct s2_map map;
	int found = s2trace_find(&s->trace, w->gpa + offset, &map);
	enum s2_attr attr = found == 1 ? s2_attr_of(&s->bits, map.prot) : S2_UNKNOWN;
	bool off = !strcmp(s->backing, GUARDED) && !normal_nc_on();

	printf("# stage2: %s backing=%s%s bar=%d area=%#llx+%#llx at=%#llx", s2_host(),
	       s->backing, off ? ",normal_nc=0" : "", w->bar, w->offset, w->size,
	       w->offset + offset);
	printf(" access=%s after-zap=%s result=%s", access, after_zap ? "yes" : "no",
	       s2_result_name(result));
	if (found == 1)
		printf(" prot=%#llx attr=%s block=%#llx\n", map.prot, s2_attr_name(attr), map.size);
	else
		printf(" prot=none attr=none block=none\n");
	return attr;
}

/* What must happen to unaligned accesses to @w: see the top of this file. */
static bool must_work(const struct stage2 *s, const struct window *w)
{
	return strcmp(s->backing, GUARDED) ? w->flagged : w->advertised;
}

static void expect_unaligned(struct __test_metadata *_metadata, struct stage2 *s,
			     const struct window *w, enum s2_access access, bool after_zap)
{
	enum s2_result result = s2_try(&s->vm, w, 0, access);
	enum s2_attr attr = row(s, w, 0, s2_access_name(access), after_zap, result);
	bool work = must_work(s, w);

	EXPECT_EQ(work ? S2_WORKS : S2_FAULTS, result)
		TH_LOG("unaligned %s to BAR%d at %#llx through %s: expected it to %s",
		       s2_access_name(access), w->bar, w->offset, s->backing,
		       work ? "work" : "fault");
	EXPECT_EQ(work ? S2_NORMAL_NC : S2_DEVICE, attr)
		TH_LOG("KVM mapped BAR%d at %#llx as %s", w->bar, w->offset,
		       s2_attr_name(attr));
}

FIXTURE(stage2) {
	struct stage2 s;
};

FIXTURE_VARIANT(stage2) {
	const char *backing;
	const char *driver;
};

FIXTURE_VARIANT_ADD(stage2, sysfs) { .backing = "sysfs", .driver = NULL };
FIXTURE_VARIANT_ADD(stage2, vfio_pci) { .backing = PLAIN, .driver = PLAIN };
FIXTURE_VARIANT_ADD(stage2, ascend_vfio_pci) { .backing = GUARDED, .driver = GUARDED };

FIXTURE_SETUP(stage2)
{
	self->s = (struct stage2){ .backing = variant->backing, .npu.fd = -1 };
	ASSERT_EQ(0, set_up(&self->s, variant->driver));
}

FIXTURE_TEARDOWN(stage2)
{
	unmap_bars(&self->s, variant->driver);
	s2trace_close(&self->s.trace);
}

/* What is promised is what the guest gets, in every area. */
TEST_F(stage2, unaligned)
{
	struct stage2 *s = &self->s;
	bool guarded = !strcmp(s->backing, GUARDED);
	unsigned int i;

	for (i = 0; i < s->windows.count; i++) {
		const struct window *w = &s->windows.list[i];

		EXPECT_EQ(guarded && w->flagged, w->advertised);
		EXPECT_TRUE(variant->driver || !w->flagged);
		expect_unaligned(_metadata, s, w, S2_STORE, false);
		expect_unaligned(_metadata, s, w, S2_LOAD, false);
	}
}

/* Neither kind of mapping may give a guest code that a device can change. */
TEST_F(stage2, fetch_refused)
{
	struct stage2 *s = &self->s;
	unsigned int i;

	for (i = 0; i < s->windows.count; i++) {
		const struct window *w = &s->windows.list[i];
		enum s2_result result = s2_try(&s->vm, w, 0, S2_FETCH);

		row(s, w, 0, s2_access_name(S2_FETCH), false, result);
		EXPECT_EQ(S2_REFUSED, result);
	}
}

FIXTURE(zapped) {
	struct stage2 s;
};

FIXTURE_VARIANT(zapped) {
	const char *driver;
};

FIXTURE_VARIANT_ADD(zapped, vfio_pci) { .driver = PLAIN };
FIXTURE_VARIANT_ADD(zapped, ascend_vfio_pci) { .driver = GUARDED };

FIXTURE_SETUP(zapped)
{
	self->s = (struct stage2){ .backing = variant->driver, .npu.fd = -1 };
	ASSERT_EQ(0, set_up(&self->s, variant->driver));
}

FIXTURE_TEARDOWN(zapped)
{
	unmap_bars(&self->s, variant->driver);
	s2trace_close(&self->s.trace);
}

/* Memory disabled takes the mappings away; enabled, they come back as they were. */
TEST_F(zapped, comes_back_the_same)
{
	struct stage2 *s = &self->s;
	unsigned int i;

	for (i = 0; i < s->windows.count; i++) {
		const struct window *w = &s->windows.list[i];
		struct vm_answer gone;
		struct s2_map map;

		expect_unaligned(_metadata, s, w, S2_STORE, false);

		ASSERT_EQ(0, s2trace_clear(&s->trace));
		ASSERT_EQ(0, npu_command(&s->npu, 0, PCI_COMMAND_MEMORY));
		gone = s2_touch(&s->vm, w, 0);
		ASSERT_EQ(0, npu_command(&s->npu, PCI_COMMAND_MEMORY, 0));
		EXPECT_EQ(VM_FAILED, gone.end);
		EXPECT_EQ(EFAULT, gone.error);
		EXPECT_EQ(0, s2trace_find(&s->trace, w->gpa, &map))
			TH_LOG("BAR%d was mapped at stage 2 with memory disabled", w->bar);

		expect_unaligned(_metadata, s, w, S2_STORE, true);
	}
}

FIXTURE(ram) {
	struct stage2 s;
};

FIXTURE_SETUP(ram)
{
	self->s = (struct stage2){ .backing = "ram", .npu.fd = -1 };
	ASSERT_EQ(0, learn(&self->s));
	ASSERT_EQ(0, windows_ram(&self->s.windows));
	ASSERT_EQ(0, start_vm(&self->s));
}

FIXTURE_TEARDOWN(ram)
{
	vm_destroy(&self->s.vm);
	windows_unmap(&self->s.windows);
	s2trace_close(&self->s.trace);
}

/* What the other tests take for granted: all of it works where it should. */
TEST_F(ram, stays_cached_and_executable)
{
	static const enum s2_result expected[] = {
		[S2_STORE] = S2_WORKS, [S2_LOAD] = S2_WORKS, [S2_FETCH] = S2_EXECUTED,
	};
	struct stage2 *s = &self->s;
	const struct window *w = &s->windows.list[0];
	enum s2_access access;

	for (access = S2_STORE; access <= S2_FETCH; access++) {
		enum s2_result result = s2_try(&s->vm, w, 0, access);

		EXPECT_EQ(S2_CACHED, row(s, w, 0, s2_access_name(access), false, result));
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
	struct stage2 s;
	struct seen plain[6];
};

static __u64 block_at(struct __test_metadata *_metadata, struct stage2 *s,
		      const struct window *w, __s64 offset)
{
	struct vm_answer a = s2_touch(&s->vm, w, offset);
	struct s2_map map = { 0 };

	EXPECT_EQ(VM_DONE, a.end);
	row(s, w, offset, "aligned-store", false, a.end == VM_DONE ? S2_WORKS : S2_BROKEN);
	EXPECT_EQ(1, s2trace_find(&s->trace, w->gpa + offset, &map));
	return map.size;
}

/* The control: what this kernel does for a whole BAR, mapped by plain vfio-pci. */
FIXTURE_SETUP(compared)
{
	struct stage2 *s = &self->s;
	unsigned int i;

	*s = (struct stage2){ .backing = PLAIN, .npu.fd = -1 };
	ASSERT_EQ(0, set_up(s, PLAIN));
	for (i = 0; i < s->windows.count; i++) {
		const struct window *w = &s->windows.list[i];
		__s64 offset = window_block(w, npu_pmd_size());

		self->plain[w->bar].flagged = w->flagged;
		if (offset >= 0)
			self->plain[w->bar].block = block_at(_metadata, s, w, offset);
	}
	unmap_bars(s, PLAIN);

	s->backing = GUARDED;
	ASSERT_EQ(0, map_bars(s, GUARDED));
	ASSERT_EQ(0, start_vm(s));
}

FIXTURE_TEARDOWN(compared)
{
	unmap_bars(&self->s, GUARDED);
	s2trace_close(&self->s.trace);
}

/*
 * Cutting the register pages out of a BAR costs no large mapping elsewhere, and where
 * the kernel makes vfio-pci's mappings Normal-NC ours say so, unless told not to.
 */
TEST_F(compared, as_good_as_vfio_pci)
{
	struct stage2 *s = &self->s;
	bool on = normal_nc_on();
	unsigned int i, compared = 0;

	for (i = 0; i < s->windows.count; i++) {
		const struct window *w = &s->windows.list[i];
		const struct seen *plain = &self->plain[w->bar];
		__s64 offset = window_block(w, npu_pmd_size());

		EXPECT_TRUE(on || !w->advertised);
		EXPECT_TRUE(!on || !plain->flagged || w->advertised);
		if (offset < 0)
			continue;
		compared++;
		EXPECT_EQ(plain->block, block_at(_metadata, s, w, offset))
			TH_LOG("BAR%d at %#llx: mapped in smaller pieces than by vfio-pci",
			       w->bar, w->offset + offset);
	}
	EXPECT_GT(compared, 0);
}

int main(int argc, char **argv)
{
	npu_init(&argc, argv);
	return test_harness_run(argc, argv);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest's load or store costs, counted in the guest, KVM and a VMM that does no more
 * than it must: in a page that is mapped; in the page of the registers, which no VMM can map
 * of ours, nor does one that guards them itself (the vendor's QEMU lays memory of its own over
 * a register, and KVM gives guests whole pages); and of a register.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "insns.h"
#include "region.h"
#include "speed.h"

#ifdef __aarch64__
#include "guest.h"
#include "vm.h"

/* A command costs something, too: it is not in the difference of these. */
#define FEW		20
#define MANY		120
#define SAMPLES		5
/* Nothing is behind it: an access there goes to the VMM. */
#define GUEST_TRAPPED_AT	(GUEST_MAPPINGS + 0x40000000ULL)

/**
 * struct accesses - what a guest is to do
 * @vm: the guest
 * @s: the device
 * @command: GUEST_LOADS or GUEST_STORES
 * @gpa: where
 * @times: how often
 */
struct accesses {
	struct vm	vm;
	struct subject	*s;
	__u64		command;
	__u64		gpa;
	__u64		times;
};

/* The device answers, as for all that a VMM does not know better. */
static int ask_device(void *arg, __u64 gpa, void *data, __u32 len, bool is_write)
{
	struct subject *s = arg;
	__u64 at = s->offset + gpa - GUEST_TRAPPED_AT;
	ssize_t done = is_write ? npu_pwrite(&s->npu, s->region, data, len, at) :
				  npu_pread(&s->npu, s->region, data, len, at);

	return done == (ssize_t)len ? 0 : -EIO;
}

/* As a VMM does that guards registers by itself */
static int answer(void *arg, __u64 gpa, void *data, __u32 len, bool is_write)
{
	(void)arg;
	(void)gpa;
	if (!is_write)
		memset(data, 0, len);
	return 0;
}

static int do_accesses(void *arg)
{
	struct accesses *a = arg;

	return vm_do(&a->vm, a->command, a->gpa, a->times).end == VM_DONE ? 0 : -EIO;
}

static double insns_of_times(struct accesses *a, unsigned int times)
{
	double samples[SAMPLES];

	a->times = times;
	for (unsigned int i = 0; i < SAMPLES; i++) {
		samples[i] = insns_of(do_accesses, a, 1);
		if (samples[i] < 0)
			return samples[i];
	}
	return insns_least(samples, SAMPLES);
}

static long count(struct accesses *a)
{
	double few, many;

	/* Once for what is made at the first access */
	few = insns_of_times(a, 1);
	if (few >= 0)
		few = insns_of_times(a, FEW);
	if (few < 0)
		return (long)few;
	many = insns_of_times(a, MANY);
	return many < 0 ? (long)many : (long)((many - few) / (MANY - FEW) + 0.5);
}

static long count_in_guest(struct accesses *a, void *page, vm_mmio_fn mmio)
{
	long seen = vm_create(&a->vm);

	a->gpa = page ? GUEST_MAPPINGS : GUEST_TRAPPED_AT;
	a->vm.mmio = mmio;
	a->vm.mmio_arg = a->s;
	if (!seen && page)
		seen = vm_add_memory(&a->vm, a->gpa, page, npu_page_size());
	if (!seen)
		seen = count(a);
	vm_destroy(&a->vm);
	return seen;
}

static long count_mapped(struct subject *s, __u64 command)
{
	struct accesses a = { .s = s, .command = command };
	void *page = npu_mmap(&s->npu, s->region, s->offset, npu_page_size(),
			      PROT_READ | PROT_WRITE, MAP_SHARED);
	long seen;

	if (page == MAP_FAILED)
		return -errno;
	seen = count_in_guest(&a, page, NULL);
	munmap(page, npu_page_size());
	return seen;
}

static long count_trapped(struct subject *s, __u64 command, vm_mmio_fn mmio)
{
	struct accesses a = { .s = s, .command = command };

	return count_in_guest(&a, NULL, mmio);
}

long count_mapped_loads(struct subject *s)
{
	return count_mapped(s, GUEST_LOADS);
}

long count_mapped_stores(struct subject *s)
{
	return count_mapped(s, GUEST_STORES);
}

long count_trapped_loads(struct subject *s)
{
	return count_trapped(s, GUEST_LOADS, ask_device);
}

long count_trapped_stores(struct subject *s)
{
	return count_trapped(s, GUEST_STORES, ask_device);
}

/* With vfio-pci the VMM must guard it. */
static vm_mmio_fn who_guards(const struct subject *s)
{
	return strcmp(s->driver, GUARDED) ? answer : ask_device;
}

long count_register_loads(struct subject *s)
{
	return count_trapped(s, GUEST_LOADS, who_guards(s));
}
#else
/* There is no guest for other processors here. */
long count_mapped_loads(struct subject *s)
{
	(void)s;
	return -EOPNOTSUPP;
}

long count_mapped_stores(struct subject *s)
{
	return count_mapped_loads(s);
}

long count_trapped_loads(struct subject *s)
{
	return count_mapped_loads(s);
}

long count_trapped_stores(struct subject *s)
{
	return count_mapped_loads(s);
}

long count_register_loads(struct subject *s)
{
	return count_mapped_loads(s);
}
#endif

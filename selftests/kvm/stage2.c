// SPDX-License-Identifier: GPL-2.0-only
/* Telling Normal-NC from Device at stage 2, by behaviour and by KVM's own word. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/utsname.h>

#include "guest.h"
#include "stage2.h"

#define ESR_EC(esr)		((esr) >> 26 & 0x3f)
#define ESR_FSC(esr)		((esr) & 0x3f)
#define EC_IABT_SAME_EL		0x21
#define EC_DABT_SAME_EL		0x25
#define FSC_ALIGNMENT		0x21

/* Two words with no byte in common; the unaligned access takes 7 of one, 1 of the other. */
#define WORD0	0x1716151413121110
#define WORD1	0x1f1e1d1c1b1a1918
#define BETWEEN	0x1817161514131211
#define STORED	0xa8a7a6a5a4a3a2a1

/* mov w2, #0x5a6b; ret */
#define CODE		0xd65f03c0528b4d62
#define CODE_RESULT	0x5a6b

/*
 * Stage-2 table entries as the architecture has them: MemAttr's values, two for RAM,
 * without and with FEAT_S2FWB; the access flag, always set by KVM; the address, never
 * part of an attribute.
 */
#define LEAF_MEMATTR(leaf)	((leaf) >> 2 & 0xf)
#define LEAF_AF			0x400
#define LEAF_ADDRESS		0x0003fffffffff000ULL
#define MEMATTR_DEVICE		0x1
#define MEMATTR_NORMAL_NC	0x5
#define MEMATTR_FWB_CACHED	0x6
#define MEMATTR_CACHED		0xf

static const char *const result_names[] = {
	[S2_WORKS] = "works",
	[S2_FAULTS] = "faults",
	[S2_EXECUTED] = "executed",
	[S2_REFUSED] = "refused",
	[S2_WRONG] = "wrong-value",
	[S2_BROKEN] = "broken",
};

static const char *const attr_names[] = {
	[S2_CACHED] = "cached",
	[S2_DEVICE] = "device",
	[S2_NORMAL_NC] = "normal-nc",
	[S2_UNKNOWN] = "unknown",
	[S2_MISENCODED] = "misencoded",
};

static const char *const access_names[] = {
	[S2_STORE] = "store",
	[S2_LOAD] = "load",
	[S2_FETCH] = "fetch",
};

const char *s2_result_name(enum s2_result result)
{
	return result_names[result];
}

const char *s2_attr_name(enum s2_attr attr)
{
	return attr_names[attr];
}

const char *s2_access_name(enum s2_access access)
{
	return access_names[access];
}

static enum s2_result broken(const char *step, const struct vm_answer *a)
{
	printf("# stage2: %s: unexpected end %d: esr=%#llx far=%#llx value=%#llx", step, a->end,
	       a->esr, a->far, a->value);
	printf(" error=%d (%s) exit=%u\n", a->error, strerror(a->error), a->exit_reason);
	return S2_BROKEN;
}

/*
 * An alignment fault goes to EL2 when stage 2 is what forbids the access: KVM has
 * no answer to it, and KVM_RUN fails. One by stage 1 reaches the guest.
 */
static bool is_alignment_fault(const struct vm_answer *a)
{
	if (a->end == VM_FAILED)
		return a->error == EFAULT;
	return a->end == VM_TRAPPED && ESR_EC(a->esr) == EC_DABT_SAME_EL &&
	       ESR_FSC(a->esr) == FSC_ALIGNMENT;
}

struct vm_answer s2_touch(struct vm *vm, const struct mapping *m, __u64 offset)
{
	return vm_do(vm, GUEST_STORE, m->gpa + offset, WORD0);
}

/* Both words by aligned stores, which work on Device memory too. */
static struct vm_answer prepare(struct vm *vm, const struct mapping *m, __u64 offset)
{
	struct vm_answer a = s2_touch(vm, m, offset);

	return a.end == VM_DONE ? vm_do(vm, GUEST_STORE, m->gpa + offset + 8, WORD1) : a;
}

/* All by the guest: this process would see the memory with other attributes. */
static enum s2_result check_store(struct vm *vm, const struct mapping *m, __u64 offset)
{
	struct vm_answer low = vm_do(vm, GUEST_LOAD, m->gpa + offset, 0);
	struct vm_answer high = vm_do(vm, GUEST_LOAD, m->gpa + offset + 8, 0);
	__u64 want_low = (STORED << 8) | (WORD0 & 0xff);
	__u64 want_high = (STORED >> 56) | (WORD1 & ~0xffULL);

	if (low.end != VM_DONE)
		return broken("reading back", &low);
	if (high.end != VM_DONE)
		return broken("reading back", &high);
	return low.value == want_low && high.value == want_high ? S2_WORKS : S2_WRONG;
}

static enum s2_result try_unaligned(struct vm *vm, const struct mapping *m, __u64 offset,
				    bool store)
{
	struct vm_answer a = prepare(vm, m, offset);

	if (a.end != VM_DONE)
		return broken("the aligned access before", &a);
	a = vm_do(vm, store ? GUEST_STORE : GUEST_LOAD, m->gpa + offset + 1, STORED);
	if (is_alignment_fault(&a))
		return S2_FAULTS;
	if (a.end != VM_DONE)
		return broken("the unaligned access", &a);
	if (store)
		return check_store(vm, m, offset);
	return a.value == BETWEEN ? S2_WORKS : S2_WRONG;
}

static enum s2_result try_fetch(struct vm *vm, const struct mapping *m, __u64 offset)
{
	struct vm_answer a = vm_do(vm, GUEST_STORE, m->gpa + offset, CODE);

	if (a.end != VM_DONE)
		return broken("storing code", &a);
	a = vm_do(vm, GUEST_CALL, m->gpa + offset, 0);
	if (a.end == VM_TRAPPED && ESR_EC(a.esr) == EC_IABT_SAME_EL)
		return S2_REFUSED;
	if (a.end != VM_DONE)
		return broken("the call", &a);
	return a.value == CODE_RESULT ? S2_EXECUTED : S2_WRONG;
}

enum s2_result s2_try(struct vm *vm, const struct mapping *m, __u64 offset,
		      enum s2_access access)
{
	if (access == S2_FETCH)
		return try_fetch(vm, m, offset);
	return try_unaligned(vm, m, offset, access == S2_STORE);
}

static bool single_bit(__u64 x)
{
	return x && !(x & (x - 1));
}

unsigned int s2_memattr(const struct s2_bits *bits, const struct s2_map *map)
{
	return LEAF_MEMATTR(map->leaf[bits->leaf]);
}

bool s2_memattr_is(unsigned int memattr, enum s2_attr attr)
{
	switch (attr) {
	case S2_CACHED:
		return memattr == MEMATTR_CACHED || memattr == MEMATTR_FWB_CACHED;
	case S2_DEVICE:
		return memattr == MEMATTR_DEVICE;
	case S2_NORMAL_NC:
		return memattr == MEMATTR_NORMAL_NC;
	default:
		return false;
	}
}

static bool leaf_is(__u64 leaf, enum s2_attr attr)
{
	return (leaf & LEAF_AF) && !(leaf & LEAF_ADDRESS) &&
	       s2_memattr_is(LEAF_MEMATTR(leaf), attr);
}

/**
 * struct controls - mappings whose attributes are known
 * @code: RAM that the guest executes
 * @ram: RAM that it stores to
 * @bar: a BAR without VM_ALLOW_ANY_UNCACHED
 */
struct controls {
	struct s2_map code;
	struct s2_map ram;
	struct s2_map bar;
};

static int learn_leaf(struct s2_bits *bits, const struct controls *c)
{
	unsigned int i;

	for (i = 0; i < S2_LEAVES; i++) {
		bits->leaf = i;
		if (leaf_is(c->code.leaf[i], S2_CACHED) && leaf_is(c->ram.leaf[i], S2_CACHED) &&
		    leaf_is(c->bar.leaf[i], S2_DEVICE))
			return 0;
	}
	for (i = 0; i < S2_LEAVES; i++)
		printf("# stage2: place %u: code has attribute %#llx, RAM %#llx, a BAR %#llx\n", i,
		       c->code.leaf[i], c->ram.leaf[i], c->bar.leaf[i]);
	printf("# stage2: none is right: RAM needs MemAttr 0xf or 0x6, a BAR 0x1\n");
	printf("# stage2: add where stage2_map_walker() has it on this kernel to s2trace.c\n");
	return -EPROTO;
}

static int learn_prot(struct s2_bits *bits, const struct controls *c)
{
	bits->plain = c->code.prot | c->ram.prot;
	bits->device = c->bar.prot & ~bits->plain;
	bits->normal_nc = 0;
	if (single_bit(bits->device))
		return 0;
	printf("# stage2: RAM has bits %#llx|%#llx, a BAR %#llx: which is the Device bit?\n",
	       c->code.prot, c->ram.prot, c->bar.prot);
	return -EPROTO;
}

/* The guest has fetched from its RAM; now it stores, too, and to the BARs. */
static int learn_from(struct s2_bits *bits, struct s2trace *trace, struct vm *vm,
		      const struct mappings *mappings)
{
	struct controls c;
	unsigned int i;
	int err;

	for (i = 0; i < mappings->count; i++) {
		const struct mapping *m = &mappings->list[i];
		struct vm_answer a;

		err = vm_add_memory(vm, m->gpa, m->hva, m->size);
		if (err)
			return err;
		a = s2_touch(vm, m, 0);
		if (a.end != VM_DONE) {
			broken("an aligned store to a control", &a);
			return -EIO;
		}
	}
	if (s2trace_find(trace, 0, &c.code) != 1 ||
	    s2trace_find(trace, mappings->list[0].gpa, &c.ram) != 1 ||
	    s2trace_find(trace, mappings->list[1].gpa, &c.bar) != 1) {
		printf("# stage2: the kprobe on kvm_pgtable_stage2_map saw nothing\n");
		return -ENODATA;
	}
	err = learn_prot(bits, &c);
	return err ? err : learn_leaf(bits, &c);
}

int s2_learn(struct s2_bits *bits, struct s2trace *trace, const char *bdf)
{
	struct mappings mappings = { .count = 0 };
	struct vm vm;
	int err;

	err = vm_create(&vm);
	if (!err)
		err = mappings_ram(&mappings);
	if (!err)
		err = mappings_sysfs(&mappings, bdf);
	if (!err && mappings.count < 2) {
		printf("# stage2: %s has no memory BAR\n", bdf);
		err = -ENODEV;
	}
	if (!err)
		err = learn_from(bits, trace, &vm, &mappings);
	vm_destroy(&vm);
	mappings_unmap(&mappings);
	return err;
}

enum s2_attr s2_attr_of(struct s2_bits *bits, __u64 prot)
{
	__u64 extra = prot & ~bits->plain;

	if (!extra)
		return S2_CACHED;
	if (extra == bits->device)
		return S2_DEVICE;
	if (!bits->normal_nc && single_bit(extra))
		bits->normal_nc = extra;
	return extra == bits->normal_nc ? S2_NORMAL_NC : S2_UNKNOWN;
}

static void cpu_name(char *name, size_t size)
{
	unsigned long midr = 0;
	FILE *file = fopen("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "re");

	if (!file || fscanf(file, "%lx", &midr) != 1)
		midr = 0;
	if (file)
		fclose(file);
	if ((midr & 0xff00fff0) == 0x4100d0c0)
		snprintf(name, size, "neoverse-n1");
	else if ((midr & 0xff00fff0) == 0x510)
		snprintf(name, size, "max");
	else
		snprintf(name, size, "midr-%#lx", midr);
}

/* Whether KVM uses FEAT_S2FWB is nowhere but in the kernel's log. */
static const char *fwb(void)
{
	const int read_all = 3, size_buffer = 10;
	int size = klogctl(size_buffer, NULL, 0);
	char *log = size > 0 ? calloc(1, size + 1) : NULL;
	const char *answer = "unknown";

	if (log && klogctl(read_all, log, size) > 0) {
		if (strstr(log, "Stage-2 Force Write-Back"))
			answer = "yes";
		else if (strstr(log, "Linux version"))
			answer = "no";
	}
	free(log);
	return answer;
}

const char *s2_host(void)
{
	static char host[256];
	struct utsname uts;
	char cpu[32];

	if (host[0])
		return host;
	uname(&uts);
	cpu_name(cpu, sizeof(cpu));
	snprintf(host, sizeof(host), "kernel=%s cpu=%s fwb=%s", uts.release, cpu, fwb());
	return host;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What KVM enters into stage-2 tables, seen by kprobes: what was asked of
 * kvm_pgtable_stage2_map, and what became of it in the hands of its walker.
 *
 * The bits of enum kvm_pgtable_prot differ between kernels, so that they are
 * reported as they are; struct s2_bits says what they mean here. So does the place
 * where the walker finds the attribute: each known one is read, and struct s2_bits
 * says which of them to believe.
 */
#ifndef SELFTESTS_KVM_S2TRACE_H
#define SELFTESTS_KVM_S2TRACE_H

#include <stdbool.h>
#include <linux/types.h>

/* How many places the attribute of a table entry is looked for in. */
#define S2_LEAVES	2

struct s2trace {
	char map[32];		/* names of the probes, this process's own */
	char leaf[32];
	char dir[64];		/* trace instance, likewise */
	unsigned int probes;	/* what there is to take away again */
	bool instance;
};

/**
 * struct s2_map - a mapping that KVM made
 * @gpa: where, a multiple of @size
 * @size: how much in one piece
 * @phys: of what
 * @prot: protection bits that KVM chose, enum kvm_pgtable_prot
 * @leaf: attribute of the table entry, as found in each place; 0 if it was not seen.
 *	Where nothing can be read the kernel reports old bytes, so anything can be here
 */
struct s2_map {
	__u64 gpa;
	__u64 size;
	__u64 phys;
	__u64 prot;
	__u64 leaf[S2_LEAVES];
};

/* 0 or a negative errno, having said on stdout what went wrong. */
int s2trace_open(struct s2trace *trace);
void s2trace_close(struct s2trace *trace);
int s2trace_clear(struct s2trace *trace);

/* The newest mapping that this process caused at @gpa: 1, 0 for none, or -errno. */
int s2trace_find(struct s2trace *trace, __u64 gpa, struct s2_map *map);

#endif /* SELFTESTS_KVM_S2TRACE_H */

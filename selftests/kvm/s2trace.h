/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What KVM enters into stage-2 tables, seen by a kprobe on kvm_pgtable_stage2_map.
 *
 * The bits of enum kvm_pgtable_prot differ between kernels, so that they are
 * reported as they are; struct s2_bits says what they mean here.
 */
#ifndef SELFTESTS_KVM_S2TRACE_H
#define SELFTESTS_KVM_S2TRACE_H

#include <stdbool.h>
#include <linux/types.h>

struct s2trace {
	char event[32];		/* name of the probe, this process's own */
	char dir[64];		/* trace instance, likewise */
	bool probe;		/* what there is to take away again */
	bool instance;
};

struct s2_map {
	__u64 gpa;
	__u64 size;
	__u64 phys;
	__u64 prot;
};

/* 0 or a negative errno, having said on stdout what went wrong. */
int s2trace_open(struct s2trace *trace);
void s2trace_close(struct s2trace *trace);
int s2trace_clear(struct s2trace *trace);

/* The newest mapping that this process caused at @gpa: 1, 0 for none, or -errno. */
int s2trace_find(struct s2trace *trace, __u64 gpa, struct s2_map *map);

#endif /* SELFTESTS_KVM_S2TRACE_H */

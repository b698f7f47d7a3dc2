/* SPDX-License-Identifier: GPL-2.0-only */
/* The device in the hands of one driver, mapped, with a guest that has the mappings. */
#ifndef SELFTESTS_KVM_BENCH_H
#define SELFTESTS_KVM_BENCH_H

#include <stdbool.h>
#include <linux/types.h>

#include "npu.h"
#include "s2trace.h"
#include "stage2.h"
#include "vm.h"
#include "mapping.h"

/**
 * struct bench - all that a test needs
 * @backing: name of what is mapped, for the rows of the table
 * @backend: what the device is opened by, if a driver makes the mappings
 */
struct bench {
	const char *backing;
	enum npu_backend backend;
	struct npu npu;
	struct mappings mappings;
	struct s2trace trace;
	struct s2_bits bits;
	struct vm vm;
};

void bench_init(struct bench *s, const char *backing, enum npu_backend backend);

/*
 * All return 0 or a negative errno, having said on stdout what went wrong. @driver is
 * NULL for no driver, when the BARs are mapped by their resource files.
 */
/* bench_learn(), bench_map() and bench_start_vm(). */
int bench_set_up(struct bench *s, const char *driver);
/* Start the trace and learn how this kernel encodes; takes the device's driver. */
int bench_learn(struct bench *s);
/* Bind to @driver and map what can be mapped. */
int bench_map(struct bench *s, const char *driver);
/* A guest that has all mappings, and nothing of it in the trace yet. */
int bench_start_vm(struct bench *s);

/* Undoes bench_map() and bench_start_vm(), as far as they came. */
void bench_unmap(struct bench *s, const char *driver);

/* Print a row of the table of behaviours; returns how KVM mapped the place. */
enum s2_attr bench_row(struct bench *s, const struct mapping *m, __u64 offset,
		       const char *access, bool after_zap, enum s2_result result);

#endif /* SELFTESTS_KVM_BENCH_H */

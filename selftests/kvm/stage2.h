/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Telling Normal-NC from Device at stage 2, by behaviour and by KVM's own word.
 *
 * The guest maps everything Normal-NC at stage 1. An unaligned access faults if
 * either stage says Device, so what it does tells what stage 2 says.
 */
#ifndef SELFTESTS_KVM_STAGE2_H
#define SELFTESTS_KVM_STAGE2_H

#include <stdbool.h>
#include <linux/types.h>

#include "s2trace.h"
#include "vm.h"
#include "mapping.h"

/**
 * enum s2_result - what an access did
 * @S2_WORKS: it completed, and with the right value
 * @S2_FAULTS: an aligned access to the same place completed; this one did not,
 *	by a stage-2 fault that KVM gives up on or an alignment fault in the guest
 * @S2_EXECUTED: instructions in the mapping were executed
 * @S2_REFUSED: the guest got an instruction abort instead
 * @S2_WRONG: it completed with a wrong value
 * @S2_BROKEN: anything else, see the line printed with it
 */
enum s2_result { S2_WORKS, S2_FAULTS, S2_EXECUTED, S2_REFUSED, S2_WRONG, S2_BROKEN };

enum s2_access { S2_STORE, S2_LOAD, S2_FETCH };

/**
 * struct s2_bits - what the bits of KVM's protection argument mean on this kernel
 * @plain: read, write, execute: what RAM has
 * @device: what a mapping of a BAR without VM_ALLOW_ANY_UNCACHED has besides
 * @normal_nc: the one other bit seen so far, 0 before
 * @leaf: which of &struct s2_map.leaf is the attribute of the table entry
 */
struct s2_bits {
	__u64 plain;
	__u64 device;
	__u64 normal_nc;
	unsigned int leaf;
};

/**
 * enum s2_attr - how KVM mapped a place
 * @S2_CACHED: as RAM
 * @S2_DEVICE: as Device memory
 * @S2_NORMAL_NC: as neither
 * @S2_UNKNOWN: nothing was seen, or bits never seen before
 * @S2_MISENCODED: KVM chose one of the first three and entered another into the table
 */
enum s2_attr { S2_CACHED, S2_DEVICE, S2_NORMAL_NC, S2_UNKNOWN, S2_MISENCODED };

const char *s2_result_name(enum s2_result result);
const char *s2_attr_name(enum s2_attr attr);
const char *s2_access_name(enum s2_access access);

/* Do @access, unaligned unless it is S2_FETCH, at @offset in @m. */
enum s2_result s2_try(struct vm *vm, const struct mapping *m, __u64 offset,
		      enum s2_access access);

/* The aligned store that every S2_STORE begins with, alone. */
struct vm_answer s2_touch(struct vm *vm, const struct mapping *m, __u64 offset);

/*
 * Learn the bits of a kernel from RAM and from the resource files of @bdf, which
 * must have no driver and be enabled. 0 or a negative errno, having said why.
 */
int s2_learn(struct s2_bits *bits, struct s2trace *trace, const char *bdf);

/* What @prot says; learns @bits->normal_nc from the first that is neither. */
enum s2_attr s2_attr_of(struct s2_bits *bits, __u64 prot);

/* MemAttr, which the processor goes by, of the table entry; and if it says @attr. */
unsigned int s2_memattr(const struct s2_bits *bits, const struct s2_map *map);
bool s2_memattr_is(unsigned int memattr, enum s2_attr attr);

/* "kernel=... cpu=... fwb=...", for the rows of the table. */
const char *s2_host(void);

#endif /* SELFTESTS_KVM_STAGE2_H */

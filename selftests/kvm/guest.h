/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the guest (guest.S) and the program that runs it agree on.
 *
 * The guest's view of memory, one entry of a level 1 table per GiB, VA = IPA:
 *
 *	0		RAM: code, then the translation table; Normal write-back
 *	1 GiB		nothing behind it: a store there is an MMIO exit, the report
 *	64 GiB ...	mappings onto BARs; Normal non-cacheable, executable
 *
 * The mappings are executable at stage 1 so that only stage 2 can refuse an
 * instruction fetch.
 */
#ifndef SELFTESTS_KVM_GUEST_H
#define SELFTESTS_KVM_GUEST_H

#define GUEST_RAM_SIZE		0x200000
#define GUEST_TABLE		0x100000
#define GUEST_REPORT		0x40000000
#define GUEST_MAPPINGS		0x1000000000
#define GUEST_VA_BITS		39

/* Indexes into MAIR_EL1, which is 0x04ff44. */
#define GUEST_ATTR_NC		0
#define GUEST_ATTR_WB		1
#define GUEST_ATTR_DEVICE	2

/* Commands, in x0; x1 is the address, x2 the value. */
#define GUEST_STORE		1
#define GUEST_LOAD		2
#define GUEST_CALL		3
/* The same many times, 4 bytes each, of 0 where it is a store; x2 is how often, not 0. */
#define GUEST_LOADS		4
#define GUEST_STORES		5

/* Reports, in x0. Done: x2 is the value. Trapped: x1 is ESR, x2 FAR, x3 ELR. */
#define GUEST_READY		0x100
#define GUEST_DONE		0x101
#define GUEST_TRAPPED		0x102

#ifndef __ASSEMBLER__
/* The guest's image and the places in it that the program sets PC to. */
extern const char guest_begin[], guest_end[], guest_entry[], guest_next[];
#endif

#endif /* SELFTESTS_KVM_GUEST_H */

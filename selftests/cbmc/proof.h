/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the proofs share. A proof takes any input (a function that starts with nondet_ has no
 * body: CBMC lets it return every value), assumes what the function under proof asks of
 * its callers, calls it and claims something about the answer.
 */
#ifndef PROOF_H
#define PROOF_H

#include "guard.h"

#define assume(condition)	__CPROVER_assume(condition)
/* The text is what tools/testbed/prove.sh and the table of mutants call it. */
#define claim(text, condition)	__CPROVER_assert(condition, text)
/* "if" of logic: a claim about a case. */
#define implies(a, b)		(!(a) || (b))

#define U64_MAX			(~0ULL)
#define PAGE_SIZE		(1ULL << PAGE_SHIFT)
#define BLOCK_SIZE		(1ULL << BLOCK_SHIFT)

/*
 * Bytes of a BAR, its end included. Larger values are refused wherever they come from;
 * taking the upper bits away at once, and not by an assumption, keeps the formula small.
 */
#define BYTES			((ASCEND_BAR_LEN_MAX << 1) - 1)

unsigned int nondet_uint(void);
size_t nondet_size(void);
u64 nondet_u64(void);
struct ascend_reg nondet_reg(void);
struct ascend_regs nondet_regs(void);
struct ascend_range nondet_range(void);
struct ascend_places nondet_places(void);

/* An index of one of n things: what is claimed of it is claimed of all. */
static inline unsigned int any_of(unsigned int n)
{
	unsigned int i = nondet_uint();

	assume(i < n);
	return i;
}

/* For two of one list: in order, and without a common byte. */
static inline bool is_before(const struct ascend_reg *a, const struct ascend_reg *b)
{
	return a->bar < b->bar ||
	       (a->bar == b->bar && a->offset < b->offset && b->offset - a->offset >= a->size);
}

/*
 * What is accepted, and what follows from it: the driver compares neighbours, and
 * prove_order() shows that thus any two are in order. Said here, since the solver would
 * otherwise find it out anew, slowly, wherever it needs it.
 */
static inline struct ascend_regs valid_regs(unsigned int nr)
{
	struct ascend_regs regs = nondet_regs();
	unsigned int i, j;

	assume(nr <= PROOF_REGS);
	regs.nr = nr;
	for (i = 0; i < PROOF_REGS; i++) {
		regs.reg[i].offset &= BYTES;
		regs.reg[i].size &= BYTES;
	}
	assume(ascend_regs_valid(&regs));
	for (i = 0; i < PROOF_REGS; i++)
		for (j = i + 2; j < PROOF_REGS; j++)
			assume(j >= nr || is_before(&regs.reg[i], &regs.reg[j]));
	return regs;
}

static inline struct ascend_regs any_valid_regs(void)
{
	return valid_regs(nondet_uint());
}

/* A list without its last register; what holds of it and of the last, holds of all. */
static inline struct ascend_regs all_but_last(const struct ascend_regs *regs)
{
	struct ascend_regs fewer = *regs;

	fewer.nr--;
	return fewer;
}

/* Any registers at all, in any order, that end where no arithmetic overflows. */
static inline struct ascend_regs any_regs(unsigned int least)
{
	struct ascend_regs regs = nondet_regs();
	unsigned int i;

	for (i = 0; i < PROOF_REGS; i++) {
		regs.reg[i].offset &= BYTES;
		regs.reg[i].size &= BYTES;
		assume(regs.reg[i].size);
	}
	assume(regs.nr >= least && regs.nr <= PROOF_REGS);
	return regs;
}

/* For claims that hold whatever a page is; the others have PAGE_SIZE. */
static inline u64 any_page_size(void)
{
	u64 size = nondet_u64();

	assume(size == 1 << 12 || size == 1 << 14 || size == 1 << 16);
	return size;
}

static inline u64 any_page_start(void)
{
	u64 byte = nondet_u64() & BYTES & ~(PAGE_SIZE - 1);

	assume(byte <= ASCEND_BAR_LEN_MAX);
	return byte;
}

static inline bool contains(const struct ascend_reg *reg, unsigned int bar, u64 byte)
{
	return reg->bar == bar && byte >= reg->offset && byte - reg->offset < reg->size;
}

static inline u64 page_of(u64 byte)
{
	return byte >> PAGE_SHIFT;
}

/* Do bytes start to last, both included, and a page have one in common? */
static inline bool touches(u64 start, u64 last, u64 page)
{
	return page_of(start) <= page && page <= page_of(last);
}

static inline bool reg_touches(const struct ascend_reg *reg, unsigned int bar, u64 page)
{
	return reg->bar == bar && touches(reg->offset, reg->offset + (reg->size - 1), page);
}

#endif /* PROOF_H */

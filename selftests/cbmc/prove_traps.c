// SPDX-License-Identifier: GPL-2.0-only
/*
 * Proofs about driver/traps.c. See README.md.
 */

#include "proof.h"

static bool reg_is_good(const struct ascend_reg *reg)
{
	return (reg->kind == ASCEND_XLOADER || reg->kind == ASCEND_FEATURE ||
		reg->kind == ASCEND_NODE || reg->kind == ASCEND_HIDE ||
		reg->kind == ASCEND_READ_ONLY) && reg->bar < ASCEND_NR_BARS && reg->size > 0 &&
	       reg->size <= ASCEND_BAR_LEN_MAX &&
	       reg->offset <= ASCEND_BAR_LEN_MAX - reg->size;
}

/* A list is accepted if and only if it is what the other proofs start from. */
void prove_valid(void)
{
	struct ascend_regs regs = nondet_regs();
	bool good = regs.nr >= 1 && regs.nr <= ASCEND_MAX_REGS;
	unsigned int i;

	for (i = 0; i < ASCEND_MAX_REGS; i++) {
		if (!good || i >= regs.nr)
			break;
		good = reg_is_good(&regs.reg[i]) &&
		       (!i || is_before(&regs.reg[i - 1], &regs.reg[i]));
	}
	claim("valid: no bad list is accepted", implies(!good, !ascend_regs_valid(&regs)));
	claim("valid: no good list is refused", implies(good, ascend_regs_valid(&regs)));
}

/* Of neighbours a, b and c: then any two are in order, by induction over their distance. */
void prove_order(void)
{
	struct ascend_reg a = nondet_reg(), b = nondet_reg(), c = nondet_reg();
	unsigned int bar = nondet_uint();
	u64 byte = nondet_u64();

	assume(reg_is_good(&a) && reg_is_good(&b) && reg_is_good(&c));
	assume(is_before(&a, &b) && is_before(&b, &c));
	claim("order: two with one between are in order", is_before(&a, &c));
	claim("order: no byte is in two", !contains(&a, bar, byte) || !contains(&c, bar, byte));
}

void prove_bar(void)
{
	struct ascend_regs regs = any_regs(1), fewer = all_but_last(&regs);
	unsigned int bar = nondet_uint();

	claim("bar: guarded if it holds the last register or one of the others, else not",
	      ascend_bar_is_guarded(&regs, bar) ==
	      (regs.reg[regs.nr - 1].bar == bar || ascend_bar_is_guarded(&fewer, bar)));
	fewer.nr = 0;
	claim("bar: not guarded without registers", !ascend_bar_is_guarded(&fewer, bar));
}

/* Lists of one register or two, of which the second may be in another BAR. */
static void split_in(unsigned int nr)
{
	struct ascend_regs regs = valid_regs(nr);
	unsigned int bar = nondet_uint(), i;
	u64 pos = nondet_u64(), end;
	size_t count = nondet_size(), len;
	const struct ascend_reg *found;
	bool at_boundary = false, is_ours = false;

	/* A region has 40 bits of positions: no access wraps. */
	assume(count && count <= U64_MAX - pos);
	found = ascend_split(&regs, bar, pos, count, &len);
	claim("split: not empty, not longer than the access", len && len <= count);
	assume(len && len <= count);
	end = pos + len;

	for (i = 0; i < regs.nr; i++) {
		const struct ascend_reg *reg = &regs.reg[i];
		u64 reg_end = reg->offset + reg->size;

		if (reg->bar != bar)
			continue;
		claim("split: inside the register returned",
		      implies(reg == found, pos >= reg->offset && end <= reg_end));
		claim("split: outside all others",
		      implies(reg != found, end <= reg->offset || pos >= reg_end));
		is_ours = is_ours || reg == found;
		at_boundary = at_boundary || end == (found ? reg_end : reg->offset);
	}
	claim("split: what is returned is a register of the BAR", !found || is_ours);
	claim("split: ends with the access or where a register does or begins",
	      end == pos + count || at_boundary);
}

void prove_split(void)
{
	if (nondet_uint())
		split_in(1);
	else
		split_in(2);
}

/* Lists of any length: the first register either has nothing to do with it, or decides. */
void prove_split_more(void)
{
	struct ascend_regs regs = any_regs(2), rest = { 0 };
	unsigned int bar = nondet_uint(), i;
	u64 pos = nondet_u64();
	size_t count = nondet_size(), len, same_len;
	const struct ascend_reg *found, *same;
	bool decides = regs.reg[0].bar == bar && pos < regs.reg[0].offset + regs.reg[0].size;

	assume(count && count <= U64_MAX - pos);
	found = ascend_split(&regs, bar, pos, count, &len);
	if (decides) {
		rest.nr = 1;
		rest.reg[0] = regs.reg[0];
	} else {
		rest.nr = regs.nr - 1;
		for (i = 0; i < PROOF_REGS - 1; i++)
			rest.reg[i] = regs.reg[i + 1];
	}
	same = ascend_split(&rest, bar, pos, count, &same_len);
	claim("split: the first register that ends behind pos decides",
	      len == same_len && !found == !same &&
	      implies(found, found - regs.reg == same - rest.reg + !decides));
}

/* Lists of any length: no register is outside the spans of its BAR. */
void prove_spans(void)
{
	struct ascend_regs regs = valid_regs(nondet_uint());
	unsigned int bar = nondet_uint(), i = any_of(PROOF_REGS);
	const struct ascend_reg *reg = &regs.reg[i];
	struct ascend_spans spans = ascend_find_spans(&regs, bar);
	u64 end = reg->offset + reg->size;

	claim("spans: in order", spans.first.start <= spans.first.end &&
	      spans.first.end <= spans.last.start && spans.last.start <= spans.last.end);
	if (i >= regs.nr || reg->bar != bar)
		return;
	claim("spans: every register is in one",
	      (reg->offset >= spans.first.start && end <= spans.first.end) ||
	      (reg->offset >= spans.last.start && end <= spans.last.end));
}

/* Of what prove_spans() says, any spans: an access to a byte of them is seen. */
void prove_near(void)
{
	struct ascend_spans spans = { nondet_range(), nondet_range() };
	u64 pos = nondet_u64(), byte = nondet_u64();
	size_t count = nondet_size();

	assume(spans.first.start <= spans.first.end && spans.first.end <= spans.last.start &&
	       spans.last.start <= spans.last.end);
	assume(byte >= pos && byte - pos < count);
	claim("near: an access to a byte of a span is seen",
	      implies((byte >= spans.first.start && byte < spans.first.end) ||
		      (byte >= spans.last.start && byte < spans.last.end),
		      ascend_in_spans(&spans, pos, count)));
}

/* Lists of one register or two: nothing else is seen. */
void prove_far(void)
{
	struct ascend_regs regs = valid_regs(nondet_uint());
	unsigned int bar = nondet_uint(), i;
	struct ascend_spans spans = ascend_find_spans(&regs, bar);
	u64 pos = nondet_u64();
	size_t count = nondet_size();
	bool touched = false;

	assume(count);
	for (i = 0; i < regs.nr; i++) {
		const struct ascend_reg *reg = &regs.reg[i];

		touched = touched || (reg->bar == bar && pos < reg->offset + reg->size &&
				      (pos >= reg->offset || count > reg->offset - pos));
	}
	claim("far: an access that touches neither of two registers is not seen",
	      implies(!touched, !ascend_in_spans(&spans, pos, count)));
}

/* Each register has its place, and nothing else has one. */
void prove_places(void)
{
	struct ascend_regs regs = any_regs(1);
	unsigned int bar = nondet_uint(), which = any_of(PROOF_REGS), i, nr = 0, before = 0;
	struct ascend_places places;
	unsigned int found;

	for (i = 0; i < regs.nr; i++) {
		before += i < which && regs.reg[i].bar == bar;
		nr += regs.reg[i].bar == bar;
	}
	found = ascend_find_places(&regs, bar, &places);
	claim("places: as many as there are registers in the BAR", found == nr);
	if (which < regs.nr && regs.reg[which].bar == bar)
		claim("places: a register has the place that its number in the BAR tells",
		      places.at[before].start == regs.reg[which].offset &&
		      places.at[before].end == regs.reg[which].offset + regs.reg[which].size);
	claim("places: what is left is behind all bytes",
	      implies(which >= nr, places.at[which].start == U64_MAX &&
		      places.at[which].end == U64_MAX));
}

/* Places as prove_places() and prove_order() say they are, as many as there can be. */
void prove_at(void)
{
	struct ascend_places places = nondet_places();
	unsigned int nr = 1 + any_of(ASCEND_MAX_REGS), i;
	u64 pos = nondet_u64() & BYTES;
	size_t count = nondet_size();
	bool touched = false;

	for (i = 0; i < ASCEND_MAX_REGS; i++) {
		struct ascend_range *at = &places.at[i];

		if (i >= nr) {
			*at = (struct ascend_range) { U64_MAX, U64_MAX };
			continue;
		}
		at->start &= BYTES;
		at->end &= BYTES;
		assume(at->start < at->end && (!i || places.at[i - 1].end <= at->start));
		touched = touched || (pos < at->end &&
				      (pos >= at->start || count > at->start - pos));
	}
	assume(count && pos < places.at[nr - 1].end);
	claim("at: an access is seen if and only if it touches a register",
	      ascend_at_reg(&places, pos, count) == touched);
}

/*
 * One register. With no length, nothing is claimed but that the answer is given: such a
 * range touches no page, and is called guarded where it lies between two bytes of a
 * guarded page.
 */
void prove_range(void)
{
	struct ascend_regs regs = valid_regs(1);
	const struct ascend_reg *reg = &regs.reg[0];
	unsigned int bar = nondet_uint();
	u64 start = nondet_u64(), len = nondet_u64(), last;
	bool seen = ascend_range_is_guarded(&regs, bar, start, len, PAGE_SIZE);
	bool touched;

	if (len > U64_MAX - start) {
		claim("range: past 2^64 is guarded", seen);
		return;
	}
	assume(len);
	last = start + (len - 1);
	/* Two runs of pages have one in common if each starts before the other's end. */
	touched = reg->bar == bar && page_of(reg->offset) <= page_of(last) &&
		  page_of(start) <= page_of(reg->offset + (reg->size - 1));
	claim("range: touching a guarded page is seen", implies(touched, seen));
	claim("range: touching none is not", implies(!touched, !seen));
}

/* Lists of any length. */
void prove_range_more(void)
{
	struct ascend_regs regs = any_regs(2), fewer = all_but_last(&regs), last = { .nr = 1 };
	unsigned int bar = nondet_uint();
	u64 start = nondet_u64(), len = nondet_u64(), page_size = any_page_size();

	last.reg[0] = regs.reg[regs.nr - 1];
	claim("range: guarded if one of the registers makes it so",
	      ascend_range_is_guarded(&regs, bar, start, len, page_size) ==
	      (ascend_range_is_guarded(&fewer, bar, start, len, page_size) ||
	       ascend_range_is_guarded(&last, bar, start, len, page_size)));
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend_vfio_pci - the arithmetic of what is guarded
 *
 * Types and functions of traps.c, areas.c and rules.c. They are pure: they work on numbers
 * and text, do no I/O, take no lock and allocate nothing. So KUnit runs them against an
 * oracle, and selftests/cbmc proves the first two for every list of registers; both compile
 * these files as they are, which is why nothing of VFIO or PCI is included here.
 */
#ifndef ASCEND_VFIO_GUARD_H
#define ASCEND_VFIO_GUARD_H

#include <linux/types.h>

/* As in the PCI core: a function has six BARs at most. */
#define ASCEND_NR_BARS		6U
/* VFIO gives each region 40 bits of the file's offset; main.c compares. */
#define ASCEND_BAR_LEN_MAX	(1ULL << 40)
/*
 * Guarded registers a device, those that an operator's rules make included; a two-die 310P
 * has four of its own. ascend_at_reg() relies on the number.
 */
#define ASCEND_MAX_REGS		16U

#define ASCEND_REG_NAME_LEN	12

/**
 * enum ascend_reg_kind - which rule a guarded register follows, the strictest first
 * @ASCEND_XLOADER: phy_match_flag, 4 bytes. Reads give the device's value, or 0 while a
 *	value that was to be scrubbed may still be there and where the device does not
 *	answer (all ones); writes are dropped.
 * @ASCEND_FEATURE: bar_wc_flag, 4 bytes. Reads give the bitmap of Normal-NC BARs; writes
 *	are dropped.
 * @ASCEND_NODE: numa_node of virt_para, 4 bytes, if an operator has set the guest's node.
 *	Reads give it; writes are dropped.
 * @ASCEND_HIDE: an operator's rule, of any length: reads give 0, writes are dropped
 * @ASCEND_READ_ONLY: an operator's rule, of any length: reads give the device's bytes,
 *	writes are dropped
 * @ASCEND_NR_REG_KINDS: how many there are
 */
enum ascend_reg_kind {
	ASCEND_XLOADER,
	ASCEND_FEATURE,
	ASCEND_NODE,
	ASCEND_HIDE,
	ASCEND_READ_ONLY,
	ASCEND_NR_REG_KINDS,
};

/**
 * struct ascend_reg - one guarded register, or bytes that an operator's rule is about
 * @name: as shown in log, trace and debugfs; unique in its list
 * @kind: the rule it follows
 * @quiet: dropped writes are not logged
 * @trap: index of its struct ascend_trap
 * @bar: PCI BAR index, 0 to 5
 * @offset: bytes from the start of the BAR
 * @size: its length in bytes, not 0
 */
struct ascend_reg {
	char name[ASCEND_REG_NAME_LEN];
	enum ascend_reg_kind kind;
	bool quiet;
	u8 trap;
	u8 bar;
	u64 offset;
	u64 size;
};

/* May overlap others, and is cut where a stricter one does. */
static inline bool ascend_is_rule(const struct ascend_reg *reg)
{
	return reg->kind == ASCEND_HIDE || reg->kind == ASCEND_READ_ONLY;
}

/**
 * struct ascend_regs - all guarded registers of one device
 * @nr: how many of @reg are used
 * @reg: sorted by BAR, then offset; none overlap
 *
 * Made when the device is bound, and anew when an operator changes the rules, which nobody
 * can while the device is open.
 */
struct ascend_regs {
	unsigned int nr;
	struct ascend_reg reg[ASCEND_MAX_REGS];
};

/**
 * struct ascend_rules - what an operator wrote
 * @nr: how many of @rule are used
 * @rule: in the order written; they may overlap
 */
struct ascend_rules {
	unsigned int nr;
	struct ascend_reg rule[ASCEND_MAX_REGS];
};

/**
 * struct ascend_range - bytes [start, end) of a BAR
 * @start: first byte
 * @end: the byte after the last
 */
struct ascend_range {
	u64 start;
	u64 end;
};

/**
 * struct ascend_spans - where in a BAR its registers are, roughly
 * @first: registers up to the widest gap between two; empty where there is no gap
 * @last: those behind it; empty where there is no register
 *
 * Nearly all accesses are far from all registers. These few numbers tell so, however many
 * registers there are.
 */
struct ascend_spans {
	struct ascend_range first;
	struct ascend_range last;
};

/**
 * struct ascend_places - where in a BAR its registers are, exactly
 * @at: sorted, none overlap; what is left is filled with empty ranges behind all others
 */
struct ascend_places {
	struct ascend_range at[ASCEND_MAX_REGS];
};

/**
 * struct ascend_view - what decides which areas of a BAR may be mapped
 * @regs: the device's registers
 * @bar: BAR index
 * @len: length of the BAR in bytes
 * @msix: bytes of the MSI-X table if it is in this BAR, else an empty range
 * @page_size: a power of two
 * @block_size: what areas are split at, PMD_SIZE; a power of two, at least a page
 */
struct ascend_view {
	const struct ascend_regs *regs;
	unsigned int bar;
	u64 len;
	struct ascend_range msix;
	u64 page_size;
	u64 block_size;
};

/* traps.c */
bool ascend_regs_valid(const struct ascend_regs *regs);
bool ascend_bar_is_guarded(const struct ascend_regs *regs, unsigned int bar);
const struct ascend_reg *ascend_split(const struct ascend_regs *regs,
				      unsigned int bar, u64 pos, size_t count,
				      size_t *len);
struct ascend_spans ascend_find_spans(const struct ascend_regs *regs, unsigned int bar);
unsigned int ascend_find_places(const struct ascend_regs *regs, unsigned int bar,
				struct ascend_places *places);
bool ascend_range_is_guarded(const struct ascend_regs *regs, unsigned int bar,
			     u64 start, u64 len, u64 page_size);

/**
 * ascend_in_spans() - may an access to a BAR touch a register?
 * @spans: of the BAR
 * @pos: first byte of the access, any value
 * @count: its length, any value
 *
 * Return: false if it touches none; true if it does, and if it is between those of a span.
 */
static inline bool ascend_in_spans(const struct ascend_spans *spans, u64 pos, size_t count)
{
	u64 next;

	if (pos >= spans->last.end)
		return false;
	next = pos < spans->first.end ? spans->first.start : spans->last.start;
	/* pos + count might overflow. */
	return pos >= next || count > next - pos;
}

/**
 * ascend_at_reg() - does an access to a BAR touch a register?
 * @places: of the BAR
 * @pos: first byte of the access, before the end of the last register
 * @count: its length, any value
 *
 * Which is the first register that ends behind @pos is found in four steps, whatever the
 * number of registers: accesses between rules must not pay for them.
 *
 * Return: true if it does.
 */
static inline bool ascend_at_reg(const struct ascend_places *places, u64 pos, size_t count)
{
	const struct ascend_range *at = places->at;

	at += pos >= at[7].end ? 8 : 0;
	at += pos >= at[3].end ? 4 : 0;
	at += pos >= at[1].end ? 2 : 0;
	at += pos >= at[0].end ? 1 : 0;
	return pos >= at->start || count > at->start - pos;
}

/* rules.c */
int ascend_rules_parse(char *text, const u64 *bar_len, struct ascend_rules *rules,
		       unsigned int *line, const char **why);
bool ascend_rules_resolve(const struct ascend_regs *own, const struct ascend_rules *rules,
			  struct ascend_regs *regs);

/* areas.c */
bool ascend_next_area(const struct ascend_view *view, u64 start,
		      struct ascend_range *area);

#endif /* ASCEND_VFIO_GUARD_H */

// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - rules that an operator adds to the chip's registers
 *
 * Pure: see guard.h.
 *
 * A rule takes bytes away from guests and never gives any back: of all that is said about
 * a byte the strictest holds, and the chip's own registers are stricter than any rule.
 */

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "guard.h"

/* --- text ----------------------------------------------------------------------------- */

/* The next word of a line, "" when there is none. */
static char *ascend_next_word(char **line)
{
	char *word = skip_spaces(*line);

	*line = word + strcspn(word, " \t\r");
	if (**line)
		*(*line)++ = '\0';
	return word;
}

/* Not kstrtou64() alone, which takes a sign. */
static bool ascend_parse_hex(const char *text, u64 *value)
{
	return isxdigit(*text) && !kstrtou64(text, 16, value);
}

static const char *ascend_parse_bytes(char *text, u64 bar_len, struct ascend_reg *rule)
{
	char *end_text = strchr(text, '-');
	u64 start, end;

	if (!end_text)
		return "the second word is not OFFSET-END, as 1000-2000 is";
	*end_text++ = '\0';
	if (!ascend_parse_hex(text, &start) || !ascend_parse_hex(end_text, &end))
		return "OFFSET or END is not a hexadecimal number of 64 bits";
	if (end <= start)
		return "END, the byte behind the last, must be larger than OFFSET";
	if (end > bar_len)
		return "END is behind the end of the BAR";
	rule->offset = start;
	rule->size = end - start;
	return NULL;
}

static const char *ascend_parse_rule(char *line, const u64 *bar_len, struct ascend_reg *rule)
{
	const char *bar = ascend_next_word(&line), *kind, *log, *why;
	char *bytes = ascend_next_word(&line);

	*rule = (struct ascend_reg) {};
	if (strncmp(bar, "BAR", 3) || bar[3] < '0' || bar[3] >= '0' + ASCEND_NR_BARS || bar[4])
		return "the first word is not BAR0 to BAR5";
	rule->bar = bar[3] - '0';
	if (!bar_len[rule->bar])
		return "the device has no such BAR, or it is not memory";

	why = ascend_parse_bytes(bytes, bar_len[rule->bar], rule);
	if (why)
		return why;

	kind = ascend_next_word(&line);
	if (strcmp(kind, "ro") && strcmp(kind, "hide"))
		return "the third word is neither ro nor hide";
	rule->kind = *kind == 'r' ? ASCEND_READ_ONLY : ASCEND_HIDE;

	log = ascend_next_word(&line);
	if (*log && strcmp(log, "log") && strcmp(log, "nolog"))
		return "the fourth word is neither log nor nolog";
	rule->quiet = *log == 'n';
	return *ascend_next_word(&line) ? "there is a fifth word" : NULL;
}

/**
 * ascend_rules_parse() - parse what an operator wrote
 * @text: "BARn OFFSET-END ro|hide [log|nolog]", separated by new lines or semicolons; is
 *	written to
 * @bar_len: length in bytes of each memory BAR, 0 where there is none
 * @rules: set to the rules, in the order written
 * @line: set to the number of the line that is refused
 * @why: set to the reason
 *
 * Return: 0, -EINVAL, or -ENOSPC for more than ASCEND_MAX_REGS lines; @rules is not to be
 * used then.
 */
int ascend_rules_parse(char *text, const u64 *bar_len, struct ascend_rules *rules,
		       unsigned int *line, const char **why)
{
	char *one;

	rules->nr = 0;
	*line = 0;
	while ((one = strsep(&text, "\n;"))) {
		++*line;
		if (!*skip_spaces(one))
			continue;
		if (rules->nr == ASCEND_MAX_REGS) {
			*why = "there are more rules than the driver can keep";
			return -ENOSPC;
		}
		*why = ascend_parse_rule(one, bar_len, &rules->rule[rules->nr]);
		if (*why)
			return -EINVAL;
		rules->nr++;
	}
	return 0;
}

/* --- arithmetic ------------------------------------------------------------------------- */

static bool ascend_has_byte(const struct ascend_reg *reg, unsigned int bar, u64 pos)
{
	return reg->bar == bar && pos >= reg->offset && pos - reg->offset < reg->size;
}

static bool ascend_is_stricter(const struct ascend_reg *a, const struct ascend_reg *b)
{
	return a->kind != b->kind ? a->kind < b->kind : b->quiet && !a->quiet;
}

/* What holds for a byte: NULL where nothing does. */
static const struct ascend_reg *ascend_strictest(const struct ascend_regs *own,
						 const struct ascend_rules *rules,
						 unsigned int bar, u64 pos)
{
	const struct ascend_reg *found = NULL;
	unsigned int i;

	for (i = 0; i < own->nr; i++)
		if (ascend_has_byte(&own->reg[i], bar, pos))
			return &own->reg[i];
	for (i = 0; i < rules->nr; i++)
		if (ascend_has_byte(&rules->rule[i], bar, pos) &&
		    (!found || ascend_is_stricter(&rules->rule[i], found)))
			found = &rules->rule[i];
	return found;
}

/* Where behind @pos something begins or ends: up to there the same holds. */
static u64 ascend_edge_of(const struct ascend_reg *reg, unsigned int bar, u64 pos)
{
	if (reg->bar != bar)
		return ~0ULL;
	if (pos < reg->offset)
		return reg->offset;
	return pos < reg->offset + reg->size ? reg->offset + reg->size : ~0ULL;
}

static u64 ascend_next_edge(const struct ascend_regs *own, const struct ascend_rules *rules,
			    unsigned int bar, u64 pos)
{
	u64 edge = ~0ULL;
	unsigned int i;

	for (i = 0; i < own->nr; i++)
		edge = min(edge, ascend_edge_of(&own->reg[i], bar, pos));
	for (i = 0; i < rules->nr; i++)
		edge = min(edge, ascend_edge_of(&rules->rule[i], bar, pos));
	return edge;
}

/* Is it the same as what ends where it begins? */
static bool ascend_continues(const struct ascend_reg *last, const struct ascend_reg *reg, u64 pos)
{
	if (last->bar != reg->bar || last->offset + last->size != pos || last->kind != reg->kind)
		return false;
	if (ascend_is_rule(reg))
		return last->quiet == reg->quiet;
	/* Of registers there may be two side by side. */
	return pos > reg->offset;
}

static bool ascend_append(struct ascend_regs *regs, const struct ascend_reg *reg, u64 pos, u64 end)
{
	struct ascend_reg *last = &regs->reg[regs->nr];

	if (regs->nr && ascend_continues(last - 1, reg, pos)) {
		last[-1].size += end - pos;
		return true;
	}
	if (regs->nr == ASCEND_MAX_REGS)
		return false;
	*last = *reg;
	last->offset = pos;
	last->size = end - pos;
	regs->nr++;
	return true;
}

static void ascend_name_rules(struct ascend_regs *regs)
{
	unsigned int i, nr = 0;

	for (i = 0; i < regs->nr; i++)
		if (ascend_is_rule(&regs->reg[i]))
			snprintf(regs->reg[i].name, sizeof(regs->reg[i].name), "rule%u", ++nr);
}

/**
 * ascend_rules_resolve() - work out what holds for each byte
 * @own: what no rule may touch; a list that ascend_regs_valid() accepts
 * @rules: what the operator wants, each rule inside a BAR that can exist
 * @regs: set to both, a list that ascend_regs_valid() accepts: @own as they are, and
 *	rules cut where something stricter is and joined where the same holds
 *
 * Return: true, or false if that is more than ASCEND_MAX_REGS; @regs is then not to be used.
 */
bool ascend_rules_resolve(const struct ascend_regs *own, const struct ascend_rules *rules,
			  struct ascend_regs *regs)
{
	const struct ascend_reg *reg;
	unsigned int bar;
	u64 pos, edge;

	regs->nr = 0;
	for (bar = 0; bar < ASCEND_NR_BARS; bar++) {
		for (pos = 0; pos != ~0ULL; pos = edge) {
			edge = ascend_next_edge(own, rules, bar, pos);
			reg = ascend_strictest(own, rules, bar, pos);
			if (reg && !ascend_append(regs, reg, pos, edge))
				return false;
		}
	}
	ascend_name_rules(regs);
	return true;
}

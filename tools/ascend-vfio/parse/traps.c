// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver's table of trapped registers. Its columns are found by their names, so
 * that a driver that has one more does not need another tool.
 */
#include <stdio.h>
#include <string.h>

#include "parse.h"

#define MAX_COLUMNS	16
#define MAX_CELL	64

enum column { COL_OTHER, COL_REGISTER, COL_BAR, COL_OFFSET, COL_SIZE, COL_READS, COL_DROPPED,
	      COL_STATE };

static const struct {
	const char *name;
	enum column column;
} columns[] = {
	{ "register", COL_REGISTER }, { "bar", COL_BAR }, { "offset", COL_OFFSET },
	{ "size", COL_SIZE }, { "reads", COL_READS }, { "dropped", COL_DROPPED },
	{ "state", COL_STATE },
};

/* Copies the next cell of the line; returns what is behind it, or NULL if there is none. */
static const char *cell(const char *text, char out[MAX_CELL])
{
	size_t len;

	text += strspn(text, " \t");
	len = strcspn(text, " \t\n");
	if (!len || len >= MAX_CELL)
		return NULL;
	memcpy(out, text, len);
	out[len] = '\0';
	return text + len;
}

static bool set(struct trap_row *row, enum column column, const char *text)
{
	u64 n;

	switch (column) {
	case COL_REGISTER:
		if (strlen(text) >= sizeof(row->reg))
			return false;
		memcpy(row->reg, text, strlen(text) + 1);
		return true;
	case COL_STATE:
		if (strlen(text) >= sizeof(row->state))
			return false;
		memcpy(row->state, text, strlen(text) + 1);
		return true;
	case COL_BAR:
		if (!parse_num(text, &n) || n > 5)
			return false;
		row->bar = n;
		return true;
	case COL_OFFSET:
		return parse_num(text, &row->offset);
	case COL_SIZE:
		return parse_num(text, &row->size);
	case COL_READS:
		return parse_num(text, &row->reads);
	case COL_DROPPED:
		return parse_num(text, &row->dropped);
	case COL_OTHER:
		break;
	}
	return true;
}

static bool heading(const char **text, enum column order[MAX_COLUMNS], unsigned int *nr)
{
	char name[MAX_CELL];
	unsigned int seen = 0;
	const char *next;

	for (*nr = 0; (next = cell(*text, name)); *text = next) {
		if (*nr == MAX_COLUMNS)
			return false;
		order[*nr] = COL_OTHER;
		for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
			if (strcmp(name, columns[i].name))
				continue;
			if (seen & BIT(columns[i].column))
				return false;
			seen |= BIT(columns[i].column);
			order[*nr] = columns[i].column;
		}
		(*nr)++;
	}
	*text += strspn(*text, " \t");
	if (**text != '\n')
		return false;
	(*text)++;
	return (seen & BIT(COL_REGISTER)) && (seen & BIT(COL_BAR)) && (seen & BIT(COL_OFFSET));
}

int parse_traps(const char *text, struct trap_row rows[MAX_TRAPS])
{
	enum column order[MAX_COLUMNS];
	unsigned int nr, row = 0;

	if (!heading(&text, order, &nr))
		return -1;
	while (*text) {
		char word[MAX_CELL];

		if (row == MAX_TRAPS)
			return -1;
		memset(&rows[row], 0, sizeof(rows[row]));
		for (unsigned int i = 0; i < nr; i++) {
			text = cell(text, word);
			if (!text || !set(&rows[row], order[i], word))
				return -1;
		}
		text += strspn(text, " \t");
		if (*text && *text != '\n')
			return -1;
		text += *text == '\n';
		row++;
	}
	return row;
}

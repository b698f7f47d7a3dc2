// SPDX-License-Identifier: GPL-2.0-only
/* A line of reserved_regions: "0x0000000008000000 0x00000000080fffff msi" */
#include <string.h>

#include "parse.h"

/* Copies the word at @text; returns what is behind it, or NULL if it is too long. */
static const char *word(const char *text, char *out, size_t size)
{
	size_t len = strcspn(text, " \n");

	if (!len || len >= size)
		return NULL;
	memcpy(out, text, len);
	out[len] = '\0';
	return text + len;
}

bool parse_reserved(const char *line, struct reserved *region)
{
	char start[24], end[24];

	line = word(line, start, sizeof(start));
	if (!line || *line != ' ')
		return false;
	line = word(line + 1, end, sizeof(end));
	if (!line || *line != ' ')
		return false;
	line = word(line + 1, region->type, sizeof(region->type));
	if (!line || (*line && strcmp(line, "\n")))
		return false;
	return parse_num(start, &region->start) && parse_num(end, &region->end) &&
	       region->start <= region->end;
}

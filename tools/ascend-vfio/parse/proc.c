// SPDX-License-Identifier: GPL-2.0-only
/* Lines of /proc/meminfo, /proc/PID/smaps and /proc/PID/limits */
#include <string.h>

#include "parse.h"

/* The first line that begins with @name; what is behind the name, or NULL */
static const char *line_of(const char *text, const char *name)
{
	size_t len = strlen(name);

	while (strncmp(text, name, len)) {
		text = strchr(text, '\n');
		if (!text)
			return NULL;
		text++;
	}
	return text + len;
}

/* A number that ends in a space. Returns what is behind it, or NULL. */
static const char *number(const char *text, u64 *value)
{
	char digits[24];
	size_t len;

	text += strspn(text, " ");
	len = strcspn(text, " \n");
	if (!len || len >= sizeof(digits) || text[len] != ' ')
		return NULL;
	memcpy(digits, text, len);
	digits[len] = '\0';
	return parse_num(digits, value) ? text + len : NULL;
}

bool proc_kb(const char *text, const char *name, u64 *bytes)
{
	u64 kb;

	text = line_of(text, name);
	if (!text || *text != ':')
		return false;
	text = number(text + 1, &kb);
	if (!text || kb >> 54 || strncmp(text, " kB", 3) || (text[3] && text[3] != '\n'))
		return false;
	*bytes = kb * KIB;
	return true;
}

bool proc_limit(const char *text, const char *name, u64 *soft)
{
	text = line_of(text, name);
	if (!text || *text != ' ')
		return false;
	text += strspn(text, " ");
	if (!strncmp(text, "unlimited ", 10)) {
		*soft = UINT64_MAX;
		return true;
	}
	return number(text, soft);
}

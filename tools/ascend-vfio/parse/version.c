// SPDX-License-Identifier: GPL-2.0-only
/* Versions of programs and kernels */
#include <string.h>

#include "parse.h"

#define MAX_PART	999999

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads "N"; returns what is behind it, or NULL. */
static const char *part(const char *text, unsigned int *value)
{
	*value = 0;
	if (!is_digit(*text))
		return NULL;
	for (; is_digit(*text); text++) {
		*value = *value * 10 + (*text - '0');
		if (*value > MAX_PART)
			return NULL;
	}
	return text;
}

/* Reads "N.N" or "N.N.N"; returns what is behind it, or NULL. */
static const char *number(const char *text, struct version *v)
{
	const char *more;

	*v = (struct version){};
	text = part(text, &v->major);
	if (!text || *text != '.')
		return NULL;
	text = part(text + 1, &v->minor);
	if (!text || *text != '.')
		return text;
	more = part(text + 1, &v->patch);
	return more ? more : text;
}

bool parse_version(const char *text, struct version *version)
{
	const char *end = number(text, version);

	return end && !*end;
}

bool find_version(const char *text, struct version *version)
{
	bool in_word = false;

	for (; *text; text++) {
		if (is_digit(*text) && !in_word && number(text, version))
			return true;
		in_word = is_digit(*text) || *text == '.' ||
			  ((*text | 0x20) >= 'a' && (*text | 0x20) <= 'z');
	}
	return false;
}

int version_cmp(const struct version *a, unsigned int major, unsigned int minor)
{
	if (a->major != major)
		return a->major < major ? -1 : 1;
	if (a->minor != minor)
		return a->minor < minor ? -1 : 1;
	return 0;
}

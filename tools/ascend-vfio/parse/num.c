// SPDX-License-Identifier: GPL-2.0-only
/* Numbers. strtoull() takes signs and spaces, and says nothing of an empty text. */
#include <string.h>

#include "parse.h"

bool parse_hex(const char *text, size_t max_digits, u64 *value)
{
	size_t len = strlen(text);
	u64 sum = 0;

	if (!len || len > max_digits || len > 16)
		return false;
	for (; *text; text++) {
		char c = *text | 0x20;

		if (*text >= '0' && *text <= '9')
			sum = sum << 4 | (*text - '0');
		else if (c >= 'a' && c <= 'f')
			sum = sum << 4 | (c - 'a' + 10);
		else
			return false;
	}
	*value = sum;
	return true;
}

bool parse_num(const char *text, u64 *value)
{
	u64 sum = 0;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return parse_hex(text + 2, 16, value);
	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		if (__builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_add_overflow(sum, *text - '0', &sum))
			return false;
	}
	*value = sum;
	return true;
}

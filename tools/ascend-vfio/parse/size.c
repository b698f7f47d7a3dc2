// SPDX-License-Identifier: GPL-2.0-only
/* Sizes, as in --memory 64G */
#include <string.h>

#include "parse.h"

bool parse_size(const char *text, u64 *bytes)
{
	static const char units[] = "KMGT";
	char number[24];
	const char *unit;
	size_t digits = strspn(text, "0123456789");
	unsigned int shift = 0;
	u64 value;

	if (!digits || digits >= sizeof(number))
		return false;
	memcpy(number, text, digits);
	number[digits] = '\0';
	text += digits;
	if (*text) {
		unit = strchr(units, *text & ~0x20);
		if (!unit || !*unit)
			return false;
		shift = 10 * (unit - units + 1);
		text++;
		if (*text && strcmp(text, "B") && strcmp(text, "iB"))
			return false;
	}
	if (!parse_num(number, &value) || (shift && value >> (64 - shift)))
		return false;
	*bytes = value << shift;
	return true;
}

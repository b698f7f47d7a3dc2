// SPDX-License-Identifier: GPL-2.0-only
/* vfio-pci's parameter "ids": vendor:device[:subvendor[:subdevice[:class[:mask]]]],… */
#include <string.h>

#include "parse.h"

static bool four_digits(const char *text, u64 *value)
{
	char digits[5];

	if (strnlen(text, 4) < 4)
		return false;
	memcpy(digits, text, 4);
	digits[4] = '\0';
	return parse_hex(digits, 4, value);
}

bool ids_contain(const char *list, u16 vendor, u16 device)
{
	while (*list) {
		size_t len = strcspn(list, ",\n");
		u64 v, d;

		if (len >= 9 && list[4] == ':' && (len == 9 || list[9] == ':') &&
		    four_digits(list, &v) && four_digits(list + 5, &d) &&
		    v == vendor && d == device)
			return true;
		list += len;
		list += strspn(list, ",\n");
	}
	return false;
}

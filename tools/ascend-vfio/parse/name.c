// SPDX-License-Identifier: GPL-2.0-only
/* Names of drivers and modules: they become parts of paths */
#include <string.h>

#include "parse.h"

bool name_is_sane(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789_-.:+ ");

	return len && !name[len] && len < 64 && name[0] != '.' && name[0] != ' ' &&
	       name[len - 1] != ' ';
}

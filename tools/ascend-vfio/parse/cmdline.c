// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's command line: NAME, NAME=VALUE, NAME="a b"; '-' and '_' are one in names */
#include <string.h>

#include "parse.h"

static bool same_name(const char *text, size_t len, const char *name)
{
	if (len != strlen(name))
		return false;
	for (size_t i = 0; i < len; i++) {
		char a = text[i] == '-' ? '_' : text[i];
		char b = name[i] == '-' ? '_' : name[i];

		if (a != b)
			return false;
	}
	return true;
}

/* The end of the word at @text: a space or the end, but not inside quotes. */
static size_t word_len(const char *text)
{
	bool quoted = false;
	size_t len;

	for (len = 0; text[len] && text[len] != '\n' && (quoted || text[len] != ' '); len++)
		if (text[len] == '"')
			quoted = !quoted;
	return len;
}

bool cmdline_value(const char *cmdline, const char *name, char *value, size_t size)
{
	bool found = false;

	for (;;) {
		size_t len, key;

		cmdline += strspn(cmdline, " \n");
		len = word_len(cmdline);
		if (!len)
			return found;
		/* What comes after "--" is for init. */
		if (len == 2 && !memcmp(cmdline, "--", 2))
			return found;
		for (key = 0; key < len && cmdline[key] != '='; key++)
			;
		if (same_name(cmdline, key, name)) {
			const char *start = cmdline + key + (key < len);
			size_t n = cmdline + len - start;

			if (n >= 2 && start[0] == '"' && start[n - 1] == '"') {
				start++;
				n -= 2;
			}
			if (n >= size)
				return false;
			memcpy(value, start, n);
			value[n] = '\0';
			found = true;
		}
		cmdline += len;
	}
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which virtual machine a process is: QEMU's "-name guest=NAME,debug-threads=on" (as
 * libvirt has it) or "-name NAME". QEMU writes a comma in a name as two.
 */
#include <string.h>

#include "parse.h"

static bool name_value(const char *arg, char *name, size_t size)
{
	size_t n = 0;

	if (!strncmp(arg, "guest=", 6))
		arg += 6;
	while (*arg) {
		/* A comma ends it, two stand for one. */
		if (arg[0] == ',' && arg[1] != ',')
			break;
		arg += arg[0] == ',';
		/* It goes to a terminal. */
		if ((unsigned char)*arg < ' ' || *arg == 0x7f || n + 1 >= size)
			return false;
		name[n++] = *arg++;
	}
	name[n] = '\0';
	return n;
}

bool guest_name(const char *cmdline, size_t len, char *name, size_t size)
{
	const char *end = cmdline + len, *arg = cmdline;
	bool next_is_name = false;

	while (arg < end) {
		const char *nul = memchr(arg, '\0', end - arg);

		/* /proc may cut the text: the last argument is then not whole */
		if (!nul)
			return false;
		if (next_is_name)
			return name_value(arg, name, size);
		next_is_name = !strcmp(arg, "-name") || !strcmp(arg, "--name");
		arg = nul + 1;
	}
	return false;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio - from a server full of NPUs to a VM with write combining, and back
 *
 * commands.c: the table of commands, of which args.c, help.c and gen.c (man page,
 * completion) live. A command (cmd_*.c) calls machine_scan() (npu.c) for all that can be
 * known, works out what to say or to do, and prints it last. Every file is read and
 * written through root.c, below --sysroot; every text from outside goes through parse/.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "commands.h"
#include "root.h"

static int run(const struct args *args)
{
	struct stat st;

	if (given(args, OPT_VERSION)) {
		puts("ascend-vfio " VERSION);
		return EXIT_DONE;
	}
	if (given(args, OPT_HELP)) {
		if (args->command)
			help_command(args->command);
		else
			help_all();
		return EXIT_DONE;
	}
	msg_quiet = given(args, OPT_QUIET);
	if (given(args, OPT_SYSROOT)) {
		sysroot = args->text[OPT_SYSROOT];
		if (stat(sysroot, &st) || !S_ISDIR(st.st_mode)) {
			error("--sysroot: '%s' is not a directory", sysroot);
			return EXIT_USAGE;
		}
	}
	return args->command->run(args);
}

int main(int argc, char **argv)
{
	struct args args;
	int status;

	if (!args_parse(argc, argv, &args))
		return EXIT_USAGE;
	status = run(&args);
	if (fflush(stdout) || ferror(stdout)) {
		error("standard output cannot be written");
		return EXIT_FAILED;
	}
	return status;
}

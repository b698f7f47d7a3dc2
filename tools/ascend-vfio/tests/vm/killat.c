// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kills the program that it is loaded into (LD_PRELOAD) before one of its changes to the
 * system, and does nothing else: all others are the real thing.
 *   KILL_AT     the number of that change; none: no kill
 *   KILL_LIST   file that gets a line a change: what it is
 * A change is a write to a file, a file that is renamed or removed, a directory that is made
 * and a module that is loaded or unloaded. Writes to standard output and error are none.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REAL(fn)	((__typeof__(fn) *)dlsym(RTLD_NEXT, #fn))

static void change(const char *what)
{
	static int changes;
	const char *at = getenv("KILL_AT"), *list = getenv("KILL_LIST");
	FILE *f = list ? fopen(list, "ae") : NULL;

	changes++;
	if (f) {
		/* Not by way of write() here: fprintf() does not call it. */
		fprintf(f, "%s\n", what);
		fclose(f);
	}
	if (at && atoi(at) == changes)
		raise(SIGKILL);
}

ssize_t write(int fd, const void *buf, size_t len)
{
	if (fd > STDERR_FILENO)
		change("write");
	return REAL(write)(fd, buf, len);
}

int rename(const char *from, const char *to)
{
	change("rename");
	return REAL(rename)(from, to);
}

int unlink(const char *file)
{
	change("unlink");
	return REAL(unlink)(file);
}

int mkdir(const char *dir, mode_t mode)
{
	/* The tool makes all on the way; those that are there are no change. */
	if (access(dir, F_OK))
		change("mkdir");
	return REAL(mkdir)(dir, mode);
}

/* libkmod loads and unloads by this: the C library has no functions for it. */
long syscall(long number, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_finit_module || number == SYS_init_module ||
	    number == SYS_delete_module)
		change("module");
	return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

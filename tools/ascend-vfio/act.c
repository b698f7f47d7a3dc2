// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - all that changes the system */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act.h"
#include "autoprobe.h"
#include "kmods.h"
#include "root.h"
#include "run.h"

#define LOCK	"/run/ascend-vfio.lock"

bool dry_run;

static const char *first_line(const char *text)
{
	return fmt("%.*s", (int)strcspn(text, "\n"), text);
}

int act_write(const char *path, const char *text)
{
	if (!dry_run)
		return root_write(path, text);
	printf("would write '%s' to %s\n", first_line(text), path);
	return 0;
}

/*
 * By a child, as nothing ends a wait in the kernel. It keeps the lock of act_lock(): nobody
 * else is to change anything while it is at it.
 */
int act_write_within(const char *path, const char *text, unsigned int seconds)
{
	struct pollfd p = { .events = POLLIN };
	int fds[2], status, ret = 0;
	pid_t pid;

	if (dry_run || root_is_recorded())
		return act_write(path, text);
	if (pipe(fds))
		return -errno;
	pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		if (null < 0)
			_exit(1);
		/* Who reads what the tool prints must not have to wait for the child. */
		for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
			dup2(null, fd);
		ret = root_write(path, text);
		if (write(fds[1], &ret, sizeof(ret)) != sizeof(ret))
			_exit(1);
		_exit(0);
	}
	close(fds[1]);
	p.fd = fds[0];
	if (pid < 0)
		ret = -errno;
	else if (poll(&p, 1, seconds * 1000) <= 0)
		ret = -ETIME;
	else if (read(fds[0], &ret, sizeof(ret)) != sizeof(ret))
		ret = -EIO;
	if (pid > 0 && ret != -ETIME)
		waitpid(pid, &status, 0);
	close(fds[0]);
	return ret;
}

int act_replace(const char *path, const char *text, mode_t mode)
{
	if (!dry_run)
		return root_replace(path, text, mode);
	printf("would make %s\n", path);
	return 0;
}

int act_remove(const char *path)
{
	if (!root_exists(path))
		return 0;
	if (!dry_run)
		return root_remove(path);
	printf("would remove %s\n", path);
	return 0;
}

int act_load(const char *module)
{
	if (!dry_run)
		return kmod_load(module);
	printf("would load the module %s\n", module);
	return 0;
}

int act_unload(const char *module)
{
	if (!dry_run)
		return kmod_unload(module);
	printf("would unload the module %s\n", module);
	return 0;
}

int act_run(char *const argv[])
{
	char *line = "";

	for (unsigned int i = 0; argv[i]; i++)
		line = join(line, " ", argv[i]);
	if (dry_run) {
		printf("would run %s\n", line);
		return 0;
	}
	if (root_is_recorded()) {
		note("a recorded tree: not run: %s", line);
		return 0;
	}
	note("running %s", line);
	return run_program(argv);
}

void act_lock(void)
{
	int fd;

	if (dry_run)
		return;
	root_mkdirs("/run");
	fd = open(root_path(LOCK), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		die("%s cannot be opened (%s): this needs root", LOCK, strerror(errno));
	/* Held until the process ends, however it ends */
	if (flock(fd, LOCK_EX | LOCK_NB))
		die("another ascend-vfio is changing something: try again when it is done");
	autoprobe_recover();
}

// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - other programs, and what the kernel has logged */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "root.h"
#include "run.h"

static pid_t start(char *const argv[], int out)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (out >= 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		if (null < 0)
			_exit(127);
		dup2(null, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
	execvp(argv[0], argv);
	_exit(127);
}

/* All that comes within the time, 8 KiB at most; false if the time was up. */
static bool collect(int fd, char *text, size_t size, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t used = 0;
	ssize_t n;

	while (used < size - 1) {
		if (poll(&p, 1, ms) <= 0)
			return false;
		n = read(fd, text + used, size - 1 - used);
		if (n <= 0)
			break;
		used += n;
	}
	text[used] = '\0';
	return true;
}

char *run_output(char *const argv[], unsigned int seconds)
{
	char *text = zalloc(8192);
	int pipe_fd[2], status = 0;
	bool whole;
	pid_t pid;

	if (pipe2(pipe_fd, O_CLOEXEC))
		return NULL;
	pid = start(argv, pipe_fd[1]);
	close(pipe_fd[1]);
	if (pid < 0) {
		close(pipe_fd[0]);
		return NULL;
	}
	whole = collect(pipe_fd[0], text, 8192, seconds * 1000);
	close(pipe_fd[0]);
	if (!whole)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return whole && WIFEXITED(status) && !WEXITSTATUS(status) ? text : NULL;
}

int run_program(char *const argv[])
{
	pid_t pid = start(argv, -1);
	int status;

	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

char *program_path(const char *name)
{
	static const char * const dirs[] = {
		"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
		"/usr/libexec",
	};

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		char *path = fmt("%s/%s", dirs[i], name);

		if (!access(root_path(path), X_OK))
			return path;
	}
	return NULL;
}

char *kernel_log(void)
{
	size_t used = 0, room = 1 << 16;
	char *log = zalloc(room + 1);
	ssize_t n;
	int fd;

	/* A record a read(); EPIPE: some were overwritten meanwhile. A recorded one is a file. */
	fd = open(root_path("/dev/kmsg"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return log;
	for (;;) {
		if (room - used < 8192) {
			char *more = zalloc(2 * room + 1);

			memcpy(more, log, used);
			log = more;
			room *= 2;
		}
		n = read(fd, log + used, room - used);
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			break;
		used += n;
	}
	close(fd);
	log[used] = '\0';
	return log;
}

char *kernel_log_line(const char *a, const char *b)
{
	const char *line = kernel_log(), *found = NULL;
	size_t len, found_len = 0;

	for (; *line; line += len + !!line[len]) {
		len = strcspn(line, "\n");
		if (memmem(line, len, a, strlen(a)) && memmem(line, len, b, strlen(b))) {
			found = line;
			found_len = len;
		}
	}
	if (!found)
		return NULL;
	/* "6,339,5140900,-;text" */
	line = memchr(found, ';', found_len);
	if (line)
		found_len -= line + 1 - found;
	return fmt("%.*s", (int)found_len, line ? line + 1 : found);
}

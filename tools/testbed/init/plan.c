// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a plan: one shell command a line, one after the other, each within a time
 * limit. Syntax of a line: [@NPU ][timeout=SECONDS ]COMMAND; '#' starts a comment
 * line. Whatever a command leaves running is killed before the next one starts.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "init.h"

#define DEFAULT_TIMEOUT_S	120
#define STATUS_TIMEOUT		124	/* as timeout(1) has it */

struct command {
	const struct npu *npu;	/* NULL: none in particular */
	int timeout_s;
	const char *text;
};

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static const struct npu *npu_by_name(const struct npu *npus, size_t nr, const char *name,
				     size_t len)
{
	for (size_t i = 0; i < nr; i++)
		if (strlen(npus[i].name) == len && !memcmp(npus[i].name, name, len))
			return &npus[i];
	return NULL;
}

static int parse_command(const char *line, const struct npu *npus, size_t nr,
			 struct command *cmd)
{
	char *end;

	*cmd = (struct command){ .timeout_s = DEFAULT_TIMEOUT_S };
	if (*line == '@') {
		size_t len = strcspn(++line, " ");

		cmd->npu = npu_by_name(npus, nr, line, len);
		if (!cmd->npu)
			return -1;
		line += len + strspn(line + len, " ");
	}
	if (!strncmp(line, "timeout=", 8)) {
		long limit = strtol(line + 8, &end, 10);

		if (limit < 1 || limit > 86400 || *end != ' ')
			return -1;
		cmd->timeout_s = limit;
		line = end + strspn(end, " ");
	}
	cmd->text = line;
	return *line ? 0 : -1;
}

static void run_child(const struct command *cmd, int out)
{
	char log[PATH_MAX];
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	if (cmd->npu)
		setenv("ASCEND_BDF", cmd->npu->bdf, 1);
	/* A device of QEMU's own has neither model nor log */
	if (cmd->npu && strcmp(cmd->npu->model, "-")) {
		snprintf(log, sizeof(log), "/run/host/%s.log", cmd->npu->name);
		setenv("ASCEND_MODEL", cmd->npu->model, 1);
		setenv("ASCEND_SIM_LOG", log, 1);
	}
	execl("/bin/sh", "sh", "-c", cmd->text, NULL);
	dprintf(out, "cannot run /bin/sh: %s\n", strerror(errno));
	_exit(127);
}

/* Passes on what is in the pipe, which does not block. Returns 0 if there is nothing. */
static int forward(int fd)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n <= 0)
		return 0;
	results_write(buf, n);
	return 1;
}

/* Where it hangs: the kernel lists its blocked tasks on the console. */
static void show_blocked(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "w", 1) != 1)
		results_line("# testbed: no list of blocked tasks: %s", strerror(errno));
	close(fd);
}

/* Readable when a child has ended; SIGCHLD is blocked from the first command on. */
static int child_fd(void)
{
	static int fd = -1;
	sigset_t set;

	if (fd < 0) {
		sigemptyset(&set);
		sigaddset(&set, SIGCHLD);
		sigprocmask(SIG_BLOCK, &set, NULL);
		fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	}
	return fd;
}

/*
 * Waits for @pid within its limit, output meanwhile going to the results. Other
 * children are orphans that came to PID 1. Returns the status as a shell has it.
 * It sleeps until there is something: many virtual hosts share a processor.
 */
static int supervise(pid_t pid, int out, int children, int timeout_s)
{
	struct pollfd fds[] = {
		{ .fd = children, .events = POLLIN },
		{ .fd = out, .events = POLLIN },
	};
	const long long deadline = now_ms() + timeout_s * 1000LL;
	struct signalfd_siginfo info;

	for (;;) {
		long long left;
		int status;
		pid_t done = waitpid(-1, &status, WNOHANG);

		if (done == pid)
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		if (done > 0)
			continue;
		left = deadline - now_ms();
		if (left <= 0) {
			results_line("# testbed: timed out after %d s", timeout_s);
			show_blocked();
			return STATUS_TIMEOUT;
		}
		if (poll(fds, ARRAY_SIZE(fds), left) <= 0)
			continue;
		/* Before children are asked for, so that none is missed */
		if (fds[0].revents && read(children, &info, sizeof(info)) < 0)
			continue;
		/* It may be closed long before the command ends */
		if (fds[1].revents && !forward(out))
			fds[1].fd = -1;
	}
}

/*
 * PID 1 may kill everyone else at once, which reaches also what left its process
 * group. A process stuck in the kernel cannot be reaped: wait for a second only.
 */
static void kill_leftovers(pid_t leader)
{
	long long deadline = now_ms() + 1000;

	/* Others' processes are none of the agent's business. */
	kill(getpid() == 1 ? -1 : -leader, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) >= 0 && now_ms() < deadline)
		usleep(1000);
}

static int run_command(const struct command *cmd)
{
	long long start = now_ms();
	int fds[2], status, children = child_fd();
	pid_t pid;

	if (children < 0 || pipe2(fds, O_CLOEXEC) || fcntl(fds[0], F_SETFL, O_NONBLOCK)) {
		results_line("# testbed: signalfd or pipe: %s", strerror(errno));
		return 126;
	}
	pid = fork();
	if (pid == 0)
		run_child(cmd, fds[1]);
	close(fds[1]);
	if (pid < 0) {
		results_line("# testbed: fork: %s", strerror(errno));
		status = 126;
	} else {
		status = supervise(pid, fds[0], children, cmd->timeout_s);
		kill_leftovers(pid);
		while (forward(fds[0]))
			;
	}
	close(fds[0]);
	results_line("# took %lld ms", now_ms() - start);
	return status;
}

/* How many lines are done, of an earlier boot */
static int read_done(const char *path)
{
	char line[NAME_LEN];

	return path && !read_line(path, line, sizeof(line)) ? atoi(line) : 0;
}

static int write_done(const char *path, int lines)
{
	FILE *f = fopen(path, "we");

	if (!f || fprintf(f, "%d\n", lines) < 0 || fclose(f)) {
		results_line("# testbed: cannot write %s: %s", path, strerror(errno));
		return -1;
	}
	return 0;
}

static void run_line(char *line, const struct npu *npus, size_t nr_npus)
{
	struct command cmd;
	int status;

	line[strcspn(line, "\n")] = '\0';
	if (!line[0] || line[0] == '#')
		return;
	results_line("# begin %s", line);
	if (parse_command(line, npus, nr_npus, &cmd)) {
		results_line("# testbed: no such NPU, bad timeout, or no command");
		status = 126;
	} else {
		status = run_command(&cmd);
	}
	results_line("# end %d %s", status, line);
}

int run_plan(const char *plan, const char *done, const struct npu *npus, size_t nr_npus)
{
	FILE *f = fopen(plan, "re");
	int ret = 0, lines = 0, skip = read_done(done);
	char line[4096];

	if (!f) {
		results_line("# testbed: cannot open %s: %s", plan, strerror(errno));
		return -1;
	}
	while (!ret && fgets(line, sizeof(line), f)) {
		if (lines++ < skip)
			continue;
		run_line(line, npus, nr_npus);
		if (done && !access(REBOOT_WANTED, F_OK))
			ret = write_done(done, lines) ? -1 : PLAN_REBOOT;
	}
	fclose(f);
	return ret;
}

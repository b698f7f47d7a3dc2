// SPDX-License-Identifier: GPL-2.0-only
/*
 * The results channel: a virtio-serial port, so that neither kernel messages nor
 * a broken console can be mistaken for results. A guest without the port (an
 * inner one, say) reports on its console.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

#define PORT_NAME	"org.ascend.results"
#define PORTS		"/sys/class/virtio-ports"

static int results_fd = STDERR_FILENO;
static int mid_line;

int read_line(const char *path, char *buf, size_t len)
{
	FILE *f = fopen(path, "re");
	char *got;

	if (!f)
		return -1;
	got = fgets(buf, len, f);
	fclose(f);
	if (!got)
		return -1;
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

static int open_port(const char *port)
{
	char path[PATH_MAX], name[NAME_LEN];

	snprintf(path, sizeof(path), PORTS "/%s/name", port);
	if (read_line(path, name, sizeof(name)) || strcmp(name, PORT_NAME))
		return -1;
	snprintf(path, sizeof(path), "/dev/%s", port);
	return open(path, O_WRONLY | O_CLOEXEC);
}

static int find_port(void)
{
	struct dirent *port;
	DIR *ports = opendir(PORTS);
	int fd = -1;

	if (!ports)
		return -1;
	while (fd < 0 && (port = readdir(ports)))
		fd = open_port(port->d_name);
	closedir(ports);
	return fd;
}

int results_open(void)
{
	/* The driver learns of its ports a little after it was loaded. */
	for (int tries = 0; tries < 500 && !access(PORTS, F_OK); tries++) {
		int fd = find_port();

		if (fd >= 0) {
			results_fd = fd;
			return 0;
		}
		usleep(10000);
	}
	return -1;
}

void results_write(const char *data, size_t len)
{
	if (!len)
		return;
	mid_line = data[len - 1] != '\n';
	while (len) {
		ssize_t n = write(results_fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		/* Nobody left to tell; the host notices what is missing. */
		if (n <= 0)
			return;
		data += n;
		len -= n;
	}
}

/* A line of init's own: always starts at the beginning of a line. */
void results_line(const char *fmt, ...)
{
	char line[4096];
	va_list args;
	int len;

	if (mid_line)
		results_write("\n", 1);
	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line) - 1, fmt, args);
	va_end(args);
	if (len < 0)
		return;
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len] = '\n';
	results_write(line, len + 1);
}

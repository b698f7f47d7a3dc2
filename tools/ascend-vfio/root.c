// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - files below --sysroot */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parse/parse.h"
#include "root.h"

const char *sysroot = "";

bool root_is_recorded(void)
{
	return *sysroot;
}

char *root_path(const char *path)
{
	return fmt("%s%s", sysroot, path);
}

bool root_exists(const char *path)
{
	return !access(root_path(path), F_OK);
}

char *root_read_all(const char *path, size_t *len)
{
	int fd = open(root_path(path), O_RDONLY | O_CLOEXEC), err;
	size_t used = 0, room = 4096;
	char *buf;
	ssize_t n;

	if (fd < 0)
		return NULL;
	buf = zalloc(room + 1);
	while ((n = read(fd, buf + used, room - used)) > 0) {
		used += n;
		if (used == room) {
			char *more = zalloc(2 * room + 1);

			memcpy(more, buf, used);
			buf = more;
			room *= 2;
		}
	}
	err = errno;
	close(fd);
	errno = err;
	if (n < 0)
		return NULL;
	buf[used] = '\0';
	if (len)
		*len = used;
	return buf;
}

char *root_read(const char *path)
{
	char *text = root_read_all(path, NULL);
	size_t len;

	if (!text)
		return NULL;
	len = strlen(text);
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	return text;
}

bool root_read_num(const char *path, u64 *value)
{
	char *text = root_read(path);

	return text && parse_num(text, value);
}

char *root_link(const char *path)
{
	char target[PATH_MAX];
	ssize_t len = readlink(root_path(path), target, sizeof(target) - 1);

	if (len < 0)
		return NULL;
	target[len] = '\0';
	return copy(target);
}

char *root_link_name(const char *path)
{
	char *target = root_link(path), *slash;

	if (!target)
		return "";
	slash = strrchr(target, '/');
	return slash ? slash + 1 : target;
}

char *root_real(const char *path)
{
	static char *real_root;
	char *real = realpath(root_path(path), NULL), *text = NULL;
	size_t len;

	if (!real_root)
		real_root = realpath(*sysroot ? sysroot : "/", NULL);
	if (real && real_root) {
		len = strcmp(real_root, "/") ? strlen(real_root) : 0;
		if (!strncmp(real, real_root, len))
			text = copy(real + len);
	}
	free(real);
	return text;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

char **root_list(const char *path)
{
	DIR *dir = opendir(root_path(path));
	size_t nr = 0, room = 64;
	char **names = zalloc((room + 1) * sizeof(*names));
	struct dirent *entry;

	if (!dir)
		return names;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (nr == room) {
			char **more = zalloc((2 * room + 1) * sizeof(*more));

			memcpy(more, names, nr * sizeof(*more));
			names = more;
			room *= 2;
		}
		names[nr++] = copy(entry->d_name);
	}
	closedir(dir);
	qsort(names, nr, sizeof(*names), by_name);
	return names;
}

static int write_text(int fd, const char *text)
{
	size_t len = strlen(text);
	ssize_t n = write(fd, text, len);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

int root_write(const char *path, const char *text)
{
	int fd = open(root_path(path), O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = write_text(fd, text);
	close(fd);
	return ret;
}

static int sync_dir_of(const char *path)
{
	char *dir = copy(path), *slash = strrchr(dir, '/');
	int fd, ret = 0;

	slash[slash == dir] = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd))
		ret = -errno;
	close(fd);
	return ret;
}

static int make_dirs(char *path)
{
	for (char *p = path + 1; ; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			return -errno;
		*p = c;
		if (!c)
			return 0;
	}
}

int root_mkdirs(const char *path)
{
	return make_dirs(root_path(path));
}

static int write_new(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode), ret;

	if (fd < 0)
		return -errno;
	ret = write_text(fd, text);
	if (!ret && (fchmod(fd, mode) || fsync(fd)))
		ret = -errno;
	close(fd);
	return ret;
}

int file_replace(const char *path, const char *text, mode_t mode)
{
	char *to = strchr(path, '/') ? copy(path) : fmt("./%s", path);
	char *dir = copy(to), *slash = strrchr(dir, '/');
	/* A dot file: udev, initramfs-tools and we ourselves take no notice of it */
	char *tmp = fmt("%.*s/.%s.new", (int)(slash - dir), dir, slash + 1);
	int ret;

	ret = write_new(tmp, text, mode);
	if (!ret && rename(tmp, to))
		ret = -errno;
	if (ret) {
		unlink(tmp);
		return ret;
	}
	return sync_dir_of(to);
}

int root_replace(const char *path, const char *text, mode_t mode)
{
	char *dir = root_path(path);
	int ret;

	*strrchr(dir, '/') = '\0';
	ret = make_dirs(dir);
	return ret ? ret : file_replace(root_path(path), text, mode);
}

int root_remove(const char *path)
{
	char *file = root_path(path);

	if (unlink(file))
		return errno == ENOENT ? 0 : -errno;
	return sync_dir_of(file);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio - a register of a device. No other file of ours: verify, which has nothing
 * else of the tool, uses it as well.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mmio.h"

static int access32(const char *path, u64 offset, u32 *value, bool write)
{
	u64 page = sysconf(_SC_PAGESIZE), start = offset & ~(page - 1);
	int prot = write ? PROT_READ | PROT_WRITE : PROT_READ, ret = 0;
	int fd = open(path, (write ? O_RDWR : O_RDONLY) | O_SYNC | O_CLOEXEC);
	volatile u32 *reg;
	char *map;

	if (fd < 0)
		return -errno;
	map = mmap(NULL, page, prot, MAP_SHARED, fd, start);
	if (map == MAP_FAILED) {
		ret = -errno;
	} else {
		reg = (volatile u32 *)(map + (offset - start));
		if (write)
			*reg = *value;
		else
			*value = *reg;
		munmap(map, page);
	}
	close(fd);
	return ret;
}

int mmio_read32(const char *path, u64 offset, u32 *value)
{
	return access32(path, offset, value, false);
}

int mmio_write32(const char *path, u64 offset, u32 value)
{
	return access32(path, offset, &value, true);
}

// SPDX-License-Identifier: GPL-2.0-only
/* The memory behind the BARs: see bars.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bars.h"

/*
 * A memfd is sparse, so 64 GiB cost nothing until touched. Sealed, because the
 * client holds it too and must not be able to shrink it under our accesses.
 */
static int create_bar(unsigned int bar, u64 size)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "npu-bar%u", bar);
	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -1;
	if (ftruncate(fd, size) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		close(fd);
		return -1;
	}
	return fd;
}

int npu_bars_init(struct npu_bars *bars, const u64 *sizes)
{
	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++)
		bars->fd[bar] = -1;
	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		if (!sizes[bar])
			continue;
		bars->fd[bar] = create_bar(bar, sizes[bar]);
		if (bars->fd[bar] < 0) {
			npu_bars_exit(bars);
			return -1;
		}
	}
	return 0;
}

void npu_bars_exit(struct npu_bars *bars)
{
	int error = errno;

	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++)
		if (bars->fd[bar] >= 0)
			close(bars->fd[bar]);
	errno = error;
}

/*
 * By pread and pwrite, not through a mapping: what a client does to the memfd
 * can then fail an access but never raise SIGBUS here.
 */
int npu_bar_load(const struct npu_bars *bars, unsigned int bar, u64 offset, void *data, u32 len)
{
	while (len) {
		ssize_t n = pread(bars->fd[bar], data, len, offset);

		if (n <= 0)
			return -EIO;
		data = (u8 *)data + n;
		offset += n;
		len -= n;
	}
	return 0;
}

int npu_bar_store(struct npu_bars *bars, unsigned int bar, u64 offset, const void *data, u32 len)
{
	while (len) {
		ssize_t n = pwrite(bars->fd[bar], data, len, offset);

		if (n <= 0)
			return -EIO;
		data = (const u8 *)data + n;
		offset += n;
		len -= n;
	}
	return 0;
}

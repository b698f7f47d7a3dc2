// SPDX-License-Identifier: GPL-2.0-only
/* What speed_test has done by each driver. */
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "speed.h"

#define ROOM		2048	/* for region info with all capabilities */

int do_read(void *arg)
{
	struct subject *s = arg;
	__u32 value;

	return npu_pread(&s->npu, s->region, &value, 4, s->offset) == 4 ? 0 : -EIO;
}

/* Of 0, which is what is there: memory of the device that nobody has written */
int do_write(void *arg)
{
	struct subject *s = arg;
	__u32 value = 0;

	return npu_pwrite(&s->npu, s->region, &value, 4, s->offset) == 4 ? 0 : -EIO;
}

int do_region_info(void *arg)
{
	struct subject *s = arg;
	__u64 room[ROOM / sizeof(__u64)];
	struct vfio_region_info *info = (void *)room;

	info->argsz = sizeof(room);
	info->index = s->region;
	return ioctl(s->npu.fd, VFIO_DEVICE_GET_REGION_INFO, info) ? -errno : 0;
}

int do_open(void *arg)
{
	struct subject *s = arg;

	s->npu.fd = ioctl(s->npu.group, VFIO_GROUP_GET_DEVICE_FD, s->npu.id.bdf);
	return s->npu.fd < 0 ? -errno : 0;
}

int do_close(void *arg)
{
	struct subject *s = arg;

	close(s->npu.fd);
	s->npu.fd = -1;
	return 0;
}

/*
 * A device that is closed falls asleep a little later, or is open again by then. Waking it is
 * core's work, and takes more than half of what all else does that an open does. VFIO sets
 * this back when it gives up the device.
 */
static int keep_awake(void)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/power/control", npu_dut.bdf);
	return sysfs_write(path, "on");
}

int not_open(void *arg)
{
	struct subject *s = arg;
	int err = s->npu.fd < 0 ? 0 : do_close(arg);

	return err ? err : keep_awake();
}

int is_open(void *arg)
{
	struct subject *s = arg;
	int err;

	if (s->npu.fd >= 0)
		return 0;
	err = keep_awake();
	return err ? err : do_open(arg);
}

static int driver_file(struct subject *s, const char *file)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/%s", s->driver, file);
	return sysfs_write(path, npu_dut.bdf);
}

int do_bind(void *arg)
{
	return driver_file(arg, "bind");
}

int do_unbind(void *arg)
{
	return driver_file(arg, "unbind");
}

int is_bound(void *arg)
{
	struct subject *s = arg;
	char now[64];

	npu_close(&s->npu);
	npu_driver(npu_dut.bdf, now, sizeof(now));
	return *now ? 0 : do_bind(arg);
}

int not_bound(void *arg)
{
	int err = is_bound(arg);

	return err ? err : do_unbind(arg);
}

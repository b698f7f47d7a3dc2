// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio - which processes have a device open
 *
 * Seen in /proc/PID/fd: the VFIO group (/dev/vfio/N), the device node
 * (/dev/vfio/devices/vfioN), the function's own files in sysfs (resourceN), and the
 * native driver's nodes, of which nobody outside that driver can tell which card they
 * are: these are attributed to every native card.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "npu.h"
#include "root.h"

static char *process_text(const char *pid)
{
	char guest[128], *comm = root_read(fmt("/proc/%s/comm", pid)), *cmdline;
	size_t len;

	cmdline = root_read_all(fmt("/proc/%s/cmdline", pid), &len);
	if (cmdline && guest_name(cmdline, len, guest, sizeof(guest)))
		return fmt("%s (guest %s)", comm ? comm : "?", guest);
	return comm ? comm : "?";
}

/* Numbered by the kernel: the cdev of a device that VFIO has, "vfio3" */
static char *vfio_dev(const struct npu *npu)
{
	char **names = root_list(fmt("%s/vfio-dev", npu->dir));

	return names[0] ? names[0] : "";
}

static void add(struct npu *npu, const char *pid, const char *what)
{
	struct holder *more;
	u64 number;

	if (!parse_num(pid, &number))
		return;
	for (unsigned int i = 0; i < npu->nr_holders; i++)
		if (npu->holders[i].pid == number)
			return;
	more = zalloc((npu->nr_holders + 1) * sizeof(*more));
	if (npu->nr_holders)
		memcpy(more, npu->holders, npu->nr_holders * sizeof(*more));
	more[npu->nr_holders++] = (struct holder){ number, process_text(pid), copy(what) };
	npu->holders = more;
}

static bool is_native_node(const char *target)
{
	return starts_with(target, "/dev/davinci") && target[12] >= '0' && target[12] <= '9';
}

struct wanted {
	char *group, *cdev, *resource;
};

static void look_at_fd(struct machine *m, const struct wanted *wanted, const char *pid,
		       const char *target)
{
	for (unsigned int i = 0; i < m->nr; i++) {
		struct npu *npu = &m->npus[i];

		if (!strcmp(target, wanted[i].group) || !strcmp(target, wanted[i].cdev) ||
		    starts_with(target, wanted[i].resource) ||
		    (npu->state == NPU_NATIVE && is_native_node(target)))
			add(npu, pid, target);
	}
}

void npu_find_holders(struct machine *m)
{
	struct wanted *wanted = zalloc(m->nr * sizeof(*wanted));
	char **pids = root_list("/proc");
	bool unseen = false;

	for (unsigned int i = 0; i < m->nr; i++) {
		struct npu *npu = &m->npus[i];
		char *real = root_real(npu->dir);

		wanted[i].group = npu->group == UNKNOWN ? "" : fmt("/dev/vfio/%d", npu->group);
		wanted[i].cdev = fmt("/dev/vfio/devices/%s", vfio_dev(npu));
		wanted[i].resource = fmt("%s/resource", real ? real : npu->dir);
		npu->nr_holders = 0;
	}
	for (; *pids; pids++) {
		size_t mark = arena_mark();
		char *dir, **fds;
		bool keep = false;
		u64 pid;

		if (!parse_num(*pids, &pid))
			continue;
		dir = fmt("/proc/%s/fd", *pids);
		if (access(root_path(dir), R_OK) && errno != ENOENT)
			unseen = true;
		for (fds = root_list(dir); *fds; fds++) {
			char *target = root_link(fmt("%s/%s", dir, *fds));

			if (!target || *target != '/' ||
			    (!starts_with(target, "/dev/") && !starts_with(target, "/sys/")))
				continue;
			keep = true;
			look_at_fd(m, wanted, *pids, target);
		}
		if (!keep)
			arena_release(mark);
	}
	for (unsigned int i = 0; i < m->nr; i++) {
		m->npus[i].holders_unseen = unseen;
		npu_set_state(&m->npus[i]);
	}
}

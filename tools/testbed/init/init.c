// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1 of a test guest: sets it up, runs the plan, says on the results channel
 * that all of it was done, and turns the machine off. The host takes anything but
 * that last line as a failure, so every error here just ends early.
 *
 * As another process it is the agent of a test guest that has a distribution on its disk:
 * that one has set up everything, and the plan goes on behind a reboot.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"

#define DIR		"/lib/testbed"
#define SCENE		"/run/npus"
#define SHOW_INFO	7	/* console log level that includes KERN_INFO */

/* Of the agent: its input, a share of the host; what is kept on the disk */
#define AGENT_DIR	"/mnt/testbed"
#define AGENT_STATE	"/var/lib/testbed"
#define AGENT_DONE	AGENT_STATE "/done"

static struct npu npus[MAX_NPUS];

/* busybox makes its own links, as the host cannot run it to ask for its names. */
static void install_busybox(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/busybox", "busybox", "--install", "-s", "/bin", NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status)
		results_line("# testbed: busybox --install failed");
}

static void set_environment(void)
{
	clearenv();
	setenv("PATH", "/selftests:/bin:/sbin:/usr/bin:/usr/sbin", 1);
	setenv("HOME", "/tmp", 1);
	setenv("TERM", "dumb", 1);
	setenv("ASCEND_SCENE", SCENE, 1);
}

/* For the tables of check.sh: what the tests ran on, and what they can open devices by. */
static void report_kernel(void)
{
	int group = !access("/dev/vfio/vfio", F_OK);
	int iommufd = !access("/dev/iommu", F_OK);
	struct utsname uts;

	if (!uname(&uts))
		results_line("# testbed: kernel %s %s %ldK %s%s%s", uts.release, uts.machine,
			     sysconf(_SC_PAGESIZE) / 1024, group ? "group" : "",
			     group && iommufd ? "," : "", iommufd ? "iommufd" : "");
}

static int run(void)
{
	int n;

	if (mount_all() || load_modules(DIR "/modules"))
		return -1;
	if (results_open())
		results_line("# testbed: no results port, reporting here");
	report_kernel();
	if (stop_fair_servers())
		return -1;
	mount_shares();
	install_busybox();
	n = find_npus(DIR "/npus", SCENE, npus, MAX_NPUS);
	if (n < 0)
		return -1;
	/* Boot messages stay off the slow console; the driver's are wanted there. */
	klogctl(8, NULL, SHOW_INFO);
	if (load_modules(DIR "/driver"))
		return -1;
	set_environment();
	return run_plan(DIR "/plan", NULL, npus, n);
}

static int run_agent(void)
{
	int n;

	if (results_open())
		results_line("# testbed: no results port, reporting here");
	report_kernel();
	if (stop_fair_servers())
		return -1;
	mount_shares();
	n = find_npus(AGENT_DIR "/npus", SCENE, npus, MAX_NPUS);
	if (n < 0)
		return -1;
	klogctl(8, NULL, SHOW_INFO);
	set_environment();
	return run_plan(AGENT_DIR "/plan", AGENT_DONE, npus, n);
}

static void turn_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	/* A kernel that cannot power off: restart, which QEMU is told to take as exit. */
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

int main(void)
{
	int ret;

	if (getpid() != 1 && access(AGENT_STATE, F_OK)) {
		fprintf(stderr, "init: only of use in a test guest\n");
		return 2;
	}
	ret = getpid() == 1 ? run() : run_agent();
	if (ret == PLAN_REBOOT) {
		/* The host starts QEMU again when it has seen this and QEMU's end. */
		results_line("# testbed: reboot");
		execlp("systemctl", "systemctl", "reboot", NULL);
	} else if (!ret) {
		results_line("# testbed: plan complete");
	}
	turn_off();
}

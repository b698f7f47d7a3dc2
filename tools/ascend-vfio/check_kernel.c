// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio check: the kernel, KVM, and whether it honours Normal-NC */
#include <string.h>

#include "check.h"
#include "root.h"
#include "run.h"

void check_kernel(struct checkup *c)
{
	struct version v;

	if (!find_version(c->m->release, &v))
		found(c, LEVEL_WARNING, "kernel", NULL, "its release cannot be read", NULL);
	else if (version_cmp(&v, 6, 1) < 0)
		found(c, LEVEL_PROBLEM, "kernel", NULL,
		      fmt("%s is too old: the driver needs Linux 6.1", c->m->release),
		      "install Linux 6.1 or later (openEuler 24.03, Debian 12)");
	else
		found(c, LEVEL_OK, "kernel", NULL, fmt("%s on %s", c->m->release,
						       *c->m->arch ? c->m->arch : "an unknown machine"), NULL);
}

void check_kvm(struct checkup *c)
{
	if (root_exists("/dev/kvm"))
		found(c, LEVEL_OK, "kvm", NULL, "/dev/kvm is there", NULL);
	else
		found(c, LEVEL_PROBLEM, "kvm", NULL, "there is no /dev/kvm",
		      !strcmp(c->m->arch, "arm64") ?
		      "the kernel must be started at EL2: look for \"kvm\" in the kernel log" :
		      "modprobe kvm_intel or kvm_amd, and switch on VT-x or SVM in the firmware's setup");
}

static bool contains(const char *path, const char *text)
{
	size_t len;
	char *data = root_read_all(path, &len);

	return data && memmem(data, len, text, strlen(text));
}

#define PROT_NC		"KVM_PGTABLE_PROT_NORMAL_NC"
#define PGTABLE_H	"arch/arm64/include/asm/kvm_pgtable.h"

/* The headers' folder; its link is absolute, and below --sysroot that is below it. */
static char *headers_dir(const struct machine *m, const char *name)
{
	char *link = fmt("/lib/modules/%s/%s", m->release, name), *target = root_link(link);

	return target && *target == '/' ? target : link;
}

/*
 * From what is surest: the running kernel's own type information, then the headers that
 * are installed for it. No symbol in kallsyms tells: the change added none. The driver
 * can only say that VFIO sets the flag in its VMAs; both came with the same commits,
 * upstream and in the vendor's and this project's patches. The release number is no
 * evidence, as distributions backport.
 */
int kvm_normal_nc(const struct machine *m, const char **how)
{
	static const char * const dirs[] = { "build", "source" };
	static const char btf[] = "/sys/kernel/btf/vmlinux";

	if (contains(btf, PROT_NC)) {
		*how = "the running kernel's type information (BTF) has " PROT_NC;
		return 1;
	}
	if (contains(btf, "kvm_pgtable_prot")) {
		*how = "the running kernel's type information (BTF) has KVM's page tables without "
			PROT_NC;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		char *path = fmt("%s/%s", headers_dir(m, dirs[i]), PGTABLE_H);

		if (!root_exists(path))
			continue;
		*how = fmt("the kernel's headers, %s", path);
		return contains(path, PROT_NC);
	}
	*how = "the kernel has no type information (BTF), and its headers are not installed";
	return UNKNOWN;
}

static const char *driver_says(const struct checkup *c)
{
	for (struct npu **npu = c->npus; *npu; npu++)
		if ((*npu)->has_nc)
			return (*npu)->normal_nc_bars ?
				fmt("; the driver lets %s have it", (*npu)->bdf) :
				fmt("; the driver lets %s not have it", (*npu)->bdf);
	if (kernel_log_line(DRIVER, "lacks VM_ALLOW_ANY_UNCACHED"))
		return "; the driver has logged that this kernel lacks VM_ALLOW_ANY_UNCACHED";
	return "";
}

void check_normal_nc(struct checkup *c)
{
	static const char advice[] =
		"Linux 6.9 or later, or a patched one (driver/kvm); the registers are guarded in any case";
	const char *how;

	if (strcmp(c->m->arch, "arm64")) {
		found(c, LEVEL_OK, "normal-nc", NULL,
		      "not an arm64 machine: KVM's Normal-NC is of no account here, and what write combining a guest gets was not looked at",
		      NULL);
		return;
	}
	switch (kvm_normal_nc(c->m, &how)) {
	case 1:
		found(c, LEVEL_OK, "normal-nc", NULL, fmt("KVM honours it: %s%s", how,
							  driver_says(c)), NULL);
		break;
	case 0:
		found(c, LEVEL_WARNING, "normal-nc", NULL,
		      fmt("KVM does not honour it, so guests get no write combining: %s%s", how,
			  driver_says(c)), advice);
		break;
	default:
		found(c, LEVEL_WARNING, "normal-nc", NULL,
		      fmt("not known whether KVM honours it: %s%s", how, driver_says(c)),
		      "install the headers of this kernel; upstream it came with Linux 6.9");
	}
}

void check_page_size(struct checkup *c)
{
	char *smaps = root_read_all("/proc/self/smaps", NULL);
	u64 size;

	if (!smaps || !proc_kb(smaps, "KernelPageSize", &size)) {
		found(c, LEVEL_WARNING, "page-size", NULL, "the host's page size is not known", NULL);
		return;
	}
	found(c, LEVEL_OK, "page-size", NULL,
	      fmt("%s on the host. feature_bar_mem in the guest also needs its page size to be the chip's, which cannot be read from here",
		  size_text(size)), NULL);
}

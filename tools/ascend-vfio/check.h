/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio check - findings
 *
 * Each check is a function that adds findings; check_checks in cmd_check.c is the list.
 */
#ifndef ASCEND_CHECK_H
#define ASCEND_CHECK_H

#include "npu.h"

enum level { LEVEL_OK, LEVEL_WARNING, LEVEL_PROBLEM };

struct finding {
	enum level level;
	const char *name;	/* stable, for scripts: "iommu", "group" */
	const char *bdf;	/* NULL: the machine's */
	const char *text;
	const char *advice;	/* NULL: none */
};

struct checkup {
	struct machine *m;
	struct npu **npus;	/* those asked for, NULL at the end */
	u64 memory;		/* of the guest; 0: not given */
	struct finding *findings;
	unsigned int nr, room;
};

/* @npu NULL: of the machine */
void found(struct checkup *c, enum level level, const char *name, const struct npu *npu,
	   const char *text, const char *advice);

/* check_iommu.c */
void check_iommu(struct checkup *c);
void check_groups(struct checkup *c);
void check_acs(struct checkup *c);
void check_reserved(struct checkup *c);
/* check_kernel.c */
void check_kernel(struct checkup *c);
void check_kvm(struct checkup *c);
void check_normal_nc(struct checkup *c);
void check_page_size(struct checkup *c);
/* check_modules.c */
void check_module(struct checkup *c);
void check_signature(struct checkup *c);
void check_rivals(struct checkup *c);
void check_probing(struct checkup *c);
/* check_device.c */
void check_devices(struct checkup *c);
void check_reset(struct checkup *c);
void check_bars(struct checkup *c);
/* check_host.c */
void check_qemu(struct checkup *c);
void check_libvirt(struct checkup *c);
void check_memory(struct checkup *c);

/* Does KVM honour Normal-NC? 1, 0, or UNKNOWN; *how: how that was found out. */
int kvm_normal_nc(const struct machine *m, const char **how);
/* The installed QEMU's version; false and *where: why not. */
bool qemu_version(const struct machine *m, struct version *version, const char **where);
/* The first that takes other drivers than vfio-pci */
#define LIBVIRT_MAJOR	10
bool libvirt_version(struct version *version, const char **where);

#endif

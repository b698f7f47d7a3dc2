// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preload library that lets QEMU's vfio-user-pci work behind its emulated SMMUv3.
 *
 * vfio-user asks the IOMMU for an event per mapping, to pass mappings on to servers
 * that access guest memory directly; SMMUv3 cannot give them, and refuses the device.
 * The NPU simulator accesses guest memory by messages, which QEMU translates one by
 * one: it needs no such event. So the SMMU is made to accept the request, without
 * serving it. QEMU's own text stays untouched: two pointers in a class are changed,
 * after a check that the class looks like the one this was written for (11.1).
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SMMU_DEVICE	"arm-smmuv3"
#define SMMU_CLASS	"smmuv3-iommu-memory-region"
#define NOTIFIER_MAP	0x2	/* IOMMU_NOTIFIER_MAP */

typedef int notify_fn(void *iommu, int old_flags, int new_flags, void *errp);
typedef void replay_fn(void *iommu, void *notifier);
typedef int connect_fn(int fd, const struct sockaddr *addr, socklen_t len);

/* QEMU's IOMMUMemoryRegionClass, as far as SMMUv3 fills it in. */
struct iommu_mr_class {
	void *object_class[12];
	void *translate;
	void *get_min_page_size;
	notify_fn *notify_flag_changed;
	replay_fn *replay;
	void *get_attr;
	void *attrs_to_index;
	void *num_indexes;
};

static notify_fn *real_notify;

static int accept_notifier(void *iommu, int old_flags, int new_flags, void *errp)
{
	if ((old_flags | new_flags) & NOTIFIER_MAP)
		return 0;
	return real_notify(iommu, old_flags, new_flags, errp);
}

/* Without one, QEMU walks the whole address space, page by page, for the notifier. */
static void replay_nothing(void *iommu, void *notifier)
{
	(void)iommu;
	(void)notifier;
}

static void *need_symbol(const char *name)
{
	void *sym = dlsym(RTLD_DEFAULT, name);

	if (!sym) {
		fprintf(stderr, "smmu-notify: QEMU does not export %s: use QEMU 10.1 to 11.1\n",
			name);
		exit(1);
	}
	return sym;
}

/* Is it a function of the QEMU program itself? */
static int in_qemu(void *fn, void *symbol)
{
	Dl_info a, b;

	return fn && dladdr(fn, &a) && dladdr(symbol, &b) && a.dli_fbase == b.dli_fbase;
}

static int layout_is_known(const struct iommu_mr_class *smmu, const struct iommu_mr_class *base,
			   void *symbol)
{
	static const struct iommu_mr_class none;
	size_t own = sizeof(none) - sizeof(none.object_class);

	return !memcmp(&base->translate, &none.translate, own) &&
	       in_qemu(smmu->translate, symbol) && !smmu->get_min_page_size &&
	       in_qemu((void *)smmu->notify_flag_changed, symbol) && !smmu->replay &&
	       !smmu->get_attr && !smmu->attrs_to_index && !smmu->num_indexes;
}

static void patch_class(void)
{
	void *by_name = need_symbol("object_class_by_name");
	void *get_parent = need_symbol("object_class_get_parent");
	struct iommu_mr_class *smmu, *base;

	/* A QEMU for x86, whose own IOMMU has these events: nothing to do. */
	if (!((void *(*)(const char *))by_name)(SMMU_DEVICE))
		return;
	smmu = ((void *(*)(const char *))by_name)(SMMU_CLASS);
	base = smmu ? ((void *(*)(void *))get_parent)(smmu) : NULL;
	if (!base || !layout_is_known(smmu, base, by_name)) {
		fprintf(stderr, "smmu-notify: " SMMU_CLASS " is not laid out as in QEMU 10.1 to 11.1:\n"
			"compare this QEMU's include/system/memory.h with struct iommu_mr_class\n");
		exit(1);
	}
	real_notify = smmu->notify_flag_changed;
	smmu->notify_flag_changed = accept_notifier;
	smmu->replay = replay_nothing;
}

/*
 * The moment to do it: when vfio-user-pci connects to its server, all classes are
 * registered, and the device has not asked for events yet.
 */
int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	static connect_fn *next;

	if (!next) {
		next = (connect_fn *)dlsym(RTLD_NEXT, "connect");
		patch_class();
	}
	return next(fd, addr, len);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What VFIO_DEVICE_GET_REGION_INFO answers, and what it should answer.
 */
#ifndef SELFTESTS_LIB_REGION_H
#define SELFTESTS_LIB_REGION_H

#include "npu.h"

#define NPU_NR_REGIONS	VFIO_PCI_NUM_REGIONS
#define NPU_MAX_AREAS	64
#define NPU_MAX_CAPS	8

/**
 * struct npu_region - one answer, parsed
 * @argsz: as it came back from the first question, asked without room for capabilities
 * @caps: capability ids in chain order
 * @areas: of the sparse-mmap capability, in the order given
 */
struct npu_region {
	__u32			index;
	__u32			flags;
	__u64			size;
	__u64			offset;
	__u32			argsz;
	unsigned int		nr_caps;
	__u16			caps[NPU_MAX_CAPS];
	unsigned int		nr_areas;
	struct npu_range	areas[NPU_MAX_AREAS];
};

/* Ask twice, as VMMs do, and parse: 0, -errno, -EPROTO for a broken chain */
int npu_region_get(struct npu *npu, unsigned int index, struct npu_region *region);
/* Place of capability @id in the chain, -1 when it is not there */
int npu_region_cap(const struct npu_region *region, __u16 id);
/* What can be mapped: the areas, or the whole where there are none; 0 for nothing */
unsigned int npu_region_mappable(const struct npu_region *region, struct npu_range *out);

size_t npu_page_size(void);
size_t npu_pmd_size(void);

/*
 * What the design asks for, computed from the table, the page size and the
 * MSI-X capability. All return how many ranges were written, sorted, at most
 * NPU_MAX_AREAS.
 */
unsigned int npu_trapped_pages(const struct npu_model *model, unsigned int bar,
			       struct npu_range *out);
unsigned int npu_expected_areas(struct npu *npu, unsigned int bar, __u64 size,
				struct npu_range *out);
/* Page range of @bar's part of the MSI-X table, empty when it is elsewhere */
struct npu_range npu_msix_pages(struct npu *npu, unsigned int bar);

/*
 * Whether the mapping at @addr carries a VM flag that the kernel prints as "??" in
 * smaps: VM_ALLOW_ANY_UNCACHED has no name there. -errno on failure.
 */
int vma_has_unnamed_flag(const void *addr);
/* The same of a mapping of @region that is made for this and taken down again */
int npu_mapping_is_nc(struct npu *npu, const struct npu_region *region);
/*
 * Whether the kernel makes mappings of BARs Normal-NC by itself, asked of vfio-pci, which
 * has @npu: 1, 0, -errno. 0 does not say that KVM cannot: before 6.9 no driver of the
 * kernel's asks a patched one for it.
 */
int npu_kernel_maps_nc(struct npu *npu);
/* The same of a device that is bound to vfio-pci for this */
int npu_ask_kernel(const struct npu_id *id);

/* The driver's parameter normal_nc; false too when the module is not loaded */
bool npu_normal_nc_on(void);

#endif /* SELFTESTS_LIB_REGION_H */

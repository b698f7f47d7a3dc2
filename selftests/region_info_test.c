// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFIO_DEVICE_GET_REGION_INFO: what a VMM learns about each BAR.
 *
 * VMMs trust this answer when they choose what to map, so that every word of it
 * is compared with the design or with what plain vfio-pci says in the same run.
 */
#include <linux/ascend_vfio.h>
#include <sys/ioctl.h>

#include "fixture.h"

#define NC	VFIO_REGION_INFO_FLAG_NORMAL_NC
#define MAP	VFIO_REGION_INFO_FLAG_MMAP
#define CAPS	VFIO_REGION_INFO_FLAG_CAPS
#define RW	(VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE)

FIXTURE(region_info) {
	struct npu npu;
};

FIXTURE_BACKENDS(region_info);

FIXTURE_SETUP(region_info)
{
	fixture_open(_metadata, &self->npu, GUARDED, variant->backend);
}

FIXTURE_TEARDOWN(region_info)
{
	npu_close(&self->npu);
}

static bool is_guarded(const struct npu_model *model, unsigned int bar)
{
	struct npu_range pages[NPU_MAX_AREAS];

	return npu_trapped_pages(model, bar, pages);
}

static void get(struct __test_metadata *_metadata, struct npu *npu, unsigned int index,
		struct npu_region *region)
{
	ASSERT_EQ(0, npu_region_get(npu, index, region)) {
		TH_LOG("region %u: no answer, or a broken capability chain", index);
	}
}

TEST_F(region_info, sizes_are_the_models)
{
	const struct npu_model *model = npu_model_find(npu_dut.model->name);
	struct npu_region region;

	if (!fixture_needs_sim(_metadata))
		return;
	for (unsigned int i = 0; i < NPU_NR_BARS; i++) {
		get(_metadata, &self->npu, i, &region);
		EXPECT_EQ(model->bars[i], region.size);
		EXPECT_EQ(npu_region_offset(i), region.offset);
	}
}

TEST_F(region_info, flags_of_memory_bars)
{
	struct npu_region region;
	unsigned int mappable = 0, large = 0;

	for (unsigned int i = 0; i < NPU_NR_BARS; i++) {
		get(_metadata, &self->npu, i, &region);
		if (!region.size) {
			EXPECT_EQ(0, region.flags);
			continue;
		}
		large += region.size >= npu_page_size();
		EXPECT_EQ(RW, region.flags & RW);
		EXPECT_EQ(0, region.flags & ~(RW | MAP | CAPS | NC)) {
			TH_LOG("BAR %u: unknown flags 0x%x", i, region.flags);
		}
		mappable += !!(region.flags & MAP);
		/* The promise must be what the VMA carries, neither more nor less */
		if (region.flags & MAP) {
			EXPECT_EQ(npu_mapping_is_nc(&self->npu, &region), !!(region.flags & NC)) {
				TH_LOG("BAR %u: flag and mapping disagree", i);
			}
		} else {
			EXPECT_EQ(0, region.flags & NC);
		}
		if (!npu_normal_nc_on())
			EXPECT_EQ(0, region.flags & NC);
	}
	/* Of smaller ones core maps those that have a page to themselves */
	EXPECT_LE(!!large, mappable);
}

/* Where plain vfio-pci's mappings are Normal-NC by themselves, every BAR must say so */
TEST_F(region_info, normal_nc_wherever_the_kernel_can)
{
	struct npu_region region;
	unsigned int mappable = 0;
	int kernel_can;
	void *anon;

	if (!npu_normal_nc_on())
		SKIP(return, "the driver was loaded with normal_nc=0");
	/* The control: ordinary memory has no such flag, so that "??" does mean it */
	anon = mmap(NULL, npu_page_size(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, anon);
	ASSERT_EQ(0, vma_has_unnamed_flag(anon));

	fixture_reopen(_metadata, &self->npu, PLAIN);
	for (unsigned int i = 0; i < NPU_NR_BARS; i++) {
		get(_metadata, &self->npu, i, &region);
		EXPECT_EQ(0, region.flags & NC) {
			TH_LOG("plain vfio-pci sets the project's flag on BAR %u", i);
		}
	}
	kernel_can = npu_kernel_maps_nc(&self->npu);
	ASSERT_LE(0, kernel_can);
	if (!kernel_can)
		SKIP(return, "this kernel's vfio-pci maps nothing Normal-NC");

	fixture_reopen(_metadata, &self->npu, GUARDED);
	for (unsigned int i = 0; i < NPU_NR_BARS; i++) {
		get(_metadata, &self->npu, i, &region);
		if (region.flags & MAP) {
			EXPECT_EQ(NC, region.flags & NC) {
				TH_LOG("BAR %u is mappable and lacks NORMAL_NC", i);
			}
			mappable++;
		}
	}
	EXPECT_LT(0, mappable);
}

TEST_F(region_info, areas_are_well_formed)
{
	struct npu_range pages[NPU_MAX_AREAS], want[NPU_MAX_AREAS];
	struct npu_region region;
	__u64 page = npu_page_size();

	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		unsigned int nr = npu_trapped_pages(npu_dut.model, bar, pages);
		struct npu_range msix = npu_msix_pages(&self->npu, bar);
		__u64 end = 0;

		if (!nr)
			continue;
		get(_metadata, &self->npu, bar, &region);
		/* None only where a hole is the whole BAR, as it may be with large pages */
		EXPECT_EQ(npu_expected_areas(&self->npu, bar, region.size, want) ? 0 : -1,
			  npu_region_cap(&region, VFIO_REGION_INFO_CAP_SPARSE_MMAP)) {
			TH_LOG("BAR %u: the sparse capability must be first", bar);
		}
		EXPECT_EQ(!!region.nr_areas, !!(region.flags & MAP));
		for (unsigned int i = 0; i < region.nr_areas; i++) {
			const struct npu_range *a = &region.areas[i];

			EXPECT_EQ(0, a->start % page);
			EXPECT_EQ(0, a->end % page);
			EXPECT_LT(a->start, a->end);
			EXPECT_LE(end, a->start);
			EXPECT_LE(a->end, region.size);
			end = a->end;
			for (unsigned int t = 0; t < nr; t++)
				EXPECT_FALSE(a->start < pages[t].end && pages[t].start < a->end);
			EXPECT_FALSE(a->start < msix.end && msix.start < a->end);
		}
	}
}

TEST_F(region_info, areas_are_split_at_huge_pages)
{
	struct npu_range want[NPU_MAX_AREAS];
	struct npu_region region;

	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		unsigned int nr;

		if (!is_guarded(npu_dut.model, bar))
			continue;
		get(_metadata, &self->npu, bar, &region);
		nr = npu_expected_areas(&self->npu, bar, region.size, want);
		EXPECT_EQ(nr, region.nr_areas);
		for (unsigned int i = 0; i < nr && i < region.nr_areas; i++) {
			EXPECT_EQ(want[i].start, region.areas[i].start);
			EXPECT_EQ(want[i].end, region.areas[i].end);
		}
		EXPECT_EQ(!nr, !(region.flags & MAP)) {
			TH_LOG("BAR %u: %u areas, flags 0x%x", bar, nr, region.flags);
		}
	}
}

/* A guarded BAR that holds the MSI-X table says that too, after the areas */
TEST_F(region_info, msix_mappable_on_guarded_bars)
{
	struct npu_region region;

	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		struct npu_range msix = npu_msix_pages(&self->npu, bar);
		int want = -1;

		if (!is_guarded(npu_dut.model, bar))
			continue;
		get(_metadata, &self->npu, bar, &region);
		if (msix.end > msix.start && (region.flags & MAP))
			want = 1;
		EXPECT_EQ(want, npu_region_cap(&region, VFIO_REGION_INFO_CAP_MSIX_MAPPABLE));
	}
}

static void same_as_plain(struct __test_metadata *_metadata, const struct npu_region *ours,
			  const struct npu_region *plain)
{
	EXPECT_EQ(plain->index, ours->index);
	EXPECT_EQ(plain->flags, ours->flags & ~NC) {
		TH_LOG("region %u: flags 0x%x, vfio-pci 0x%x", plain->index, ours->flags,
		       plain->flags);
	}
	EXPECT_EQ(plain->size, ours->size);
	EXPECT_EQ(plain->offset, ours->offset);
	EXPECT_EQ(plain->argsz, ours->argsz);
	EXPECT_EQ(plain->nr_caps, ours->nr_caps);
	EXPECT_EQ(0, memcmp(plain->caps, ours->caps, sizeof(plain->caps)));
	EXPECT_EQ(0, ours->nr_areas);
}

/* BARs without registers, config space, ROM and the indexes that do not exist */
TEST_F(region_info, the_rest_answers_as_vfio_pci)
{
	struct npu_region ours[NPU_NR_REGIONS + 2], plain[NPU_NR_REGIONS + 2];
	int ours_ret[NPU_NR_REGIONS + 2], plain_ret;
	const unsigned int nr = NPU_NR_REGIONS + 2;

	for (unsigned int i = 0; i < nr; i++)
		ours_ret[i] = npu_region_get(&self->npu, i, &ours[i]);
	EXPECT_EQ(0, ours_ret[VFIO_PCI_CONFIG_REGION_INDEX]);
	EXPECT_EQ(RW, ours[VFIO_PCI_CONFIG_REGION_INDEX].flags);
	EXPECT_EQ(-EINVAL, ours_ret[nr - 1]);

	fixture_reopen(_metadata, &self->npu, PLAIN);
	for (unsigned int i = 0; i < nr; i++) {
		plain_ret = npu_region_get(&self->npu, i, &plain[i]);
		EXPECT_EQ(plain_ret, ours_ret[i]);
		if (plain_ret)
			continue;
		if (i < NPU_NR_BARS && is_guarded(npu_dut.model, i)) {
			/* The control: what differs is noticed */
			EXPECT_EQ(0, plain[i].nr_areas);
			EXPECT_EQ(plain[i].size, ours[i].size);
			EXPECT_EQ(plain[i].offset, ours[i].offset);
			continue;
		}
		if (i >= NPU_NR_BARS)
			EXPECT_EQ(0, ours[i].flags & NC);
		same_as_plain(_metadata, &ours[i], &plain[i]);
	}
}

/* Fill a buffer, ask with @argsz, and see that nothing beyond it was written */
static int ask(struct npu *npu, unsigned int index, __u32 argsz, struct vfio_region_info *head,
	       bool *beyond)
{
	__u64 aligned[512];
	__u8 *buf = (__u8 *)aligned;
	struct vfio_region_info *info = (void *)buf;
	int ret = 0;

	memset(buf, 0xa5, sizeof(aligned));
	info->argsz = argsz;
	info->index = index;
	info->flags = 0;
	info->cap_offset = 0;
	if (ioctl(npu->fd, VFIO_DEVICE_GET_REGION_INFO, info))
		ret = -errno;
	*head = *info;
	*beyond = false;
	for (size_t i = argsz > sizeof(*info) ? argsz : sizeof(*info); i < sizeof(aligned); i++)
		*beyond |= buf[i] != 0xa5;
	return ret;
}

static void ask_with_less_and_more(struct __test_metadata *_metadata, struct npu *npu,
				   unsigned int bar)
{
	struct vfio_region_info info;
	bool beyond;
	__u32 need;

	EXPECT_EQ(-EINVAL, ask(npu, bar, 0, &info, &beyond));
	EXPECT_EQ(-EINVAL, ask(npu, bar, sizeof(info) - 1, &info, &beyond));

	ASSERT_EQ(0, ask(npu, bar, sizeof(info), &info, &beyond));
	EXPECT_FALSE(beyond);
	EXPECT_EQ(0, info.cap_offset);
	need = info.argsz;
	if (!(info.flags & CAPS)) {
		EXPECT_EQ(sizeof(info), need);
		return;
	}
	EXPECT_LT(sizeof(info), need);

	ASSERT_EQ(0, ask(npu, bar, need - 1, &info, &beyond));
	EXPECT_FALSE(beyond);
	EXPECT_EQ(need, info.argsz);
	EXPECT_EQ(0, info.cap_offset);
	EXPECT_EQ(CAPS, info.flags & CAPS);

	for (__u32 argsz = need; argsz <= need + 64; argsz += 64) {
		ASSERT_EQ(0, ask(npu, bar, argsz, &info, &beyond));
		EXPECT_FALSE(beyond);
		EXPECT_EQ(argsz, info.argsz);
		EXPECT_EQ(sizeof(info), info.cap_offset);
	}
}

TEST_F(region_info, argsz_as_with_vfio_pci)
{
	/* The control first: these are the rules of vfio-pci itself */
	fixture_reopen(_metadata, &self->npu, PLAIN);
	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++)
		ask_with_less_and_more(_metadata, &self->npu, bar);
	fixture_reopen(_metadata, &self->npu, GUARDED);
	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++)
		ask_with_less_and_more(_metadata, &self->npu, bar);
}

TEST_F(region_info, bad_pointers)
{
	void *none = mmap(NULL, npu_page_size(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, none);
	EXPECT_EQ(-1, ioctl(self->npu.fd, VFIO_DEVICE_GET_REGION_INFO, none));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(self->npu.fd, VFIO_DEVICE_GET_REGION_INFO, NULL));
	EXPECT_EQ(EFAULT, errno);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

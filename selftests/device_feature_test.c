// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFIO_DEVICE_FEATURE: only what is known to be harmless is passed on, and a dma-buf
 * never covers a trapped page.
 */
#include <sys/ioctl.h>

#include "fixture.h"

#define NR_IDS		128	/* far beyond the ids in use */
#define FEATURE_DMA_BUF	11	/* VFIO_DEVICE_FEATURE_DMA_BUF, for headers without it */
#define NO_DMABUF	"no dma-buf export: needs a kernel with VFIO_PCI_DMABUF, and its headers"

FIXTURE(feature) {
	struct npu npu;
};

FIXTURE_BACKENDS(feature);

FIXTURE_SETUP(feature)
{
	fixture_open(_metadata, &self->npu, GUARDED, variant->backend);
}

FIXTURE_TEARDOWN(feature)
{
	calls_stop();
	npu_close(&self->npu);
}

static int ask(struct npu *npu, __u32 flags)
{
	__u64 room[64] = { 0 };
	struct vfio_device_feature *feature = (void *)room;

	feature->argsz = sizeof(room);
	feature->flags = flags;
	return ioctl(npu->fd, VFIO_DEVICE_FEATURE, feature) < 0 ? -errno : 0;
}

static bool allowed(unsigned int id)
{
	return id == VFIO_DEVICE_FEATURE_PCI_VF_TOKEN ||
	       id == VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY ||
	       id == VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP ||
	       id == VFIO_DEVICE_FEATURE_LOW_POWER_EXIT || id == FEATURE_DMA_BUF;
}

static const __u32 probes[] = {
	VFIO_DEVICE_FEATURE_PROBE,
	VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET,
	VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_SET,
	VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET,
};

static const __u32 ops[] = {
	0,
	VFIO_DEVICE_FEATURE_GET,
	VFIO_DEVICE_FEATURE_SET,
};

/*
 * -ENOTTY, unless vfio's own code answers before any driver is asked: then vfio-pci
 * gives the same error.
 */
TEST_F(feature, others_are_refused)
{
	const unsigned int last = VFIO_DEVICE_FEATURE_MASK, nr_flags = ARRAY_SIZE(probes) +
								       ARRAY_SIZE(ops);
	__u32 strange[NR_IDS];
	unsigned int nr = 0;

	for (unsigned int i = 0; i <= NR_IDS; i++) {
		unsigned int id = i == NR_IDS ? last : i;

		for (unsigned int f = 0; !allowed(id) && f < nr_flags; f++) {
			__u32 flags = f < ARRAY_SIZE(probes) ? probes[f] :
							       ops[f - ARRAY_SIZE(probes)];
			int ret = ask(&self->npu, flags | id);

			EXPECT_GT(0, ret) {
				TH_LOG("feature %u, flags 0x%x was not refused", id, flags);
			}
			if (ret != -ENOTTY && nr < NR_IDS)
				strange[nr++] = flags | id;
		}
	}
	fixture_reopen(_metadata, &self->npu, PLAIN);
	for (unsigned int i = 0; i < nr; i++) {
		int plain = ask(&self->npu, strange[i]);

		EXPECT_TRUE(plain < 0 && plain != -ENOTTY) {
			TH_LOG("feature and flags 0x%x: vfio-pci answers %d", strange[i], plain);
		}
	}
}

/*
 * Core refuses unknown features too, so an error does not tell whose it is; but a core
 * that knows more of them than this driver must not be asked.
 */
TEST_F(feature, others_do_not_reach_core)
{
	if (!fixture_count_calls(_metadata, "vfio_pci_core_ioctl_feature"))
		return;

	for (unsigned int id = 0; id < NR_IDS; id++)
		if (!allowed(id))
			ask(&self->npu, VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_SET | id);
	ask(&self->npu, VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_MASK);
	EXPECT_EQ(0, calls_seen());

	/* The control: one that is allowed gets there */
	ask(&self->npu, VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_SET |
			VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY);
	EXPECT_EQ(1, calls_seen());
}

TEST_F(feature, allowed_ones_answer_as_vfio_pci)
{
	int ours[NR_IDS][ARRAY_SIZE(probes)];
	unsigned int works = 0;

	for (unsigned int id = 0; id < NR_IDS; id++)
		for (unsigned int i = 0; i < ARRAY_SIZE(probes); i++)
			ours[id][i] = ask(&self->npu, probes[i] | id);
	fixture_reopen(_metadata, &self->npu, PLAIN);
	for (unsigned int id = 0; id < NR_IDS; id++) {
		if (!allowed(id))
			continue;
		for (unsigned int i = 0; i < ARRAY_SIZE(probes); i++) {
			int plain = ask(&self->npu, probes[i] | id);

			works += !plain;
			EXPECT_EQ(plain, ours[id][i]) {
				TH_LOG("feature %u, flags 0x%x", id, probes[i]);
			}
		}
	}
	/* Low power has been there since 6.1: at least that must have been allowed */
	EXPECT_LT(0, works);
}

/* Export ranges of a BAR: 0 (and closed again) or -errno */
static int export(struct npu *npu, unsigned int bar, const struct npu_range *ranges,
		  unsigned int nr)
{
	int fd = npu_dmabuf(npu, bar, ranges, nr);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* Every way to have the page in an export; the last two hide it behind a good range */
static void try_page(struct __test_metadata *_metadata, struct npu *npu, unsigned int bar,
		     const struct npu_range *page, __u64 size, int want)
{
	const __u64 p = npu_page_size();
	const struct npu_range good = page->start ? (struct npu_range) { 0, p } :
						    (struct npu_range) { page->end, page->end + p };
	const struct npu_range tries[][2] = {
		{ *page },
		{ { 0, size } },
		{ { 0, page->end } },
		{ { page->start, size } },
		{ { page->end - p, page->end + p } },
		{ { page->start, page->start + p } },
		{ good, *page },
		{ *page, good },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(tries); i++) {
		EXPECT_EQ(want, export(npu, bar, tries[i], i < 6 ? 1 : 2)) {
			TH_LOG("BAR %u, way %u", bar, i);
		}
	}
}

static void try_all_pages(struct __test_metadata *_metadata, struct npu *npu, int want)
{
	struct npu_range pages[NPU_MAX_AREAS];
	unsigned int tried = 0, whole = 0;

	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		unsigned int nr = npu_trapped_pages(npu_dut.model, bar, pages);
		struct npu_region region;

		ASSERT_EQ(0, npu_region_get(npu, bar, &region));
		/* A range must be in the BAR for this to say anything about the page */
		for (unsigned int i = 0; i < nr; i++) {
			if (pages[i].end >= region.size) {
				whole += !pages[i].start;
				continue;
			}
			try_page(_metadata, npu, bar, &pages[i], region.size, want);
			tried++;
		}
	}
	/* Where a page is the whole BAR there is no other range to try it with */
	EXPECT_LT(0, tried + whole);
}

TEST_F(feature, dmabuf_of_a_trapped_page_is_refused)
{
	if (!npu_has_dmabuf(&self->npu))
		SKIP(return, NO_DMABUF);
	try_all_pages(_metadata, &self->npu, -EINVAL);
}

/* The control: vfio-pci exports the very same ranges */
TEST_F(feature, dmabuf_of_vfio_pci)
{
	fixture_reopen(_metadata, &self->npu, PLAIN);
	if (!npu_has_dmabuf(&self->npu))
		SKIP(return, NO_DMABUF);
	try_all_pages(_metadata, &self->npu, 0);
}

TEST_F(feature, dmabuf_ranges_that_wrap)
{
	const struct npu_reg *reg = &npu_dut.model->regs[0];
	const __u64 p = npu_page_size(), page = reg->offset & ~(p - 1);
	const struct npu_range tries[] = {
		{ page, page + (1ULL << 40) },
		{ page + p, page },		/* length is -p */
		{ -p, page + p },		/* begins below 0 */
		{ page, page },			/* empty */
	};

	if (!npu_has_dmabuf(&self->npu))
		SKIP(return, NO_DMABUF);
	for (unsigned int i = 0; i < ARRAY_SIZE(tries); i++)
		EXPECT_GT(0, export(&self->npu, reg->bar, &tries[i], 1));
}

TEST_F(feature, dmabuf_of_the_rest_works)
{
	struct npu_range areas[NPU_MAX_AREAS];
	struct npu_region region;
	unsigned int exported = 0;

	if (!npu_has_dmabuf(&self->npu))
		SKIP(return, NO_DMABUF);
	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		unsigned int nr;

		ASSERT_EQ(0, npu_region_get(&self->npu, bar, &region));
		nr = npu_region_mappable(&region, areas);
		for (unsigned int i = 0; i < nr; i++) {
			EXPECT_EQ(0, export(&self->npu, bar, &areas[i], 1)) {
				TH_LOG("BAR %u [0x%llx, 0x%llx)", bar, areas[i].start,
				       areas[i].end);
			}
		}
		exported += nr;
	}
	EXPECT_LT(0, exported);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

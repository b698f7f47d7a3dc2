// SPDX-License-Identifier: GPL-2.0-only
/*
 * mmap() of the BARs: every way over a trapped page is refused, everything else works.
 *
 * A mapping is the one access that the driver cannot look into afterwards, so the
 * tests come at the page from all sides, and through plain vfio-pci to see that it is
 * the driver that refuses.
 */
#include <linux/mman.h>
#include <sys/syscall.h>

#include "fixture.h"

#define RW	(PROT_READ | PROT_WRITE)

FIXTURE(mmap) {
	struct npu npu;
};

FIXTURE_BACKENDS(mmap);

FIXTURE_SETUP(mmap)
{
	fixture_open(_metadata, &self->npu, GUARDED, variant->backend);
}

FIXTURE_TEARDOWN(mmap)
{
	npu_close(&self->npu);
}

/* 0 when the range can be mapped (and is unmapped again), else -errno */
static int try_map(struct npu *npu, unsigned int bar, __u64 off, __u64 len, int prot, int flags)
{
	void *p = npu_mmap(npu, bar, off, len, prot, flags);

	if (p == MAP_FAILED)
		return -errno;
	munmap(p, len);
	return 0;
}

#define MAX_RANGES	24

/* Every way a range of the BAR can overlap @page, which is one trapped page */
static unsigned int overlaps(const struct npu_range *page, __u64 size, struct npu_range *out)
{
	const __u64 p = npu_page_size(), pmd = npu_pmd_size();
	const struct npu_range all[] = {
		{ 0, size },				/* the whole BAR */
		{ 0, page->end },			/* ends with it */
		{ page->start, size },			/* begins with it */
		{ page->start, page->end },		/* just it */
		{ page->start, page->start + p },	/* its first page */
		{ page->end - p, page->end },		/* its last page */
		{ page->start - p, page->start + p },	/* ends in it */
		{ page->end - p, page->end + p },	/* begins in it */
		{ page->start - p, page->end + p },	/* around it */
		{ page->start & ~(pmd - 1), (page->end + pmd - 1) & ~(pmd - 1) },
		{ page->start - pmd, page->end + pmd },
		{ page->start - 16 * p, page->end },
		{ page->start, page->end + 16 * p },
		{ p, page->end },
		{ page->start, size - p },
	};
	unsigned int n = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(all); i++) {
		/* "start - p" may have wrapped: such a range is not in the BAR */
		if (all[i].start >= all[i].end || all[i].end > size)
			continue;
		if (all[i].start < page->end && page->start < all[i].end)
			out[n++] = all[i];
	}
	return n;
}

struct visit {
	unsigned int bar;
	__u64 size;
	struct npu_range page;
};

/* Every trapped page of the model, with its BAR */
static unsigned int trapped(struct __test_metadata *_metadata, struct npu *npu, struct visit *out)
{
	struct npu_range pages[NPU_MAX_AREAS];
	struct npu_region region;
	unsigned int n = 0;

	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		unsigned int nr = npu_trapped_pages(npu_dut.model, bar, pages);

		for (unsigned int i = 0; i < nr; i++) {
			ASSERT_EQ(0, npu_region_get(npu, bar, &region));
			out[n++] = (struct visit) { bar, region.size, pages[i] };
		}
	}
	ASSERT_LT(0, n);
	return n;
}

TEST_F(mmap, every_overlap_is_refused)
{
	struct visit visits[NPU_MAX_AREAS];
	unsigned int nr = trapped(_metadata, &self->npu, visits);

	for (unsigned int v = 0; v < nr; v++) {
		struct npu_range ranges[MAX_RANGES];
		unsigned int n = overlaps(&visits[v].page, visits[v].size, ranges);

		ASSERT_LE(4, n);
		for (unsigned int i = 0; i < n; i++) {
			EXPECT_EQ(-EINVAL, try_map(&self->npu, visits[v].bar, ranges[i].start,
						   ranges[i].end - ranges[i].start, RW,
						   MAP_SHARED)) {
				TH_LOG("BAR %u [0x%llx, 0x%llx)", visits[v].bar, ranges[i].start,
				       ranges[i].end);
			}
		}
	}
}

/* The control: nothing but the driver stands between a process and the page */
TEST_F(mmap, vfio_pci_maps_them_all)
{
	struct visit visits[NPU_MAX_AREAS];
	unsigned int nr;

	fixture_reopen(_metadata, &self->npu, PLAIN);
	nr = trapped(_metadata, &self->npu, visits);
	for (unsigned int v = 0; v < nr; v++) {
		struct npu_range ranges[MAX_RANGES];
		unsigned int n = overlaps(&visits[v].page, visits[v].size, ranges);

		for (unsigned int i = 0; i < n; i++)
			EXPECT_EQ(0, try_map(&self->npu, visits[v].bar, ranges[i].start,
					     ranges[i].end - ranges[i].start, RW, MAP_SHARED));
	}
}

TEST_F(mmap, whatever_the_protection_and_flags)
{
	const int prots[] = {
		PROT_NONE, PROT_READ, PROT_WRITE, RW, PROT_EXEC, RW | PROT_EXEC,
	};
	const int flags[] = {
		MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE, MAP_SHARED | MAP_POPULATE,
		MAP_SHARED | MAP_LOCKED, MAP_SHARED | MAP_NORESERVE, MAP_PRIVATE | MAP_POPULATE,
		MAP_SHARED | MAP_HUGETLB, MAP_SHARED_VALIDATE | MAP_SYNC,
		MAP_SHARED | MAP_DENYWRITE,
	};
	struct visit visits[NPU_MAX_AREAS];
	unsigned int nr = trapped(_metadata, &self->npu, visits);

	for (unsigned int v = 0; v < nr; v++)
		for (unsigned int p = 0; p < ARRAY_SIZE(prots); p++)
			for (unsigned int f = 0; f < ARRAY_SIZE(flags); f++) {
				/* The kernel refuses some combinations before it asks */
				bool early = prots[p] & PROT_EXEC ||
					     flags[f] & (MAP_HUGETLB | MAP_SYNC);
				int ret = try_map(&self->npu, visits[v].bar, visits[v].page.start,
						  npu_page_size(), prots[p], flags[f]);

				EXPECT_TRUE(ret == -EINVAL || (early && ret < 0)) {
					TH_LOG("prot %d flags 0x%x: %d", prots[p], flags[f], ret);
				}
			}
}

/* Over an existing mapping, in the hope that only the first one is looked at */
TEST_F(mmap, fixed_over_another_mapping)
{
	struct visit visits[NPU_MAX_AREAS];
	unsigned int nr = trapped(_metadata, &self->npu, visits);
	size_t page = npu_page_size();

	for (unsigned int v = 0; v < nr; v++) {
		void *at = mmap(NULL, 4 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		__u64 off = npu_region_offset(visits[v].bar) + visits[v].page.start;

		ASSERT_NE(MAP_FAILED, at);
		EXPECT_EQ(MAP_FAILED, mmap(at, page, RW, MAP_SHARED | MAP_FIXED,
					   self->npu.fd, off));
		EXPECT_EQ(EINVAL, errno);
		munmap(at, 4 * page);
	}
}

/* Offsets and lengths whose sum or shift could wrap in somebody's arithmetic */
TEST_F(mmap, sums_that_wrap)
{
	struct visit visits[NPU_MAX_AREAS];
	unsigned int nr = trapped(_metadata, &self->npu, visits);
	const __u64 page = npu_page_size(), span = npu_region_offset(1);

	for (unsigned int v = 0; v < nr; v++) {
		const __u64 trap = visits[v].page.start, end = visits[v].size;
		const __u64 base = npu_region_offset(visits[v].bar);
		const struct {
			__u64 off;	/* in the file */
			__u64 len;
		} tries[] = {
			{ base + trap, end - trap + page },	/* past the end of the BAR */
			{ base, end + page },
			{ base, span },				/* the whole index */
			{ base + trap, span },
			{ base - page, trap + 2 * page },	/* from the index before */
			{ base + trap, -(__u64)page },
			{ base + page, -(__u64)page },		/* offset + length wraps to 0 */
			{ base + trap, -(__u64)trap - page },
			{ -(__u64)page, 2 * page },
			{ -(__u64)page, trap + 2 * page },
			{ (1ULL << 63) | (base + trap), page },
			{ (1ULL << 52) + base + trap, page },
			{ (1ULL << 48) + base + trap, page },
			{ ((__u64)VFIO_PCI_NUM_REGIONS << 40) + trap, page },
		};

		for (unsigned int i = 0; i < ARRAY_SIZE(tries); i++) {
			void *p = mmap(NULL, tries[i].len, RW, MAP_SHARED, self->npu.fd,
				       tries[i].off);

			EXPECT_EQ(MAP_FAILED, p) {
				TH_LOG("offset 0x%llx length 0x%llx was mapped", tries[i].off,
				       tries[i].len);
			}
			if (p != MAP_FAILED)
				munmap(p, tries[i].len);
		}
	}
}

/* A mapping that ends at the page must not grow over it, nor be turned towards it */
static void grow_and_turn(struct __test_metadata *_metadata, struct npu *npu,
			  const struct visit *visit)
{
	const size_t page = npu_page_size();
	const __u64 trap = npu_region_offset(visit->bar) + visit->page.start;
	__u64 start = visit->page.start >= page ? visit->page.start - page : visit->page.end;
	void *p = npu_mmap(npu, visit->bar, start, page, RW, MAP_SHARED);
	void *q;

	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ(MAP_FAILED, mremap(p, page, 2 * page, MREMAP_MAYMOVE));
	EXPECT_EQ(MAP_FAILED, mremap(p, page, 2 * page, 0));
	EXPECT_EQ(MAP_FAILED, mremap(p, 0, 2 * page, MREMAP_MAYMOVE));
	EXPECT_EQ(MAP_FAILED, mremap(p, 0, page, MREMAP_MAYMOVE));
	EXPECT_EQ(MAP_FAILED, mremap(p, page, 2 * page, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));

	/* Moving it is allowed and must not change what it shows */
	q = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, q);
	EXPECT_EQ(q, mremap(p, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, q));

	/* Last, as it takes the old mapping down when it fails */
	EXPECT_EQ(-1, syscall(__NR_remap_file_pages, q, page, 0, trap / page, 0));
	EXPECT_EQ(EINVAL, errno);
	munmap(q, page);
}

TEST_F(mmap, mremap_and_remap_file_pages)
{
	struct visit visits[NPU_MAX_AREAS];
	unsigned int nr = trapped(_metadata, &self->npu, visits), tried = 0;

	for (unsigned int v = 0; v < nr; v++) {
		if (visits[v].page.end - visits[v].page.start == visits[v].size)
			continue;
		grow_and_turn(_metadata, &self->npu, &visits[v]);
		tried++;
	}
	if (!tried)
		SKIP(return, "the BAR is nothing but trapped pages");
}

/* The control for remap_file_pages: it does turn a mapping where it may */
TEST_F(mmap, vfio_pci_turns_a_mapping)
{
	struct visit visits[NPU_MAX_AREAS];
	size_t page = npu_page_size();
	void *p;

	fixture_reopen(_metadata, &self->npu, PLAIN);
	trapped(_metadata, &self->npu, visits);
	p = npu_mmap(&self->npu, visits[0].bar, 0, page, RW, MAP_SHARED);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ(0, syscall(__NR_remap_file_pages, p, page, 0,
			     (npu_region_offset(visits[0].bar) + visits[0].page.start) / page, 0));
	munmap(p, page);
}

/* Store through the mapping, read it back through the driver, and the other way */
static void reaches_memory(struct __test_metadata *_metadata, struct npu *npu, unsigned int bar,
			   __u64 off)
{
	const size_t page = npu_page_size();
	__u64 value, kept, want = 0x1122334455667788ULL ^ off;
	void *p = npu_mmap(npu, bar, off & ~(page - 1), page, RW, MAP_SHARED);
	__u64 *word = p + (off & (page - 1));

	ASSERT_NE(MAP_FAILED, p);
	ASSERT_EQ(8, npu_pread(npu, bar, &kept, 8, off));
	npu_store(word, want);
	ASSERT_EQ(8, npu_pread(npu, bar, &value, 8, off));
	EXPECT_EQ(want, value) {
		TH_LOG("BAR %u+0x%llx: the mapping does not reach the BAR", bar, off);
	}
	want = ~want;
	ASSERT_EQ(8, npu_pwrite(npu, bar, &want, 8, off));
	EXPECT_EQ(want, npu_load(word));
	ASSERT_EQ(8, npu_pwrite(npu, bar, &kept, 8, off));
	munmap(p, page);
}

TEST_F(mmap, areas_reach_the_device)
{
	struct npu_range pages[NPU_MAX_AREAS];
	struct npu_region region;

	if (!fixture_needs_sim(_metadata))
		return;
	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		if (!npu_trapped_pages(npu_dut.model, bar, pages))
			continue;
		ASSERT_EQ(0, npu_region_get(&self->npu, bar, &region));
		/* None only where the pages are the whole BAR */
		ASSERT_EQ(npu_expected_areas(&self->npu, bar, region.size, pages),
			  region.nr_areas);
		for (unsigned int i = 0; i < region.nr_areas; i++) {
			const struct npu_range *a = &region.areas[i];

			EXPECT_EQ(0, try_map(&self->npu, bar, a->start, a->end - a->start, RW,
					     MAP_SHARED)) {
				TH_LOG("area [0x%llx, 0x%llx) as a whole", a->start, a->end);
			}
			reaches_memory(_metadata, &self->npu, bar, a->start);
			reaches_memory(_metadata, &self->npu, bar, (a->start + a->end) / 2 & ~7ULL);
			reaches_memory(_metadata, &self->npu, bar, a->end - 8);
		}
	}
}

/* Outside the areas, for VMMs that map all of them, but not guarded: as with vfio-pci */
TEST_F(mmap, msix_table_can_be_mapped)
{
	struct npu_range pages[NPU_MAX_AREAS];
	bool found = false;

	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		struct npu_range msix = npu_msix_pages(&self->npu, bar);
		unsigned int nr = npu_trapped_pages(npu_dut.model, bar, pages);
		bool trapped = false;

		if (msix.start == msix.end || !nr)
			continue;
		found = true;
		/* Not so where a rule is in its page */
		for (unsigned int i = 0; i < nr; i++)
			trapped |= pages[i].start < msix.end && msix.start < pages[i].end;
		EXPECT_EQ(trapped ? -EINVAL : 0,
			  try_map(&self->npu, bar, msix.start, msix.end - msix.start, RW,
				  MAP_SHARED));
	}
	if (!found)
		SKIP(return, "the MSI-X table is not in a BAR with registers");
}

TEST_F(mmap, bars_without_registers_map_whole)
{
	struct npu_range pages[NPU_MAX_AREAS];
	struct npu_region region;
	unsigned int mapped = 0;

	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		if (npu_trapped_pages(npu_dut.model, bar, pages))
			continue;
		ASSERT_EQ(0, npu_region_get(&self->npu, bar, &region));
		if (!(region.flags & VFIO_REGION_INFO_FLAG_MMAP))
			continue;
		EXPECT_EQ(0, try_map(&self->npu, bar, 0, region.size, RW, MAP_SHARED)) {
			TH_LOG("BAR %u, 0x%llx bytes", bar, region.size);
		}
		mapped++;
	}
	/* No chip has registers in all of its BARs */
	EXPECT_LT(0, mapped);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

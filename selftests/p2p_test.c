// SPDX-License-Identifier: GPL-2.0-only
/*
 * Peer-to-peer: what is mapped of an NPU's BAR can be mapped for another NPU's DMA, and a
 * trapped page never can.
 *
 * Needs two NPUs: the one under test copies, the next one of the scene (ASCEND_SCENE) is
 * the peer it writes to.
 */
#include <linux/pci_regs.h>

#include "fixture.h"
#include "sim_regs.h"

#define IOVA_SRC	0x40000000ULL
#define IOVA_PEER	0x50000000ULL
#define COPY		256U

struct pair {
	struct npu npu;
	struct npu peer;
	struct npu_dma src;
	struct simlog log;	/* the peer's */
};

FIXTURE(p2p) {
	struct pair pair;
};

FIXTURE_BACKENDS(p2p);

static struct npu_id peer_id;

FIXTURE_SETUP(p2p)
{
	if (!fixture_needs_sim(_metadata))
		return;
	if (!peer_id.model)
		SKIP(return, "needs a second NPU in the scene (ASCEND_SCENE)");
	if (!fixture_open(_metadata, &self->pair.npu, GUARDED, variant->backend))
		return;
	ASSERT_EQ(0, npu_bind(peer_id.bdf, GUARDED));
	ASSERT_EQ(0, npu_open(&self->pair.peer, &peer_id, variant->backend));
	ASSERT_EQ(0, simlog_open(&self->pair.log, peer_id.simlog));
	ASSERT_EQ(0, npu_dma_alloc(&self->pair.npu, &self->pair.src, IOVA_SRC, npu_page_size()));
	ASSERT_EQ(0, npu_command(&self->pair.npu, PCI_COMMAND_MASTER, 0));
	for (size_t i = 0; i < COPY; i++)
		((__u8 *)self->pair.src.vaddr)[i] = i ^ 0x5a;
}

FIXTURE_TEARDOWN(p2p)
{
	npu_dma_free(&self->pair.npu, &self->pair.src);
	npu_close(&self->pair.npu);
	npu_close(&self->pair.peer);
	simlog_close(&self->pair.log);
}

static int copy(struct npu *npu, __u64 src, __u64 dst)
{
	int ret = npu_engine_start(npu, src, dst, COPY, NPU_DMA_VECTOR_NONE);

	return ret ? ret : npu_engine_wait(npu);
}

/* Let one NPU write into an area of the other */
static void write_to_peer(struct __test_metadata *_metadata, struct pair *pair, unsigned int bar,
			  __u64 off)
{
	const size_t page = npu_page_size();
	const struct npu_range range = { off, off + page };
	__u8 now[COPY];

	ASSERT_EQ(0, npu_dma_map_bar(&pair->npu, &pair->peer, bar, &range, IOVA_PEER));
	EXPECT_EQ(NPU_DMA_STATUS_DONE, copy(&pair->npu, pair->src.iova, IOVA_PEER));
	ASSERT_EQ(COPY, npu_pread(&pair->peer, bar, now, COPY, off));
	EXPECT_EQ(0, memcmp(now, pair->src.vaddr, COPY));
	EXPECT_EQ(0, npu_dma_unmap(&pair->npu, IOVA_PEER, page));
	/* The control: without the mapping nothing arrives */
	EXPECT_EQ(NPU_DMA_STATUS_ERROR, copy(&pair->npu, pair->src.iova, IOVA_PEER));
}

TEST_F(p2p, areas_can_be_written)
{
	const struct npu_reg *reg = &peer_id.model->regs[0];
	struct npu_region region;

	if (variant->backend == NPU_CDEV && !npu_has_dmabuf(&self->pair.peer))
		SKIP(return, "iommufd maps BARs as dma-bufs only, and this kernel has none");
	ASSERT_EQ(0, npu_region_get(&self->pair.peer, reg->bar, &region));
	ASSERT_LT(0, region.nr_areas);
	/* An area that ends at the page is the closest that anybody gets */
	for (unsigned int i = 0; i < region.nr_areas; i++)
		write_to_peer(_metadata, &self->pair, reg->bar,
			      region.areas[i].end - npu_page_size());
}

/* No register of the peer may have been written by whatever was tried */
static void registers_are_untouched(struct __test_metadata *_metadata, struct simlog *log)
{
	const struct npu_model *model = peer_id.model;
	struct sim_event e;
	int ret;

	while ((ret = simlog_next(log, &e)) > 0)
		for (unsigned int i = 0; e.kind == SIM_WRITE && i < model->nr_regs; i++)
			EXPECT_FALSE(e.region == model->regs[i].bar &&
				     e.offset < npu_reg_end(&model->regs[i]) &&
				     model->regs[i].offset < e.offset + e.size);
	ASSERT_EQ(0, ret);
}

/* The areas on both sides of the page, one after the other, with the hole between them */
TEST_F(p2p, a_trapped_page_cannot_be_mapped_for_dma)
{
	const size_t page = npu_page_size();
	struct npu_range pages[NPU_MAX_AREAS];
	const unsigned int bar = peer_id.model->regs[0].bar;
	const __u64 off = npu_region_offset(bar);
	const int fd = self->pair.peer.fd;
	__u8 *at;

	ASSERT_LT(0, npu_trapped_pages(peer_id.model, bar, pages));
	if (pages[0].end + page > peer_id.model->bars[bar])
		SKIP(return, "nothing but the trapped page fits into this BAR");
	at = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)at);
	munmap(at + page, page);
	ASSERT_EQ(at + 2 * page, mmap(at + 2 * page, page, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_FIXED, fd, off + pages[0].end));
	if (pages[0].start >= page)
		ASSERT_EQ(at, mmap(at, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
				   fd, off + pages[0].start - page));
	EXPECT_GT(0, npu_dma_map(&self->pair.npu, at, IOVA_PEER, 3 * page));
	EXPECT_GT(0, npu_dma_map(&self->pair.npu, at + page, IOVA_PEER, page));
	EXPECT_GT(0, npu_dma_map(&self->pair.npu, at + page, IOVA_PEER, 2 * page));
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(NPU_DMA_STATUS_ERROR, copy(&self->pair.npu, self->pair.src.iova,
						     IOVA_PEER + i * page));
	registers_are_untouched(_metadata, &self->pair.log);
	munmap(at, 3 * page);
}

/* The interface that works for an area, asked for the page */
TEST_F(p2p, nor_in_the_way_that_areas_can)
{
	const struct npu_reg *reg = &peer_id.model->regs[0];
	const __u64 page = reg->offset & ~(npu_page_size() - 1);
	const struct npu_range range = { page, page + npu_page_size() };

	EXPECT_GT(0, npu_dma_map_bar(&self->pair.npu, &self->pair.peer, reg->bar, &range,
				     IOVA_PEER));
	EXPECT_EQ(NPU_DMA_STATUS_ERROR, copy(&self->pair.npu, self->pair.src.iova, IOVA_PEER));
	registers_are_untouched(_metadata, &self->pair.log);
}

/* By the bus address, in case something lets DMA go around the IOMMU */
TEST_F(p2p, bus_addresses_lead_nowhere)
{
	char text[1024], *line = text;
	const struct npu_reg *reg = &peer_id.model->regs[0];
	__u64 start;

	ASSERT_LT(0, npu_attr(peer_id.bdf, "resource", text, sizeof(text)));
	for (unsigned int i = 0; i < reg->bar; i++) {
		line = strchr(line, '\n');
		ASSERT_NE(NULL, line);
		line++;
	}
	ASSERT_EQ(1, sscanf(line, "%llx", &start));
	ASSERT_NE(0, start);
	EXPECT_EQ(NPU_DMA_STATUS_ERROR, copy(&self->pair.npu, self->pair.src.iova,
					     start + reg->offset));
	registers_are_untouched(_metadata, &self->pair.log);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	if (!npu_find_peer(&peer_id))
		npu_restore_at_exit(peer_id.bdf);
	else
		peer_id.model = NULL;
	return test_harness_run(argc, argv);
}

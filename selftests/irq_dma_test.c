// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guards must leave alone: MSI-X, and DMA through the IOMMU.
 */
#include <linux/pci_regs.h>

#include "fixture.h"
#include "sim_regs.h"

#define NR_VECTORS	4
#define IOVA		0x40000000ULL	/* clear of the MSI windows of arm64 and x86 */
#define IRQ_MS		5000
#define QUIET_MS	100

FIXTURE(irq_dma) {
	struct npu npu;
	struct npu_dma src;
	struct npu_dma dst;
	int eventfds[NR_VECTORS];
};

FIXTURE_BACKENDS(irq_dma);

FIXTURE_SETUP(irq_dma)
{
	size_t size = 4 * npu_page_size();

	if (!fixture_needs_sim(_metadata))
		return;
	if (!fixture_open(_metadata, &self->npu, GUARDED, variant->backend))
		return;
	ASSERT_EQ(0, npu_dma_alloc(&self->npu, &self->src, IOVA, size));
	ASSERT_EQ(0, npu_dma_alloc(&self->npu, &self->dst, IOVA + (16 << 20), size));
	ASSERT_EQ(0, npu_command(&self->npu, PCI_COMMAND_MASTER, 0));
	for (size_t i = 0; i < size; i++)
		((__u8 *)self->src.vaddr)[i] = i * 7 + i / 256;
}

FIXTURE_TEARDOWN(irq_dma)
{
	npu_dma_free(&self->npu, &self->src);
	npu_dma_free(&self->npu, &self->dst);
	npu_close(&self->npu);
}

static int copy(struct npu *npu, __u64 src, __u64 dst, __u32 len)
{
	int ret = npu_engine_start(npu, src, dst, len, NPU_DMA_VECTOR_NONE);

	return ret ? ret : npu_engine_wait(npu);
}

TEST_F(irq_dma, mapped_memory_is_reached)
{
	const __u32 lens[] = { 1, 8, 63, 4096, self->src.size };
	const __u8 *dst = self->dst.vaddr;

	for (unsigned int i = 0; i < ARRAY_SIZE(lens); i++) {
		memset(self->dst.vaddr, 0xaa, self->dst.size);
		ASSERT_EQ(NPU_DMA_STATUS_DONE, copy(&self->npu, self->src.iova, self->dst.iova,
						    lens[i]));
		EXPECT_EQ(0, memcmp(self->src.vaddr, dst, lens[i]));
		for (size_t k = lens[i]; k < self->dst.size; k++)
			ASSERT_EQ(0xaa, dst[k]);
	}
}

TEST_F(irq_dma, unmapped_memory_is_not)
{
	const __u64 nowhere = IOVA + (256 << 20);
	/* In the virtual machine's memory on arm64 and on x86: physical, which is no IOVA */
	const __u64 memory[] = { 0x80000000ULL, 0x10000000ULL };

	memset(self->dst.vaddr, 0xaa, self->dst.size);
	EXPECT_EQ(NPU_DMA_STATUS_ERROR, copy(&self->npu, nowhere, self->dst.iova, 64));
	EXPECT_EQ(NPU_DMA_STATUS_ERROR, copy(&self->npu, self->src.iova, nowhere, 64));
	for (size_t i = 0; i < ARRAY_SIZE(memory); i++)
		EXPECT_EQ(NPU_DMA_STATUS_ERROR, copy(&self->npu, memory[i], self->dst.iova, 64));
	for (size_t i = 0; i < 64; i++)
		EXPECT_EQ(0xaa, ((__u8 *)self->dst.vaddr)[i]);
	/* The control: the engine still works */
	EXPECT_EQ(NPU_DMA_STATUS_DONE, copy(&self->npu, self->src.iova, self->dst.iova, 64));
}

TEST_F(irq_dma, unmapping_takes_effect)
{
	ASSERT_EQ(NPU_DMA_STATUS_DONE, copy(&self->npu, self->src.iova, self->dst.iova, 64));
	ASSERT_EQ(0, npu_dma_unmap(&self->npu, self->dst.iova, self->dst.size));
	EXPECT_EQ(NPU_DMA_STATUS_ERROR, copy(&self->npu, self->src.iova, self->dst.iova, 64));
	ASSERT_EQ(0, npu_dma_map(&self->npu, self->dst.vaddr, self->dst.iova, self->dst.size));
	EXPECT_EQ(NPU_DMA_STATUS_DONE, copy(&self->npu, self->src.iova, self->dst.iova, 64));
}

TEST_F(irq_dma, each_vector_reaches_its_eventfd)
{
	ASSERT_EQ(npu_dut.model->msix.vectors, npu_msix_count(&self->npu));
	ASSERT_EQ(0, npu_msix_on(&self->npu, NR_VECTORS, self->eventfds));
	for (unsigned int v = 0; v < NR_VECTORS; v++) {
		ASSERT_EQ(0, npu_engine_start(&self->npu, self->src.iova, self->dst.iova, 64, v));
		EXPECT_EQ(1, eventfd_wait(self->eventfds[v], IRQ_MS)) {
			TH_LOG("vector %u did not arrive", v);
		}
		EXPECT_EQ(NPU_DMA_STATUS_DONE, npu_engine_wait(&self->npu));
		/* and no other one did */
		for (unsigned int o = 0; o < NR_VECTORS; o++)
			EXPECT_EQ(0, eventfd_wait(self->eventfds[o], 0));
	}
	EXPECT_EQ(0, npu_msix_off(&self->npu));
}

TEST_F(irq_dma, nothing_arrives_without_being_asked_for)
{
	ASSERT_EQ(0, npu_msix_on(&self->npu, NR_VECTORS, self->eventfds));
	ASSERT_EQ(NPU_DMA_STATUS_DONE, copy(&self->npu, self->src.iova, self->dst.iova, 64));
	for (unsigned int v = 0; v < NR_VECTORS; v++)
		EXPECT_EQ(0, eventfd_wait(self->eventfds[v], QUIET_MS));
	EXPECT_EQ(0, npu_msix_off(&self->npu));
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

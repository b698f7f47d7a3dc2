// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything at once: threads read and write around the registers, map, touch and unmap,
 * switch memory off and on and reset the device, while another one unbinds the driver.
 *
 * Afterwards the counters add up, the device saw no write to a register, no mapping is
 * left, and the kernel had nothing to say (lockdep included, where it is on).
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "fixture.h"

#define THREADS		4
#define ROUNDS		400
#define RESETS		8

FIXTURE(stress) {
	struct npu npu;
	struct simlog log;
	struct kmsg kmsg;
};

FIXTURE_BACKENDS(stress);

FIXTURE_SETUP(stress)
{
	if (!fixture_needs_sim(_metadata))
		return;
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	if (!fixture_open(_metadata, &self->npu, GUARDED, variant->backend))
		return;
	ASSERT_EQ(0, simlog_open(&self->log, npu_dut.simlog));
	ASSERT_EQ(0, kmsg_open(&self->kmsg));
}

FIXTURE_TEARDOWN(stress)
{
	npu_close(&self->npu);
	simlog_close(&self->log);
	kmsg_close(&self->kmsg);
}

/**
 * struct worker - one thread
 * @size: of the BAR that holds the first register
 * @seed: of its random numbers
 * @reads: reads of one register, and nothing else, that succeeded
 * @dropped: the same for writes
 * @mapped: mappings it made
 * @touched: pages of them it could read
 * @odd: errors other than "memory is disabled"
 */
struct worker {
	pthread_t		thread;
	struct npu		*npu;
	__u64			size;
	unsigned int		seed;
	unsigned long long	reads;
	unsigned long long	dropped;
	unsigned long long	mapped;
	unsigned long long	touched;
	unsigned long long	odd;
};

static __thread sigjmp_buf touch_failed;
static __thread bool touching;

static void on_sigbus(int sig)
{
	if (touching)
		siglongjmp(touch_failed, 1);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void access_register(struct worker *w)
{
	const struct npu_reg *reg =
		&npu_dut.model->regs[rand_r(&w->seed) % npu_dut.model->nr_regs];
	__u64 first = rand_r(&w->seed) % (npu_reg_end(reg) - reg->offset);
	__u64 room = npu_reg_end(reg) - reg->offset - first;
	unsigned int len = 1 + rand_r(&w->seed) % (room < NPU_REG_SIZE ? room : NPU_REG_SIZE);
	bool write = rand_r(&w->seed) % 2;
	__u32 bytes = 0xffffffff;
	ssize_t ret;

	ret = write ? npu_pwrite(w->npu, reg->bar, &bytes, len, reg->offset + first) :
		      npu_pread(w->npu, reg->bar, &bytes, len, reg->offset + first);
	if (ret == (ssize_t)len)
		*(write ? &w->dropped : &w->reads) += 1;
	else if (ret != -EIO)
		w->odd++;
}

/*
 * On x86, munmap() beside a zap (memory off, a reset) can make kernel 6.1 warn, whichever driver
 * it is; with vfio-pci it was seen within 800 rounds. mmap_lock is held for reading only while
 * the pages are freed, so untrack_pfn() may run twice for one mapping. Something else mapped
 * over it first takes it away with the lock held for writing.
 */
static void unmap(void *p, size_t size)
{
#ifdef __x86_64__
	mmap(p, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
#endif
	munmap(p, size);
}

static void map_and_touch(struct worker *w)
{
	const size_t page = npu_page_size();
	struct npu_range hole[NPU_MAX_AREAS];
	unsigned int bar = npu_dut.model->regs[0].bar;
	__u64 *p;

	npu_trapped_pages(npu_dut.model, bar, hole);
	/* The hole is never there, the page after it always, unless the BAR ends with the hole */
	if (npu_mmap(w->npu, bar, hole[0].start, page, PROT_READ, MAP_SHARED) != MAP_FAILED)
		w->odd++;
	if (hole[0].end >= w->size)
		return;
	p = npu_mmap(w->npu, bar, hole[0].end, page, PROT_READ | PROT_WRITE, MAP_SHARED);
	if (p == MAP_FAILED) {
		w->odd++;
		return;
	}
	w->mapped++;
	touching = true;
	if (!sigsetjmp(touch_failed, 1)) {
		npu_load(p);
		w->touched++;
	}
	touching = false;
	unmap(p, page);
}

static void *work(void *arg)
{
	struct worker *w = arg;

	for (int i = 0; i < ROUNDS; i++) {
		access_register(w);
		if (i % 4 == 0)
			map_and_touch(w);
	}
	return NULL;
}

/* Memory off and on, and resets where the device has one */
static void *disturb(void *arg)
{
	struct worker *w = arg;

	for (int i = 0; i < RESETS; i++) {
		npu_command(w->npu, 0, 2);
		usleep(2000);
		npu_command(w->npu, 2, 0);
		if (ioctl(w->npu->fd, VFIO_DEVICE_RESET) && errno != EINVAL && errno != ENOTTY &&
		    errno != EAGAIN)
			w->odd++;
		/* A reset leaves memory as the guest had it */
		npu_command(w->npu, 2, 0);
		usleep(20000);
	}
	return NULL;
}

/*
 * Kernels before 859dc0f6253b ("vfio/pci: Replace vfio_pci_core_setup_barmap() with
 * vfio_pci_core_get_iomap()") request and map a BAR on its first use, by a mapping or by an
 * access that is not dropped, without a lock: of two first uses at once one fails with EBUSY,
 * whichever driver it is.
 */
static void use_each_bar(struct worker *w)
{
	const struct npu_model *model = npu_dut.model;
	__u8 byte;

	for (unsigned int i = 0; i < model->nr_regs; i++)
		npu_pread(w->npu, model->regs[i].bar, &byte, 1, model->regs[i].offset);
	map_and_touch(w);
}

static pid_t unbind_in_background(struct npu *npu)
{
	pid_t child = fork();

	if (child)
		return child;
	npu_close(npu);
	_exit(npu_unbind(npu_dut.bdf) ? 1 : 0);
}

static bool is_register_write(const struct sim_event *e)
{
	for (unsigned int i = 0; i < npu_dut.model->nr_regs; i++) {
		const struct npu_reg *reg = &npu_dut.model->regs[i];

		if (e->kind == SIM_WRITE && e->region == reg->bar &&
		    e->offset < npu_reg_end(reg) && e->offset + e->size > reg->offset)
			return true;
	}
	return false;
}

static void device_saw_no_write(struct __test_metadata *_metadata, struct simlog *log)
{
	struct sim_event event;
	int ret;

	while ((ret = simlog_next(log, &event)) > 0)
		EXPECT_FALSE(is_register_write(&event));
	EXPECT_EQ(0, ret);
}

static void no_mapping_is_left(struct __test_metadata *_metadata)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512];

	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f))
		EXPECT_EQ(NULL, strstr(line, "vfio"));
	fclose(f);
}

static void counters_add_up(struct __test_metadata *_metadata, const struct worker *w)
{
	unsigned long long dropped = 0, reads = 0, mapped = 0, touched = 0;

	for (int i = 0; i < THREADS; i++) {
		EXPECT_EQ(0, w[i].odd);
		dropped += w[i].dropped;
		reads += w[i].reads;
		mapped += w[i].mapped;
		touched += w[i].touched;
	}
	EXPECT_EQ(0, w[THREADS].odd);
	TH_LOG("%llu reads, %llu dropped writes, %llu pages touched", reads, dropped, touched);
	EXPECT_LT(0, dropped);
	EXPECT_LT(0, reads);
	EXPECT_EQ(!mapped, !touched);
	EXPECT_EQ(dropped, npu_attr_num(npu_dut.bdf, "ascend_vfio/dropped_writes"));
}

TEST_F_TIMEOUT(stress, all_at_once, SLOW_TIMEOUT)
{
	struct worker w[THREADS + 1] = {};
	struct npu_region region;
	const char *trouble;
	pid_t child;
	int status;

	ASSERT_EQ(0, npu_region_get(&self->npu, npu_dut.model->regs[0].bar, &region));
	signal(SIGBUS, on_sigbus);
	for (int i = 0; i <= THREADS; i++) {
		w[i].npu = &self->npu;
		w[i].size = region.size;
		w[i].seed = 0x5a6b7c8d + i;
	}
	use_each_bar(&w[0]);
	for (int i = 0; i <= THREADS; i++) {
		ASSERT_EQ(0, pthread_create(&w[i].thread, NULL, i == THREADS ? disturb : work,
					    &w[i]));
	}
	for (int i = 0; i <= THREADS; i++)
		ASSERT_EQ(0, pthread_join(w[i].thread, NULL));
	counters_add_up(_metadata, w);

	/* Once more, with the driver on its way out */
	child = unbind_in_background(&self->npu);
	ASSERT_LE(0, child);
	for (int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&w[i].thread, NULL, work, &w[i]));
	for (int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(w[i].thread, NULL));
	no_mapping_is_left(_metadata);
	npu_close(&self->npu);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);

	device_saw_no_write(_metadata, &self->log);
	trouble = kmsg_trouble(&self->kmsg);
	EXPECT_EQ(NULL, trouble) {
		TH_LOG("kernel log: %s", trouble);
	}
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}

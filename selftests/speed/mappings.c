// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a device's BARs cost in page tables, mapped as QEMU 11 does: the areas of a BAR at
 * their place in one range, which begins as far from a block's start as the BAR.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "log.h"
#include "region.h"
#include "speed.h"
#ifdef __aarch64__
#include "guest.h"
#include "vm.h"
#endif

/**
 * struct bar_map - what can be mapped of a BAR
 * @areas: it, in the BAR
 * @nr: how many of @areas there are
 * @base: where the BAR would begin
 * @reserved: what was reserved for that, @room bytes
 */
struct bar_map {
	struct npu_range	areas[NPU_MAX_AREAS];
	unsigned int		nr;
	char			*base;
	char			*reserved;
	__u64			room;
};

static int map_bar(struct subject *s, unsigned int bar, struct bar_map *map)
{
	struct npu_region region;
	int err = npu_region_get(&s->npu, bar, &region);
	__u64 block = npu_pmd_size();

	memset(map, 0, sizeof(*map));
	if (err)
		return err;
	map->nr = npu_region_mappable(&region, map->areas);
	if (!map->nr)
		return 0;
	map->room = region.size + block;
	map->reserved = mmap(NULL, map->room, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map->reserved == MAP_FAILED)
		return -errno;
	map->base = map->reserved + block - (__u64)map->reserved % block;
	for (unsigned int i = 0; i < map->nr; i++) {
		const struct npu_range *area = &map->areas[i];

		if (mmap(map->base + area->start, area->end - area->start,
			 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, s->npu.fd,
			 npu_region_offset(bar) + area->start) == MAP_FAILED)
			return -errno;
	}
	return 0;
}

static void unmap_bar(struct bar_map *map)
{
	if (map->nr)
		munmap(map->reserved, map->room);
}

typedef int (*touch_fn)(void *arg, __u64 offset);

/* The first and the last word of every @step of [start, end) */
static int touch(touch_fn fn, void *arg, __u64 start, __u64 end, __u64 step)
{
	int err = 0;

	for (; !err && start < end; start += step) {
		err = fn(arg, start);
		if (!err)
			err = fn(arg, start + step - sizeof(__u64));
	}
	return err;
}

/*
 * Every page, but of a block of the largest size two: they are one fault if it is mapped
 * in one piece, and two if it is not.
 */
static int touch_area(touch_fn fn, void *arg, const struct npu_range *area)
{
	__u64 block = npu_pmd_size(), page = npu_page_size();
	__u64 first = (area->start + block - 1) / block * block;
	__u64 last = area->end / block * block;
	int err;

	if (first >= last) {
		first = area->end;
		last = area->end;
	}
	err = touch(fn, arg, area->start, first, page);
	if (!err)
		err = touch(fn, arg, first, last, block);
	return err ? err : touch(fn, arg, last, area->end, page);
}

static int touch_areas(touch_fn fn, void *arg, const struct bar_map *map)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < map->nr; i++)
		err = touch_area(fn, arg, &map->areas[i]);
	return err;
}

/* --- the host's ------------------------------------------------------------------------ */

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

static int touch_mapping(void *arg, __u64 offset)
{
	npu_load((const __u64 *)((char *)arg + offset));
	return 0;
}

long count_faults(struct subject *s)
{
	struct bar_map map;
	long seen, err = map_bar(s, s->region, &map);

	if (err)
		return err;
	seen = faults();
	err = touch_areas(touch_mapping, map.base, &map);
	seen = faults() - seen;
	unmap_bar(&map);
	return err ? err : seen;
}

/* --- stage 2 ----------------------------------------------------------------------------- */

#ifdef __aarch64__
/* In the guest each BAR has so much room; larger ones are for other rows. */
#define BAR_ROOM	0x1000000000ULL

struct guest_bar {
	struct vm	*vm;
	__u64		gpa;
};

static int touch_guest(void *arg, __u64 offset)
{
	struct guest_bar *bar = arg;

	return vm_do(bar->vm, GUEST_LOAD, bar->gpa + offset, 0).end == VM_DONE ? 0 : -EIO;
}

static int give_bar(struct vm *vm, const struct bar_map *map, __u64 gpa)
{
	int err = map->room > BAR_ROOM ? -EFBIG : 0;

	for (unsigned int i = 0; !err && i < map->nr; i++)
		err = vm_add_memory(vm, gpa + map->areas[i].start,
				    map->base + map->areas[i].start,
				    map->areas[i].end - map->areas[i].start);
	return err;
}

static int touch_all(struct vm *vm, struct subject *s, struct bar_map *maps)
{
	int err = 0;

	for (unsigned int bar = 0; !err && bar < NPU_NR_BARS; bar++) {
		struct guest_bar guest = { vm, GUEST_MAPPINGS + bar * BAR_ROOM };

		err = map_bar(s, bar, &maps[bar]);
		if (!err)
			err = give_bar(vm, &maps[bar], guest.gpa);
		if (!err)
			err = touch_areas(touch_guest, &guest, &maps[bar]);
	}
	return err;
}

/* Each entry that KVM makes for the guest is one call; the guest's own RAM has its by then. */
long count_stage2(struct subject *s)
{
	struct bar_map maps[NPU_NR_BARS] = { 0 };
	long seen = 0;
	struct vm vm;
	int err;

	vm_init(&vm);
	err = vm_create(&vm);
	if (!err)
		err = calls_start("kvm_pgtable_stage2_map");
	if (!err) {
		err = touch_all(&vm, s, maps);
		seen = calls_seen();
		calls_stop();
	}
	vm_destroy(&vm);
	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++)
		unmap_bar(&maps[bar]);
	return err ? err : seen;
}
#else
/* There is no guest for other processors here. */
long count_stage2(struct subject *s)
{
	(void)s;
	return -EOPNOTSUPP;
}
#endif

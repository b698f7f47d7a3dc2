// SPDX-License-Identifier: GPL-2.0-only
/* The device in the hands of one driver, mapped, with a guest that has the mappings. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "region.h"

static int enable_without_driver(const char *bdf, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/enable", bdf);
	return sysfs_write(path, value);
}

void bench_init(struct bench *s, const char *backing, enum npu_backend backend)
{
	*s = (struct bench){ .backing = backing, .backend = backend, .npu.fd = -1 };
	vm_init(&s->vm);
}

/* Learning needs the device without a driver, everything else comes after. */
int bench_learn(struct bench *s)
{
	int err = s2trace_open(&s->trace);

	if (!err)
		err = npu_unbind(npu_dut.bdf);
	if (!err)
		err = enable_without_driver(npu_dut.bdf, "1");
	if (err)
		return err;
	err = s2_learn(&s->bits, &s->trace, npu_dut.bdf);
	enable_without_driver(npu_dut.bdf, "0");
	return err;
}

int bench_map(struct bench *s, const char *driver)
{
	int err;

	s->npu.fd = -1;
	if (!driver) {
		err = enable_without_driver(npu_dut.bdf, "1");
		return err ? err : mappings_sysfs(&s->mappings, npu_dut.bdf);
	}
	err = npu_bind(npu_dut.bdf, driver);
	if (!err)
		err = npu_open(&s->npu, &npu_dut, s->backend);
	return err ? err : mappings_vfio(&s->mappings, &s->npu);
}

int bench_start_vm(struct bench *s)
{
	unsigned int i;
	int err = vm_create(&s->vm);

	for (i = 0; !err && i < s->mappings.count; i++)
		err = vm_add_memory(&s->vm, s->mappings.list[i].gpa, s->mappings.list[i].hva,
				    s->mappings.list[i].size);
	return err ? err : s2trace_clear(&s->trace);
}

int bench_set_up(struct bench *s, const char *driver)
{
	int err = bench_learn(s);

	if (!err)
		err = bench_map(s, driver);
	if (!err && !s->mappings.count) {
		printf("# stage2: %s lets nothing of %s be mapped\n", s->backing, npu_dut.bdf);
		err = -ENXIO;
	}
	return err ? err : bench_start_vm(s);
}

void bench_unmap(struct bench *s, const char *driver)
{
	vm_destroy(&s->vm);
	mappings_unmap(&s->mappings);
	if (!driver)
		enable_without_driver(npu_dut.bdf, "0");
	else if (s->npu.fd >= 0)
		npu_close(&s->npu);
	s->npu.fd = -1;
}

/* How KVM mapped the place, as the end of the row: the choice, then the encoding. */
static enum s2_attr print_attr(struct bench *s, const struct s2_map *map)
{
	enum s2_attr attr = s2_attr_of(&s->bits, map->prot);
	unsigned int memattr = s2_memattr(&s->bits, map);

	printf(" prot=%#llx attr=%s block=%#llx memattr=%#x\n", map->prot, s2_attr_name(attr),
	       map->size, memattr);
	if (attr == S2_UNKNOWN || s2_memattr_is(memattr, attr))
		return attr;
	return S2_MISENCODED;
}

/* The row of the table. Prints, and says how KVM mapped the place. */
enum s2_attr bench_row(struct bench *s, const struct mapping *m, __u64 offset,
		       const char *access, bool after_zap, enum s2_result result)
{
	struct s2_map map;
	int found = s2trace_find(&s->trace, m->gpa + offset, &map);
	bool off = !strcmp(s->backing, GUARDED) && !npu_normal_nc_on();

	printf("# stage2: %s backing=%s%s bar=%d area=%#llx+%#llx at=%#llx", s2_host(),
	       s->backing, off ? ",normal_nc=0" : "", m->bar, m->offset, m->size,
	       m->offset + offset);
	printf(" access=%s after-zap=%s result=%s", access, after_zap ? "yes" : "no",
	       s2_result_name(result));
	if (found == 1)
		return print_attr(s, &map);
	printf(" prot=none attr=none block=none memattr=none\n");
	return S2_UNKNOWN;
}

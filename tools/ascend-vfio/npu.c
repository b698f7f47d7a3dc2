// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - the NPUs of this machine */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "npu.h"
#include "root.h"

const char * const state_names[] = {
	[NPU_READY] = "ready",
	[NPU_IN_USE] = "in-use",
	[NPU_NATIVE] = "native",
	[NPU_UNGUARDED] = "unguarded",
	[NPU_REFUSED] = "refused",
	[NPU_UNBOUND] = "unbound",
};

/* How often all devices are looked at before it is an error, and the pause between */
#define SCANS		10
#define SCAN_PAUSE_NS	100000000

static struct pci_access *pci;
static jmp_buf scan_again;
static unsigned int scans_left;

/* libpci's way to give up; it must not return */
static void __attribute__((noreturn)) pci_failed(char *msg, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, msg);
	vsnprintf(text, sizeof(text), msg, ap);
	va_end(ap);
	if (scans_left)
		longjmp(scan_again, 1);
	die("PCI devices cannot be read: %s", text);
}

/* What libpci warns of (a kernel file that it does not know) does not matter here. */
static void pci_ignored(char *msg, ...)
{
	(void)msg;
}

static bool pci_open(void)
{
	if (pci)
		pci_cleanup(pci);
	pci = NULL;
	if (!root_exists(PCI_DEVICES))
		return false;
	pci = pci_alloc();
	pci->method = PCI_ACCESS_SYS_BUS_PCI;
	pci->error = pci_failed;
	pci->warning = pci_ignored;
	pci_set_param(pci, "sysfs.path", root_path("/sys/bus/pci"));
	pci_init(pci);
	pci_scan_bus(pci);
	return true;
}

struct pci_dev *pci_at(const char *bdf)
{
	struct bdf a;

	if (!pci || !parse_bdf(bdf, &a))
		return NULL;
	for (struct pci_dev *dev = pci->devices; dev; dev = dev->next)
		if ((u32)dev->domain == a.domain && dev->bus == a.bus && dev->dev == a.slot &&
		    dev->func == a.function)
			return dev;
	return NULL;
}

char *pci_name(struct pci_dev *dev)
{
	char class[128], name[256];

	pci_fill_info(dev, PCI_FILL_IDENT | PCI_FILL_CLASS);
	pci_lookup_name(pci, class, sizeof(class), PCI_LOOKUP_CLASS | PCI_LOOKUP_NO_HWDB,
			dev->device_class);
	pci_lookup_name(pci, name, sizeof(name),
			PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE | PCI_LOOKUP_NO_HWDB,
			dev->vendor_id, dev->device_id);
	return fmt("%s: %s", class, name);
}

static void read_bars(struct npu *npu)
{
	struct pci_dev *dev = npu->pci;

	pci_fill_info(dev, PCI_FILL_BASES | PCI_FILL_SIZES | PCI_FILL_IO_FLAGS);
	for (int i = 0; i < NR_BARS; i++) {
		struct bar *bar = &npu->bars[i];

		bar->size = dev->size[i];
		bar->io = dev->flags[i] & PCI_IORESOURCE_IO;
		bar->start = dev->base_addr[i] & (bar->io ? PCI_ADDR_IO_MASK : PCI_ADDR_MEM_MASK);
		bar->mem64 = dev->flags[i] & PCI_IORESOURCE_MEM_64;
		bar->prefetchable = dev->flags[i] & PCI_IORESOURCE_PREFETCH;
	}
}

/* Small decimal files: numa_node may be -1, which parse_num() does not take. */
static int read_int(const char *path)
{
	u64 value;

	return root_read_num(path, &value) && value <= 0x7fffffff ? (int)value : UNKNOWN;
}

static u64 read_u64(const char *path)
{
	u64 value;

	return root_read_num(path, &value) ? value : 0;
}

static int group_of(const char *dir)
{
	u64 group;

	if (!parse_num(root_link_name(fmt("%s/iommu_group", dir)), &group) ||
	    group > 0x7fffffff)
		return UNKNOWN;
	return group;
}

void npu_read_group(struct npu *npu)
{
	npu->group = group_of(npu->dir);
}

static void read_driver_group(struct npu *npu)
{
	const char *group = fmt("%s/ascend_vfio", npu->dir);

	npu->layout = root_read(fmt("%s/layout", group));
	if (!npu->layout)
		npu->layout = "";
	npu->has_nc = root_read_num(fmt("%s/normal_nc_bars", group), &npu->normal_nc_bars);
	npu->dropped = read_u64(fmt("%s/dropped_writes", group));
	npu->needs_reset = read_int(fmt("%s/needs_reset", group));
}

char *driver_param(const char *name)
{
	return root_read(fmt("/sys/module/%s/parameters/%s", DRIVER, name));
}

static bool param_is_yes(const char *name)
{
	char *value = driver_param(name);

	return value && (!strcmp(value, "Y") || !strcmp(value, "1"));
}

bool driver_loaded(const char *driver)
{
	return root_exists(fmt("%s/%s", PCI_DRIVERS, driver));
}

static void expect_layout(struct npu *npu)
{
	struct identity id = {
		.vendor = npu->vendor, .device = npu->device, .subdevice = npu->subdevice,
		.is_vf = npu->is_vf, .is_pf = npu->is_pf,
		.wc_unlisted = param_is_yes("wc_unlisted"),
	};

	for (int i = 0; i < NR_BARS; i++)
		if (!npu->bars[i].io)
			id.bar_len[i] = npu->bars[i].size;
	npu->expected = choose_layout(&id, &npu->why_refused);
}

static void npu_read(struct npu *npu)
{
	const char *dir = npu->dir = fmt("%s/%s", PCI_DEVICES, npu->bdf);
	char *override;

	npu->subvendor = read_u64(fmt("%s/subsystem_vendor", dir));
	npu->subdevice = read_u64(fmt("%s/subsystem_device", dir));
	npu->revision = read_u64(fmt("%s/revision", dir));
	read_bars(npu);
	npu->driver = root_link_name(fmt("%s/driver", dir));
	override = root_read(fmt("%s/driver_override", dir));
	npu->override = override && strcmp(override, "(null)") ? override : "";
	npu_read_group(npu);
	npu->node = read_int(fmt("%s/numa_node", dir));
	npu->pf = root_link_name(fmt("%s/physfn", dir));
	npu->is_vf = *npu->pf;
	npu->is_pf = root_read_num(fmt("%s/sriov_totalvfs", dir), &npu->total_vfs);
	npu->nr_vfs = read_u64(fmt("%s/sriov_numvfs", dir));
	expect_layout(npu);
	read_driver_group(npu);
	npu_set_state(npu);
}

static int by_address(const void *a, const void *b)
{
	const struct bdf *x = &((const struct npu *)a)->address;
	const struct bdf *y = &((const struct npu *)b)->address;
	u64 p = (u64)x->domain << 16 | x->bus << 8 | x->slot << 3 | x->function;
	u64 q = (u64)y->domain << 16 | y->bus << 8 | y->slot << 3 | y->function;

	return p < q ? -1 : p > q;
}

/* The kernel's name of the architecture, told by what only one of them has. */
static char *find_arch(void)
{
	char *machine = root_read("/proc/sys/kernel/arch");	/* Linux 6.1 */

	if (machine && !strcmp(machine, "aarch64"))
		return "arm64";
	if (machine && !strcmp(machine, "x86_64"))
		return "x86";
	return "";
}

static struct machine *scan(void)
{
	struct machine *m = zalloc(sizeof(*m));
	struct pci_dev *dev;
	unsigned int n = 0;

	m->arch = find_arch();
	m->release = root_read("/proc/sys/kernel/osrelease");
	if (!m->release)
		m->release = "";
	if (!pci_open())
		return m;
	for (dev = pci->devices; dev; dev = dev->next)
		n++;
	m->npus = zalloc(n * sizeof(*m->npus));
	for (dev = pci->devices; dev; dev = dev->next) {
		struct npu *npu = &m->npus[m->nr];

		pci_fill_info(dev, PCI_FILL_IDENT);
		npu->chip = chip_by_id(dev->vendor_id, dev->device_id);
		if (!npu->chip)
			continue;
		npu->pci = dev;
		npu->vendor = dev->vendor_id;
		npu->device = dev->device_id;
		npu->address = (struct bdf){ dev->domain, dev->bus, dev->dev, dev->func };
		bdf_text(&npu->address, npu->bdf);
		npu_read(npu);
		m->nr++;
	}
	qsort(m->npus, m->nr, sizeof(*m->npus), by_address);
	return m;
}

/*
 * A device may leave the bus while it is looked at, an NPU that is reset or whatever is
 * unplugged, and be half there for libpci, which then gives up the whole scan.
 */
struct machine *machine_scan(void)
{
	const struct timespec pause = { .tv_nsec = SCAN_PAUSE_NS };
	struct machine *m;

	scans_left = SCANS;
	if (setjmp(scan_again))
		nanosleep(&pause, NULL);
	scans_left--;
	m = scan();
	scans_left = 0;
	return m;
}

struct npu *machine_find(struct machine *m, const struct bdf *bdf)
{
	char text[BDF_SIZE];

	bdf_text(bdf, text);
	for (unsigned int i = 0; i < m->nr; i++)
		if (!strcmp(m->npus[i].bdf, text))
			return &m->npus[i];
	return NULL;
}

struct npu **machine_choose(struct machine *m, const struct bdf *bdfs, unsigned int nr)
{
	struct npu **chosen = zalloc((m->nr + nr + 1) * sizeof(*chosen));
	unsigned int n = 0;

	if (!nr)
		for (unsigned int i = 0; i < m->nr; i++)
			chosen[n++] = &m->npus[i];
	for (unsigned int i = 0; i < nr; i++) {
		struct npu *npu = machine_find(m, &bdfs[i]);
		char text[BDF_SIZE];
		unsigned int j;

		bdf_text(&bdfs[i], text);
		if (!npu && !root_exists(fmt("%s/%s", PCI_DEVICES, text)))
			die("%s: there is no such device", text);
		if (!npu)
			die("%s: not an Ascend NPU that this tool knows (see 'ascend-vfio list')",
			    text);
		for (j = 0; j < n && chosen[j] != npu; j++)
			;
		if (j == n)
			chosen[n++] = npu;
	}
	return chosen;
}

char **npu_path(const struct npu *npu)
{
	char *real = root_real(npu->dir), *part, *save = NULL;
	char **path = zalloc(64 * sizeof(*path));
	unsigned int n = 0;
	struct bdf bdf;

	/* /sys/devices/pci0000:80/0000:80:00.0/0000:81:00.0 */
	for (part = real ? strtok_r(real, "/", &save) : NULL; part;
	     part = strtok_r(NULL, "/", &save)) {
		if (!parse_bdf(part, &bdf) || !strcmp(part, npu->bdf) || n == 63)
			continue;
		memmove(path + 1, path, n++ * sizeof(*path));
		path[0] = part;
	}
	return path;
}

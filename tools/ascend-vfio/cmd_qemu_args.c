// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio qemu-args
 *
 * Options that QEMU merges with what the operator has: several -machine are one.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "commands.h"
#include "guest.h"
#include "out.h"
#include "window.h"

#define Q35_WINDOW	(32 * GIB)	/* its pci-hole64-size, if nothing is said */
#define MAX_NODES	8
#define BUSES_EACH	24		/* bus numbers of a pxb-pcie: its ports need one each */

struct output {
	const struct args *args;
	struct machine *m;
	struct npu **npus;
	bool q35;
	const char **words;
	unsigned int nr;
	int nodes[MAX_NODES];		/* the host's, of which the guest gets one each */
	unsigned int nr_nodes;
};

static void put(struct output *o, const char *option, const char *value)
{
	o->words[o->nr++] = option;
	o->words[o->nr++] = value;
}

static int guest_node(const struct output *o, const struct npu *npu)
{
	for (unsigned int i = 0; i < o->nr_nodes; i++)
		if (o->nodes[i] == npu->node)
			return i;
	return -1;
}

static bool find_nodes(struct output *o)
{
	if (!given(o->args, OPT_MEMORY) || given(o->args, OPT_NO_NUMA))
		return true;
	for (struct npu **npu = o->npus; *npu; npu++) {
		if ((*npu)->node == UNKNOWN || guest_node(o, *npu) >= 0)
			continue;
		if (o->nr_nodes == MAX_NODES) {
			error("these are on more than %d NUMA nodes: use --no-numa", MAX_NODES);
			return false;
		}
		o->nodes[o->nr_nodes++] = (*npu)->node;
	}
	return true;
}

/* A version of QEMU that is too old for the window is said, with what would fit. */
static bool put_window(struct output *o)
{
	u64 window = total_window(o->npus), used = GIB;
	struct version v = o->args->version;
	const char *where = "as --qemu says";
	bool known = given(o->args, OPT_QEMU) || qemu_version(o->m, &v, &where);
	unsigned int fit = 0;

	if (o->q35) {
		if (window > Q35_WINDOW)
			put(o, "-global", fmt("q35-pcihost.pci-hole64-size=%s", size_text(window)));
		return true;
	}
	if (window <= VIRT_WINDOW)
		return true;
	if (known && version_cmp(&v, VIRT_SIZE_MAJOR, 0) < 0) {
		for (struct npu **npu = o->npus; *npu; npu++, fit++) {
			used += npu_window(*npu);
			if (used > VIRT_WINDOW)
				break;
		}
		error("QEMU %u.%u (%s) has a window of 512G and these need %s: QEMU 10.0 or later has highmem-mmio-size; the first %u of them would fit",
		      v.major, v.minor, where, size_text(window), fit);
		return false;
	}
	if (!known)
		note("the version of QEMU is not known; highmem-mmio-size needs 10.0 or later");
	put(o, "-machine", fmt("highmem-mmio-size=%s", size_text(window)));
	return true;
}

static bool put_memory(struct output *o)
{
	u64 memory = o->args->number[OPT_MEMORY], each;

	if (!memory)
		return true;
	put(o, "-m", size_text(memory));
	if (!o->nr_nodes)
		return true;
	each = memory / o->nr_nodes / (2 * MIB) * (2 * MIB);
	if (!each || memory % (2 * MIB)) {
		error("--memory: cannot be parted among %u NUMA nodes in steps of 2M", o->nr_nodes);
		return false;
	}
	for (unsigned int i = 0; i < o->nr_nodes; i++) {
		u64 size = i ? each : memory - each * (o->nr_nodes - 1);

		put(o, "-object", fmt("memory-backend-ram,id=npumem%u,size=%s,host-nodes=%d,policy=bind",
				      i, size_text(size), o->nodes[i]));
		put(o, "-numa", fmt("node,nodeid=%u,memdev=npumem%u", i, i));
	}
	for (unsigned int i = 0; i < o->nr_nodes; i++)
		put(o, "-device", fmt("pxb-pcie,id=npupxb%u,bus=pcie.0,bus_nr=%u,numa_node=%u", i,
				      32 + BUSES_EACH * i, i));
	note("pxb-pcie needs UEFI firmware in the guest; without it, use --no-numa");
	return true;
}

static void put_device(struct output *o, const struct place *place)
{
	int node = guest_node(o, place->npu);
	char *port = fmt("npuport%u", place->port);
	bool shared = place->function;

	if (place->opens_port)
		put(o, "-device", fmt("pcie-root-port,id=%s,bus=%s,chassis=%u", port,
				      node < 0 ? "pcie.0" : fmt("npupxb%d", node),
				      100 + place->port));
	if (place->opens_port && shared)
		put(o, "-device", fmt("virtio-rng-pci,bus=%s,addr=0x0.0x0,multifunction=on", port));
	put(o, "-device", shared ?
	    fmt("vfio-pci,host=%s,bus=%s,addr=0x0.0x%u", place->npu->bdf, port, place->function) :
	    fmt("vfio-pci,host=%s,bus=%s", place->npu->bdf, port));
}

static void print(const struct output *o)
{
	struct json_object *root, *array;

	if (!given(o->args, OPT_JSON)) {
		for (unsigned int i = 0; i < o->nr; i += 2)
			printf("%s %s%s\n", o->words[i], o->words[i + 1],
			       i + 2 < o->nr ? " \\" : "");
		return;
	}
	root = json_start();
	json_str(root, "machine", o->q35 ? "q35" : "virt");
	json_u64(root, "window", total_window(o->npus));
	array = json_array(root, "arguments");
	for (unsigned int i = 0; i < o->nr; i++)
		json_add_str(array, o->words[i]);
	json_finish(root);
}

int cmd_qemu_args(const struct args *args)
{
	struct output o = { .args = args, .m = machine_scan() };
	struct places places;

	o.npus = machine_choose(o.m, args->bdfs, args->nr_bdfs);
	o.q35 = machine_is_q35(o.m, args->text[OPT_MACHINE]);
	places = guest_places(o.npus);
	o.words = zalloc((6 * places.nr + 6 * MAX_NODES + 8) * sizeof(*o.words));
	if (!find_nodes(&o) || !put_window(&o) || !put_memory(&o))
		return EXIT_FAILED;
	for (unsigned int i = 0; i < places.nr; i++)
		put_device(&o, &places.place[i]);
	for (struct npu **npu = o.npus; *npu; npu++)
		if (strcmp((*npu)->driver, DRIVER))
			note("%s is not bound to " DRIVER " now", (*npu)->bdf);
	print(&o);
	return EXIT_DONE;
}

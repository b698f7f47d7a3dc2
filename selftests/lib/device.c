// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which device is tested, and what the test bed's table says about it.
 *
 * As the kernel's own VFIO selftests do: the address comes last on the command
 * line or from the environment, and without one the test is skipped.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest.h"
#include "npu.h"

struct npu_id npu_dut;

static bool is_bdf(const char *text)
{
	unsigned int s, b, d, f;
	int len = 0;

	return sscanf(text, "%4x:%2x:%2x.%1x%n", &s, &b, &d, &f, &len) == 4 &&
	       len == (int)strlen(text);
}

static void skip_all(const char *prog, const char *why, const char *what)
{
	printf("1..0 # SKIP %s%s\n", why, what);
	fprintf(stderr, "%s: %s%s\n\n"
		"Give the PCI address of an Ascend NPU, on the command line or in the environment:\n"
		"    %s [options] 0000:03:00.0\n"
		"    ASCEND_BDF=0000:03:00.0 %s [options]\n"
		"ASCEND_MODEL names its model when the ids do not tell; ASCEND_SIM_LOG is the log of the\n"
		"simulator that plays it. Without a log, whatever writes near registers is skipped.\n"
		"Load " GUARDED ", and vfio-pci for the comparisons, with modprobe first.\n",
		prog, why, what, prog, prog);
	exit(KSFT_SKIP);
}

/* Sizes of the device's BARs; 0 where there is none */
static bool bar_sizes(const char *bdf, __u64 *sizes)
{
	char text[1024], *line = text;

	if (npu_attr(bdf, "resource", text, sizeof(text)) < 0)
		return false;
	for (int i = 0; i < NPU_NR_BARS; i++) {
		__u64 start, end;

		if (!line || sscanf(line, "%llx %llx", &start, &end) != 2)
			return false;
		sizes[i] = end ? end - start + 1 : 0;
		line = strchr(line, '\n');
		line += line ? 1 : 0;
	}
	return true;
}

/*
 * @model with the sizes of the device's BARs (another firmware may have others), its
 * registers where they are in those, as the second die follows, and only those that the
 * driver traps with its parameters of now.
 */
static bool adapt(struct npu_model *model, const char *bdf)
{
	__u64 sizes[NPU_NR_BARS];
	char text[8];
	bool unlisted = sysfs_read("/sys/module/" GUARDED "/parameters/wc_unlisted", text,
				   sizeof(text)) > 0 && text[0] == 'Y';

	if (!bar_sizes(bdf, sizes))
		return false;
	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++)
		npu_model_set_bar(model, bar, sizes[bar]);
	model->nr_regs = npu_nr_trapped(model, unlisted);
	for (unsigned int i = 0; i < model->nr_regs; i++) {
		const struct npu_reg *reg = &model->regs[i];

		if (reg->offset + NPU_REG_SIZE > sizes[reg->bar])
			return false;
	}
	/* Tests loop over them */
	return model->nr_regs && npu_add_rules(model);
}

static bool has_id(const struct npu_model *model, long long vendor, long long device)
{
	if (model->device == device) {
		for (const __u16 *more = model->more_vendors; *more; more++)
			if (*more == vendor)
				return true;
		return model->vendor == vendor;
	}
	for (const __u16 *more = model->more_devices; *more; more++)
		if (*more == device)
			return model->vendor == vendor;
	return false;
}

/* A real NPU has its own subsystem id: only a 310P, whose ids are known, is told by it */
static bool model_by_ids(const char *bdf, struct npu_model *found)
{
	long long vendor = npu_attr_num(bdf, "vendor");
	long long device = npu_attr_num(bdf, "device");
	long long subsys = npu_attr_num(bdf, "subsystem_device");

	for (size_t i = 0; i < npu_models_count; i++) {
		const struct npu_model *model = &npu_models[i];

		if (!has_id(model, vendor, device))
			continue;
		if (model->resets_badly && (subsys & ~0xf) != model->subsys_id)
			continue;
		*found = *model;
		if (adapt(found, bdf))
			return true;
	}
	return false;
}

/* By name, or by ids */
static bool find_model(const char *name, const char *bdf, struct npu_model *found)
{
	if (!name)
		return model_by_ids(bdf, found);
	if (!npu_model_find(name))
		return false;
	*found = *npu_model_find(name);
	return adapt(found, bdf);
}

static void choose(int *argc, char **argv, struct npu_id *id)
{
	const char *bdf = getenv("ASCEND_BDF");
	char text[16];

	if (*argc > 1 && is_bdf(argv[*argc - 1]))
		bdf = argv[--*argc];
	if (!bdf || !*bdf)
		skip_all(argv[0], "no device was named", "");
	if (!is_bdf(bdf))
		skip_all(argv[0], "not a PCI address: ", bdf);
	if (npu_attr(bdf, "vendor", text, sizeof(text)) < 0)
		skip_all(argv[0], "no such PCI device: ", bdf);
	if (geteuid())
		skip_all(argv[0], "only root can bind devices", "");
	if (!npu_driver_loaded(GUARDED))
		skip_all(argv[0], "the module is not loaded: ", GUARDED);

	snprintf(id->bdf, sizeof(id->bdf), "%s", bdf);
	id->simlog = getenv("ASCEND_SIM_LOG");
	if (id->simlog && !*id->simlog)
		id->simlog = NULL;
}

/*
 * Variants by a backend that this kernel lacks: the harness leaves them out (-V). Each of
 * them would be skipped, but in a process of its own, and on an emulated machine those
 * are slow. First among the options, as the harness takes the first that matches.
 */
static void leave_out(int *argc, char ***argv, const char *variant, const char *why)
{
	char **more;

	if (!why)
		return;
	more = calloc(*argc + 3, sizeof(*more));
	if (!more)
		ksft_exit_fail_msg("no memory for %d arguments\n", *argc + 3);
	more[0] = (*argv)[0];
	more[1] = "-V";
	more[2] = (char *)variant;
	memcpy(more + 3, *argv + 1, (*argc - 1) * sizeof(*more));
	*argv = more;
	*argc += 2;
	fprintf(stderr, "# variant %s is left out: %s\n", variant, why);
}

void npu_init_any(int *argc, char ***argv)
{
	choose(argc, *argv, &npu_dut);
	leave_out(argc, argv, "group", npu_backend_missing(NPU_GROUP));
	leave_out(argc, argv, "iommufd", npu_backend_missing(NPU_CDEV));
	npu_restore_at_exit(npu_dut.bdf);
}

void npu_init(int *argc, char ***argv)
{
	static struct npu_model model;
	const char *name = getenv("ASCEND_MODEL");

	npu_init_any(argc, argv);
	if (!find_model(name, npu_dut.bdf, &model))
		skip_all((*argv)[0], "no such model in the table: ", name ? name : "(by its ids)");
	npu_dut.model = &model;
}

int npu_find_peer(struct npu_id *peer)
{
	static struct npu_model found;
	static char log[4096];
	const char *scene = getenv("ASCEND_SCENE");
	char name[64], bdf[16], model[32];
	FILE *f = scene ? fopen(scene, "r") : NULL;
	int ret = -ENODEV;

	if (!f || !npu_dut.simlog)
		goto out;
	while (ret && fscanf(f, "%63s %15s %31s%*[^\n]", name, bdf, model) == 3) {
		const char *slash = strrchr(npu_dut.simlog, '/');

		if (!strcmp(bdf, npu_dut.bdf) || !find_model(model, bdf, &found))
			continue;
		peer->model = &found;
		snprintf(peer->bdf, sizeof(peer->bdf), "%s", bdf);
		snprintf(log, sizeof(log), "%.*s%s.log",
			 slash ? (int)(slash - npu_dut.simlog + 1) : 0, npu_dut.simlog, name);
		peer->simlog = log;
		ret = 0;
	}
out:
	if (f)
		fclose(f);
	return ret;
}

unsigned int npu_others(struct npu_id *ids, unsigned int max)
{
	const char *scene = getenv("ASCEND_SCENE");
	FILE *f = scene ? fopen(scene, "r") : NULL;
	unsigned int nr = 0;
	char bdf[16];

	while (f && nr < max && fscanf(f, "%*s %15s%*[^\n]", bdf) == 1) {
		if (!strcmp(bdf, npu_dut.bdf))
			continue;
		ids[nr] = (struct npu_id){ 0 };
		snprintf(ids[nr++].bdf, sizeof(ids->bdf), "%s", bdf);
	}
	if (f)
		fclose(f);
	return nr;
}

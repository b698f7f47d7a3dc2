// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio verify: on the host, what a guest would see; in a guest, what it gets
 *
 * It is a host for a device that a VFIO driver has, and for a recorded tree.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "json_npu.h"
#include "npu.h"
#include "out.h"
#include "root.h"
#include "verify/probe.h"

static bool on_host(const struct npu *npu)
{
	return root_is_recorded() || is_vfio_driver(npu->driver);
}

static int host_view(const struct machine *m, const struct npu *npu)
{
	const char *why;
	bool wc = npu_wc(m, npu, &why);
	u64 told = wc ? npu->normal_nc_bars : 0;

	if (strcmp(npu->driver, DRIVER)) {
		printf("%s: %s\n", npu->bdf, *npu->driver ?
		       fmt("%s has it: no guest gets it guarded", npu->driver) :
		       "not bound: no guest gets it");
		return EXIT_PROBLEMS;
	}
	printf("%s: layout %s; a guest reads feature as 0x%llx%s\n", npu->bdf, npu->layout,
	       (unsigned long long)told, wc ? "" : " or as what it wrote, where it is not answered");
	for (int i = 0; i < NR_BARS; i++)
		if (npu->bars[i].size)
			printf("%s: BAR%d: %s%s\n", npu->bdf, i, told & BIT(i) ?
			       "may be mapped write combining" : "not write combining",
			       i == 4 ? fmt(": %s", why) : "");
	return wc ? EXIT_DONE : EXIT_PROBLEMS;
}

int cmd_verify(const struct args *args)
{
	struct machine *m = machine_scan();
	struct npu **npus = machine_choose(m, args->bdfs, args->nr_bdfs);
	struct probe_options options = { given(args, OPT_FORCE), given(args, OPT_ATTEMPT) };
	int worst = EXIT_DONE;

	if (given(args, OPT_JSON)) {
		struct json_object *root = json_start(), *array = json_array(root, "devices");

		/* As the host sees it only: what is tried in a guest is text. */
		for (; *npus; npus++)
			json_npu(array, m, *npus);
		json_finish(root);
		return EXIT_DONE;
	}
	if (!*npus) {
		error("there is no Ascend NPU here");
		return EXIT_FAILED;
	}
	for (; *npus; npus++) {
		int status = on_host(*npus) ? host_view(m, *npus) :
			     probe_device((*npus)->bdf, &options);

		if (status > worst)
			worst = status;
	}
	return worst;
}

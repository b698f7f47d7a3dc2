// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio metrics: Prometheus' text format, 0.0.4
 *
 * What is not known has no sample: a 0 would be a claim.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "npu.h"
#include "root.h"
#include "traps.h"

/* In label values these three must be escaped. */
static const char *label(const char *text)
{
	char *out = zalloc(2 * strlen(text) + 1), *p = out;

	for (; *text; text++) {
		if (*text == '\\' || *text == '"' || *text == '\n')
			*p++ = '\\';
		*p++ = *text == '\n' ? 'n' : (unsigned char)*text < 0x80 ? *text : '?';
	}
	return out;
}

static void head(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# HELP ascend_vfio_%s %s\n# TYPE ascend_vfio_%s %s\n", name, help, name, type);
}

static void sample(FILE *f, const char *name, const struct npu *npu, u64 value)
{
	fprintf(f, "ascend_vfio_%s{address=\"%s\"} %llu\n", name, npu->bdf,
		(unsigned long long)value);
}

static void write_info(FILE *f, const struct machine *m, struct npu **npus)
{
	head(f, "device_info", "gauge", "An Ascend NPU; always 1.");
	for (; *npus; npus++)
		fprintf(f, "ascend_vfio_device_info{address=\"%s\",chip=\"%s\",device=\"%04x:%04x\",driver=\"%s\",layout=\"%s\",numa_node=\"%d\"} 1\n",
			(*npus)->bdf, label((*npus)->chip->chip), (*npus)->vendor, (*npus)->device,
			label((*npus)->driver), label((*npus)->layout), (*npus)->node);
	(void)m;
}

static void write_states(FILE *f, struct npu **npus)
{
	head(f, "device_state", "gauge", "1 for the state that the device is in, 0 for the others.");
	for (; *npus; npus++)
		for (int s = NPU_READY; s <= NPU_UNBOUND; s++)
			fprintf(f, "ascend_vfio_device_state{address=\"%s\",state=\"%s\"} %d\n",
				(*npus)->bdf, state_names[s], (*npus)->state == (enum npu_state)s);
}

static void write_gauges(FILE *f, const struct machine *m, struct npu **npus)
{
	struct npu **npu;
	const char *why;

	head(f, "write_combining", "gauge", "1 if a guest gets write combining and is told so.");
	for (npu = npus; *npu; npu++)
		sample(f, "write_combining", *npu, npu_wc(m, *npu, &why));
	head(f, "normal_nc_bars", "gauge", "Bitmap of the BARs that may be mapped Normal-NC.");
	for (npu = npus; *npu; npu++)
		if ((*npu)->has_nc)
			sample(f, "normal_nc_bars", *npu, (*npu)->normal_nc_bars);
	head(f, "needs_reset", "gauge", "1 if the last guest's state is still in the device.");
	for (npu = npus; *npu; npu++)
		if ((*npu)->needs_reset != UNKNOWN)
			sample(f, "needs_reset", *npu, (*npu)->needs_reset);
	head(f, "dropped_writes_total", "counter",
	     "Writes to guarded registers that were dropped since the device was bound.");
	for (npu = npus; *npu; npu++)
		if (*(*npu)->layout)
			sample(f, "dropped_writes_total", *npu, (*npu)->dropped);
}

static void write_register(FILE *f, struct npu **npus, const char *name, const char *help,
			   bool reads)
{
	head(f, name, "counter", help);
	for (; *npus; npus++) {
		struct traps traps = npu_traps(*npus);

		for (int i = 0; traps.counted && i < traps.nr; i++)
			fprintf(f, "ascend_vfio_%s{address=\"%s\",register=\"%s\"} %llu\n", name,
				(*npus)->bdf, label(traps.rows[i].reg),
				(unsigned long long)(reads ? traps.rows[i].reads :
						     traps.rows[i].dropped));
	}
}

static void write_all(FILE *f, const struct machine *m, struct npu **npus)
{
	write_info(f, m, npus);
	write_states(f, npus);
	write_gauges(f, m, npus);
	write_register(f, npus, "register_reads_total", "Reads of a guarded register.", true);
	write_register(f, npus, "register_dropped_writes_total",
		       "Dropped writes to a guarded register.", false);
}

int cmd_metrics(const struct args *args)
{
	struct machine *m = machine_scan();
	struct npu **npus = machine_choose(m, args->bdfs, args->nr_bdfs);
	const char *path = args->text[OPT_OUTPUT];
	char *text = NULL;
	size_t size;
	FILE *f;
	int ret;

	npu_find_holders(m);
	f = open_memstream(&text, &size);
	if (!f)
		die("out of memory");
	write_all(f, m, npus);
	if (fclose(f))
		die("out of memory");
	ret = path ? file_replace(path, text, 0644) : fputs(text, stdout) < 0 ? -EIO : 0;
	free(text);
	if (ret)
		error("%s cannot be written: %s", path ? path : "standard output", strerror(-ret));
	return ret ? EXIT_FAILED : EXIT_DONE;
}

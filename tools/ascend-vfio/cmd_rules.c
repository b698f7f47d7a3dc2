// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio rules, ascend-vfio numa
 *
 * The driver has the last word about what a rule means; here is only what belongs to a file
 * and to a list that one is added to. All lines go in one write: the driver refuses more.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "act.h"
#include "change.h"
#include "commands.h"
#include "root.h"

#define GUARD		"ascend_vfio/guard"
#define NODE		"ascend_vfio/guest_numa_node"
/* sysfs hands a page to the driver at most, and there are pages of this size */
#define MAX_TEXT	4095

static char *file_of(const struct npu *npu, const char *name)
{
	return fmt("%s/%s", npu->dir, name);
}

static bool is_rule(const char *kind)
{
	return !strcmp(kind, "ro") || !strcmp(kind, "hide");
}

/* A line of guard: false at the end. What kind it is, "ro" or a register's name, in @kind. */
static bool next_line(const char **text, struct trap_row *row, u64 *end, char kind[16])
{
	unsigned long long from, to;
	bool found;

	found = sscanf(*text, "BAR%u 0x%llx-0x%llx %15s", &row->bar, &from, &to, kind) == 4;
	*text += strcspn(*text, "\n");
	*text += **text == '\n';
	row->offset = from;
	*end = to;
	return found;
}

/* The operator's own lines of guard */
static char *rules_of(const char *guard)
{
	char *rules = copy("");
	struct trap_row row;
	char kind[16];
	u64 end;

	for (const char *line = guard; next_line(&guard, &row, &end, kind); line = guard)
		if (is_rule(kind))
			rules = fmt("%s%.*s", rules, (int)(guard - line), line);
	return rules;
}

/* Comments away, lines kept: the kernel's log counts them */
static char *without_comments(const char *text)
{
	char *out = copy(text), *to = out;
	bool comment = false;

	for (; *text; text++) {
		comment = *text != '\n' && (comment || *text == '#');
		if (!comment)
			*to++ = *text;
	}
	*to = '\0';
	return out;
}

/* Up to MAX_TEXT bytes, 0 behind them; or -1, and errno is set. */
static ssize_t read_text(FILE *f, char *text)
{
	size_t len = fread(text, 1, MAX_TEXT + 1, f);

	text[len] = '\0';
	return ferror(f) ? -1 : (ssize_t)len;
}

static char *read_input(const char *path)
{
	char text[MAX_TEXT + 2];
	ssize_t len = -1;
	FILE *f;

	if (!strcmp(path, "-")) {
		len = read_text(stdin, text);
	} else {
		f = fopen(path, "r");
		if (f) {
			len = read_text(f, text);
			fclose(f);
		}
	}
	if (len < 0) {
		error("%s: %s", path, strerror(errno));
		return NULL;
	}
	if (len > MAX_TEXT || strlen(text) != (size_t)len) {
		error("%s: more than %d bytes, or no text", path, MAX_TEXT);
		return NULL;
	}
	return without_comments(text);
}

/* What is to be written to guard, or NULL */
static char *wanted(const struct npu *npu, const struct args *args)
{
	const char *verb = args->words[0], *word = args->words[1];
	char *now;

	if (!strcmp(verb, "clear"))
		return copy("\n");
	if (!strcmp(verb, "set"))
		return read_input(word);
	now = root_read_all(file_of(npu, GUARD), NULL);
	if (!now)
		error("%s: guard cannot be read: %s", npu->bdf, strerror(errno));
	return now ? fmt("%s%s\n", rules_of(now), word) : NULL;
}

static bool is_bound(const struct npu *npu, const char *file)
{
	if (strcmp(npu->driver, DRIVER)) {
		error("%s: is not bound to " DRIVER, npu->bdf);
		return false;
	}
	if (root_exists(file_of(npu, file)))
		return true;
	error("%s: %s", npu->bdf, !strcmp(file, NODE) ?
	      "only a 910A2's or 910A3's physical function tells a guest its NUMA node" :
	      "the driver that is loaded knows no rules");
	return false;
}

/* With act_lock() held. Exit code */
static int change(const struct npu *npu, const char *file, const char *text, bool json)
{
	struct report r;
	int ret;

	ret = act_write(file_of(npu, file), *text ? text : "\n");
	if (ret == -EBUSY)
		error("%s: somebody has it open: what is guarded can be changed only while nobody has",
		      npu->bdf);
	else if (ret == -ENOSPC)
		error("%s: refused: with the chip's registers they are more than the driver can keep",
		      npu->bdf);
	else if (ret == -EINVAL)
		error("%s: refused, nothing was changed: the kernel's log says why", npu->bdf);
	else if (ret)
		error("%s: %s", npu->bdf, strerror(-ret));
	report_begin(&r, json);
	report_device(&r, npu->bdf, ret ? "failed" : "done", ret ? "not changed" : "changed");
	report_end(&r);
	return !ret ? EXIT_DONE : ret == -EBUSY ? EXIT_REFUSED : EXIT_FAILED;
}

static void show_json(const struct npu *npu, const char *guard)
{
	struct json_object *root = json_start(), *rules, *o;
	char *node = root_read(file_of(npu, NODE));
	struct trap_row row;
	char kind[16];
	u64 value, end;

	json_str(root, "address", npu->bdf);
	rules = json_array(root, "rules");
	while (next_line(&guard, &row, &end, kind)) {
		o = json_object_in(rules);
		json_u64(o, "bar", row.bar);
		json_u64(o, "offset", row.offset);
		json_u64(o, "end", end);
		json_str(o, "rule", kind);
	}
	json_int_or_null(root, "guest_numa_node",
			 node && parse_num(node, &value) ? (long)value : UNKNOWN);
	json_finish(root);
}

static int show(const struct npu *npu, const struct args *args, const char *text)
{
	char *guard = root_read_all(file_of(npu, GUARD), NULL);

	if (!guard) {
		error("%s: guard cannot be read: %s", npu->bdf, strerror(errno));
		return EXIT_FAILED;
	}
	if (given(args, OPT_JSON))
		show_json(npu, guard);
	else
		fputs(text ? text : guard, stdout);
	return EXIT_DONE;
}

static struct npu *chosen(const struct args *args)
{
	struct machine *m = machine_scan();

	dry_run = given(args, OPT_DRY_RUN);
	return machine_choose(m, args->bdfs, args->nr_bdfs)[0];
}

/* Is it one of the words, with another one behind it where it needs one? */
static bool rules_words(const struct args *args)
{
	const char *verb = args->words[0];

	if (!verb || !strcmp(verb, "show") || !strcmp(verb, "clear"))
		return args->nr_words < 2;
	return (!strcmp(verb, "set") || !strcmp(verb, "add")) && args->nr_words == 2;
}

int cmd_rules(const struct args *args)
{
	const char *verb = args->words[0];
	struct npu *npu;
	char *text;

	if (!rules_words(args)) {
		error("what? give %s", args->command->grammar);
		return EXIT_USAGE;
	}
	npu = chosen(args);
	if (!is_bound(npu, GUARD))
		return EXIT_FAILED;
	if (!verb || !strcmp(verb, "show"))
		return show(npu, args, NULL);
	/* Before the list is read that something is added to */
	act_lock();
	text = wanted(npu, args);
	return text ? change(npu, GUARD, text, given(args, OPT_JSON)) : EXIT_FAILED;
}

int cmd_numa(const struct args *args)
{
	const char *node = args->words[0];
	struct npu *npu;
	u64 value = 0;

	if (node && strcmp(node, "none") && (!parse_num(node, &value) || value > 1023)) {
		error("'%s' is neither a NUMA node, from 0 to 1023, nor none", node);
		return EXIT_USAGE;
	}
	npu = chosen(args);
	if (!is_bound(npu, NODE))
		return EXIT_FAILED;
	if (!node) {
		node = root_read(file_of(npu, NODE));
		return show(npu, args, fmt("%s\n", node && strcmp(node, "-1") ? node : "none"));
	}
	act_lock();
	return change(npu, NODE, strcmp(node, "none") ? fmt("%llu\n", (unsigned long long)value) :
							 "-1\n", given(args, OPT_JSON));
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - the table of commands and options
 *
 * Parser, --help, completion and man page are made of it, so that they cannot differ.
 */
#ifndef ASCEND_COMMANDS_H
#define ASCEND_COMMANDS_H

#include "parse/parse.h"

enum option_id {
	OPT_HELP, OPT_VERSION, OPT_SYSROOT, OPT_JSON, OPT_QUIET,
	OPT_ALL, OPT_PERSIST, OPT_EARLY, OPT_DRY_RUN, OPT_FORCE,
	OPT_MEMORY, OPT_PLAIN, OPT_TIMEOUT, OPT_OPEN, OPT_OUTPUT, OPT_FROM, OPT_READS,
	OPT_MACHINE, OPT_QEMU, OPT_VFS, OPT_NO_BIND, OPT_NO_NUMA, OPT_ATTEMPT,
	NR_OPTIONS
};

enum value_kind { VALUE_NONE, VALUE_DIR, VALUE_FILE, VALUE_SIZE, VALUE_SECONDS, VALUE_COUNT,
		  VALUE_VERSION, VALUE_MACHINE };

struct option_def {
	const char *name;	/* without "--" */
	char letter;		/* 0: none */
	enum value_kind value;
	const char *help;
};

/* Which addresses a command takes */
enum address_use { ADDR_NONE, ADDR_OPTIONAL, ADDR_ONE, ADDR_SOME, ADDR_SOME_OR_ALL };

struct args;

struct command {
	const char *name;
	enum address_use addresses;
	u64 options;		/* BIT(OPT_…), beside the global ones */
	const char *summary;	/* a line */
	const char *text;	/* paragraphs, parted by an empty line */
	int (*run)(const struct args *args);
	unsigned int max_words;	/* behind the one address */
	const char *grammar;	/* what they may be; NULL: none */
};

#define MAX_WORDS	2

struct args {
	const struct command *command;
	u64 given;		/* BIT(OPT_…) */
	const char *text[NR_OPTIONS];
	u64 number[NR_OPTIONS];
	struct version version;	/* of OPT_QEMU */
	struct bdf *bdfs;
	unsigned int nr_bdfs;
	const char *words[MAX_WORDS];
	unsigned int nr_words;
};

#define GLOBAL_OPTIONS	(BIT(OPT_HELP) | BIT(OPT_VERSION) | BIT(OPT_SYSROOT) | BIT(OPT_JSON) | \
			 BIT(OPT_QUIET))

extern const struct option_def option_defs[NR_OPTIONS];
extern const struct command commands[];
extern const unsigned int nr_commands;

const struct command *command_by_name(const char *name);
const char *value_name(enum value_kind kind);
const char *address_synopsis(enum address_use use);
/* Of a command: its addresses and words */
char *synopsis(const struct command *command);

static inline bool given(const struct args *args, enum option_id option)
{
	return args->given & BIT(option);
}

/* args.c: what is wrong has been said when it returns false */
bool args_parse(int argc, char **argv, struct args *args);
/* help.c */
void help_all(void);
void help_command(const struct command *command);

/* one file each */
int cmd_list(const struct args *args);
int cmd_check(const struct args *args);
int cmd_bind(const struct args *args);
int cmd_unbind(const struct args *args);
int cmd_reset(const struct args *args);
int cmd_show(const struct args *args);
int cmd_watch(const struct args *args);
int cmd_metrics(const struct args *args);
int cmd_verify(const struct args *args);
int cmd_qemu_args(const struct args *args);
int cmd_libvirt_xml(const struct args *args);
int cmd_sriov(const struct args *args);
int cmd_rules(const struct args *args);
int cmd_numa(const struct args *args);

#endif

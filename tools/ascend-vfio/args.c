// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - the command line: options may be anywhere, and each value is checked here */
#include <string.h>

#include "commands.h"

#define MAX_VFS		65535
#define MAX_SECONDS	86400

static int option_by_name(const char *name, size_t len)
{
	for (int i = 0; i < NR_OPTIONS; i++)
		if (strlen(option_defs[i].name) == len && !memcmp(option_defs[i].name, name, len))
			return i;
	return -1;
}

static int option_by_letter(char letter)
{
	for (int i = 0; i < NR_OPTIONS; i++)
		if (option_defs[i].letter && option_defs[i].letter == letter)
			return i;
	return -1;
}

static bool check_value(struct args *args, int id, const char *value)
{
	const char *wanted = NULL;
	u64 *number = &args->number[id];

	switch (option_defs[id].value) {
	case VALUE_NONE:
		break;
	case VALUE_DIR:
	case VALUE_FILE:
		if (!*value)
			wanted = "a path";
		break;
	case VALUE_SIZE:
		if (!parse_size(value, number) || !*number)
			wanted = "a size, as in 64G";
		break;
	case VALUE_SECONDS:
		if (!parse_num(value, number) || !*number || *number > MAX_SECONDS)
			wanted = "a number of seconds from 1 to 86400";
		break;
	case VALUE_COUNT:
		if (!parse_num(value, number) || *number > MAX_VFS)
			wanted = "a number from 0 to 65535";
		break;
	case VALUE_VERSION:
		if (!parse_version(value, &args->version))
			wanted = "a version, as in 10.0 or 7.2.9";
		break;
	case VALUE_MACHINE:
		if (strcmp(value, "virt") && strcmp(value, "q35"))
			wanted = "virt or q35";
		break;
	}
	if (wanted)
		error("--%s: '%s' is not %s", option_defs[id].name, value, wanted);
	return !wanted;
}

static bool take(struct args *args, int id, const char *value)
{
	if (given(args, id) && option_defs[id].value != VALUE_NONE) {
		error("--%s is given twice", option_defs[id].name);
		return false;
	}
	args->given |= BIT(id);
	args->text[id] = value;
	return check_value(args, id, value);
}

/* An option at argv[*i]; its value may be in the next one. */
static bool option(int argc, char **argv, int *i, struct args *args)
{
	const char *arg = argv[*i], *value = NULL;
	int id;

	if (arg[1] == '-') {
		size_t len = strcspn(arg + 2, "=");

		id = option_by_name(arg + 2, len);
		if (arg[2 + len])
			value = arg + 2 + len + 1;
	} else {
		id = option_by_letter(arg[1]);
		if (id >= 0 && arg[2]) {
			if (option_defs[id].value == VALUE_NONE) {
				error("%s: give options of one letter one by one", arg);
				return false;
			}
			value = arg + 2;
		}
	}
	if (id < 0) {
		error("there is no option '%s' (see --help)", arg);
		return false;
	}
	if (option_defs[id].value == VALUE_NONE && value) {
		error("--%s takes no value", option_defs[id].name);
		return false;
	}
	if (option_defs[id].value != VALUE_NONE && !value) {
		if (++*i == argc) {
			error("--%s needs a value: %s", option_defs[id].name,
			      value_name(option_defs[id].value));
			return false;
		}
		value = argv[*i];
	}
	return take(args, id, value);
}

static bool positional(const char *arg, struct args *args)
{
	if (!args->command) {
		args->command = command_by_name(arg);
		if (args->command)
			msg_command = arg;
		else
			error("there is no command '%s' (see --help)", arg);
		return args->command;
	}
	if (args->nr_bdfs && args->nr_words < args->command->max_words) {
		args->words[args->nr_words++] = arg;
		return true;
	}
	if (args->command->addresses == ADDR_NONE ||
	    (args->command->addresses == ADDR_ONE && args->nr_bdfs)) {
		error("'%s' is one argument too many", arg);
		return false;
	}
	if (!parse_bdf(arg, &args->bdfs[args->nr_bdfs])) {
		error("'%s' is not a PCI address, as in 0000:81:00.0", arg);
		return false;
	}
	args->nr_bdfs++;
	return true;
}

static bool complete(const struct args *args)
{
	const struct command *cmd = args->command;

	if (args->given & (BIT(OPT_HELP) | BIT(OPT_VERSION)))
		return true;
	if (!cmd) {
		error("which command? (see --help)");
		return false;
	}
	for (int i = 0; i < NR_OPTIONS; i++) {
		if (given(args, i) && !(BIT(i) & (cmd->options | GLOBAL_OPTIONS))) {
			error("--%s is not for this command (see --help)", option_defs[i].name);
			return false;
		}
	}
	if (given(args, OPT_ALL) && args->nr_bdfs) {
		error("--all and addresses exclude each other");
		return false;
	}
	if (!args->nr_bdfs && !given(args, OPT_ALL) && cmd->addresses != ADDR_OPTIONAL &&
	    cmd->addresses != ADDR_NONE) {
		error("which device? give %s", address_synopsis(cmd->addresses));
		return false;
	}
	return true;
}

bool args_parse(int argc, char **argv, struct args *args)
{
	bool only_positional = false;

	*args = (struct args){ .bdfs = zalloc((argc + 1) * sizeof(*args->bdfs)) };
	for (int i = 1; i < argc; i++) {
		if (!only_positional && !strcmp(argv[i], "--")) {
			only_positional = true;
		} else if (!only_positional && argv[i][0] == '-' && argv[i][1]) {
			if (!option(argc, argv, &i, args))
				return false;
		} else if (!strcmp(argv[i], "help") && !args->command) {
			args->given |= BIT(OPT_HELP);
		} else if (!positional(argv[i], args)) {
			return false;
		}
	}
	return complete(args);
}

// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - help, of the table of commands */
#include <stdio.h>
#include <string.h>

#include "commands.h"

#define WIDTH	80

static void wrap(const char *text, unsigned int indent)
{
	while (*text) {
		size_t room = WIDTH - indent, len = strcspn(text, "\n"), cut = len;

		if (len > room)
			for (cut = room; cut && text[cut] != ' '; cut--)
				;
		if (!cut)
			cut = len;
		if (cut)
			printf("%*s%.*s\n", indent, "", (int)cut, text);
		else
			putchar('\n');
		text += cut;
		text += *text == ' ' || *text == '\n';
	}
}

static void show_options(u64 set)
{
	for (int i = 0; i < NR_OPTIONS; i++) {
		const struct option_def *o = &option_defs[i];

		if (!(set & BIT(i)))
			continue;
		if (o->letter)
			printf("  -%c, ", o->letter);
		else
			printf("      ");
		printf("--%s%s%s\n", o->name, o->value ? " " : "", value_name(o->value));
		wrap(o->help, 10);
	}
}

void help_all(void)
{
	printf("Usage: ascend-vfio [OPTION...] COMMAND [OPTION...] [BDF...]\n"
	       "Give Huawei Ascend NPUs to virtual machines, guarded and with write combining.\n\n"
	       "Commands:\n");
	for (unsigned int i = 0; i < nr_commands; i++)
		printf("  %-12s %s\n", commands[i].name, commands[i].summary);
	printf("\nOptions of all commands:\n");
	show_options(GLOBAL_OPTIONS);
	printf("\nA BDF is a PCI address, as in 0000:81:00.0. "
	       "'ascend-vfio COMMAND --help' says more.\n");
}

void help_command(const struct command *cmd)
{
	printf("Usage: ascend-vfio %s [OPTION...] %s\n", cmd->name,
	       synopsis(cmd));
	wrap(cmd->summary, 0);
	putchar('\n');
	wrap(cmd->text, 0);
	printf("\nOptions:\n");
	show_options(cmd->options | GLOBAL_OPTIONS);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes the man page or the bash completion, of the table of commands. A program of its
 * own, for the build machine: the tool itself may be built for another.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

/* The table names the commands' functions; nothing here runs them. */
#define STUB(name)	int name(const struct args *args) { (void)args; abort(); }
STUB(cmd_list) STUB(cmd_check) STUB(cmd_bind) STUB(cmd_unbind) STUB(cmd_reset) STUB(cmd_show)
STUB(cmd_watch) STUB(cmd_metrics) STUB(cmd_verify) STUB(cmd_qemu_args) STUB(cmd_libvirt_xml)
STUB(cmd_sriov) STUB(cmd_rules) STUB(cmd_numa)

/* Text for mdoc: a line a sentence, nothing that roff takes for a request or an escape */
static void roff(const char *text)
{
	bool start = true;

	for (; *text; text++) {
		if (text[0] == '\n') {
			if (text[1] == '\n')
				printf("\n.Pp");
			putchar('\n');
			text += text[1] == '\n';
			start = true;
			continue;
		}
		if (start && (*text == '.' || *text == '\''))
			printf("\\&");
		start = false;
		if (*text == '\\')
			printf("\\e");
		else if (*text == '-')
			printf("\\-");
		else
			putchar(*text);
		if ((*text == '.' || *text == '?') && text[1] == ' ') {
			putchar('\n');
			text++;
			start = true;
		}
	}
	putchar('\n');
}

static void options(u64 set)
{
	printf(".Bl -tag -width Ds\n");
	for (int i = 0; i < NR_OPTIONS; i++) {
		const struct option_def *o = &option_defs[i];

		if (!(set & BIT(i)))
			continue;
		printf(".It ");
		if (o->letter)
			printf("Fl %c , ", o->letter);
		printf("Fl Fl %s", o->name);
		if (o->value)
			printf(" Ar %s", value_name(o->value));
		putchar('\n');
		roff(o->help);
	}
	printf(".El\n");
}

static void man_command(const struct command *cmd)
{
	printf(".Ss %s", cmd->name);
	if (*synopsis(cmd))
		printf(" %s", synopsis(cmd));
	putchar('\n');
	roff(fmt("%s.", cmd->summary));
	printf(".Pp\n");
	roff(cmd->text);
	if (cmd->options)
		options(cmd->options);
}

/* The parts that are no table: man.head and man.tail */
static void include(const char *path)
{
	FILE *file = fopen(path, "r");
	int c;

	if (!file)
		die("%s cannot be read", path);
	while ((c = fgetc(file)) != EOF)
		putchar(c);
	fclose(file);
}

static void man(const char *head, const char *tail)
{
	include(head);
	printf(".Sh OPTIONS\nOf all commands, before or behind the command's name:\n");
	options(GLOBAL_OPTIONS);
	printf(".Sh COMMANDS\n");
	for (unsigned int i = 0; i < nr_commands; i++)
		man_command(&commands[i]);
	include(tail);
}

static void words(u64 set)
{
	for (int i = 0; i < NR_OPTIONS; i++)
		if (set & BIT(i))
			printf(" --%s", option_defs[i].name);
}

static void completion(void)
{
	printf("# bash completion for ascend-vfio, made of its table of commands\n"
	       "_ascend_vfio()\n{\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} word cmd=\n"
	       "\tlocal options=\"");
	words(GLOBAL_OPTIONS);
	printf("\" addresses=\n\n"
	       "\tcase $prev in\n"
	       "\t--sysroot)\n\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); return ;;\n"
	       "\t--output|--from)\n\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n"
	       "\t--machine)\n\t\tmapfile -t COMPREPLY < <(compgen -W 'virt q35' -- \"$cur\"); return ;;\n"
	       "\tesac\n"
	       "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n\t\tcase $word in\n");
	for (unsigned int i = 0; i < nr_commands; i++) {
		printf("\t\t%s)\n\t\t\tcmd=$word options+=\"", commands[i].name);
		words(commands[i].options);
		printf("\"\n");
		if (commands[i].addresses != ADDR_NONE)
			printf("\t\t\taddresses=yes\n");
		printf("\t\t\tbreak ;;\n");
	}
	printf("\t\tesac\n\tdone\n"
	       "\tif [[ $cur == -* ]]; then\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
	       "\telif [[ -z $cmd ]]; then\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -W \"help");
	for (unsigned int i = 0; i < nr_commands; i++)
		printf(" %s", commands[i].name);
	printf("\" -- \"$cur\")\n"
	       "\telif [[ $addresses ]]; then\n"
	       "\t\tmapfile -t COMPREPLY < <(compgen -W \"$(ascend-vfio list --quiet 2>/dev/null)\" -- \"$cur\")\n"
	       "\t\t__ltrim_colon_completions \"$cur\" 2>/dev/null\n"
	       "\tfi\n}\ncomplete -F _ascend_vfio ascend-vfio\n");
}

int main(int argc, char **argv)
{
	msg_command = "gen";
	if (argc == 4 && !strcmp(argv[1], "man"))
		man(argv[2], argv[3]);
	else if (argc == 2 && !strcmp(argv[1], "completion"))
		completion();
	else
		die("usage: gen man HEAD TAIL | gen completion");
	return 0;
}

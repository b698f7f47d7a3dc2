// SPDX-License-Identifier: GPL-2.0
/*
 * npu-sim: plays one Ascend NPU for a VMM's vfio-user client and logs every
 * access that reaches it. This file: command line, socket, signals.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "device.h"
#include "log.h"
#include "models.h"
#include "vfu.h"

#define BAR_MIN	0x1000ULL
#define BAR_MAX	0x10000000000ULL

struct arguments {
	struct npu_options	opt;
	const char		*socket;
	const char		*log;
	bool			once;
};

enum {
	OPT_MODEL = 256, OPT_SOCKET, OPT_LOG, OPT_LOG_ALL, OPT_XLOADER, OPT_STUCK, OPT_KEEP, OPT_SLEEP,
	OPT_VFS, OPT_PLAY_VF,
	OPT_VANISH,
	OPT_VENDOR, OPT_DEVICE, OPT_SUBSYS, OPT_BAR, OPT_MSIX, OPT_FLR, OPT_ONCE, OPT_LIST, OPT_HELP,
};

static const struct option long_options[] = {
	{ "model", required_argument, NULL, OPT_MODEL },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "log-all", no_argument, NULL, OPT_LOG_ALL },
	{ "xloader", required_argument, NULL, OPT_XLOADER },
	{ "xloader-stuck", no_argument, NULL, OPT_STUCK },
	{ "keep-on-reset", no_argument, NULL, OPT_KEEP },
	{ "sleep", required_argument, NULL, OPT_SLEEP },
	{ "vfs", required_argument, NULL, OPT_VFS },
	{ "play-vf", no_argument, NULL, OPT_PLAY_VF },
	{ "vanish", required_argument, NULL, OPT_VANISH },
	{ "vendor-id", required_argument, NULL, OPT_VENDOR },
	{ "device-id", required_argument, NULL, OPT_DEVICE },
	{ "subsystem-id", required_argument, NULL, OPT_SUBSYS },
	{ "bar", required_argument, NULL, OPT_BAR },
	{ "msix", required_argument, NULL, OPT_MSIX },
	{ "flr", no_argument, NULL, OPT_FLR },
	{ "once", no_argument, NULL, OPT_ONCE },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "help", no_argument, NULL, OPT_HELP },
	{ }
};

static const char help[] =
"Usage: npu-sim --model NAME --socket PATH [option]...\n"
"Play an Ascend NPU for a vfio-user client (QEMU's vfio-user-pci) on a Unix socket.\n"
"\n"
"  --model NAME       the NPU to play; --list shows them\n"
"  --socket PATH      where to listen; appears when connections are accepted\n"
"  --log FILE         append events to FILE (default: standard error)\n"
"  --log-all          let nothing be mapped, so that every access is logged (slow)\n"
"  --xloader VALUE    power-on value of xloader (default 0)\n"
"  --xloader-stuck    xloader keeps its power-on value, whatever is written\n"
"  --keep-on-reset    resets are logged but leave xloader and feature alone\n"
"  --sleep MS         boots for MS from when memory decoding is first enabled and from each\n"
"                     reset on: BARs read all ones and ignore writes meanwhile\n"
"  --vfs N            has an SR-IOV capability for N virtual functions\n"
"  --play-vf          is one of them: has no ids of its own\n"
"  --vanish MS        a reset makes it leave the bus: reads all ones for MS, then has the\n"
"                     ids 1000:02b2 until the client disconnects, then its own\n"
"  --once             end when the first client disconnects\n"
"Play a device that must be refused, or is rebranded:\n"
"  --vendor-id X      PCI vendor id\n"
"  --device-id X      PCI device id\n"
"  --subsystem-id X   PCI subsystem id\n"
"  --bar N=SIZE       size of BAR N (0, 2 or 4); a power of two, K, M or G; 0: none\n"
"  --msix BAR:TABLE:PBA[:VECTORS]  where the MSI-X table and the PBA are: BAR and offsets\n"
"  --flr              has Function Level Reset\n"
"Other:\n"
"  --list             print the models and exit\n"
"  --help             print this and exit\n"
"\n"
"Ends with status 0 on SIGTERM or SIGINT. Status 2: wrong usage, 1: other failure.\n";

__printf(1, 2)
static noreturn void usage_error(const char *fmt, ...)
{
	va_list args;

	fputs("npu-sim: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputs("\nTry 'npu-sim --help'.\n", stderr);
	exit(2);
}

static u64 parse_number(const char *what, const char *text, u64 max)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (*text < '0' || *text > '9' || *end || errno || value > max)
		usage_error("%s: '%s' is not a number up to 0x%llx; write it as 19 or 0x13",
			    what, text, max);
	return value;
}

static u64 parse_size(const char *text)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (*text < '0' || *text > '9' || errno || value > BAR_MAX)
		return 1;
	if (*end) {
		const char *units = "KMG", *unit = strchr(units, *end);

		if (!unit || end[1])
			return 1;
		value <<= 10 * (unit - units + 1);
	}
	return value;
}

static void parse_bar(struct npu_model *model, const char *text)
{
	u64 size;

	if (!strchr("024", text[0]) || !text[0] || text[1] != '=')
		usage_error("--bar: '%s' is not N=SIZE with N 0, 2 or 4", text);
	size = parse_size(text + 2);
	if (size && (size < BAR_MIN || size > BAR_MAX || (size & (size - 1))))
		usage_error("--bar: '%s': choose a power of two from 4K to 1024G, or 0", text + 2);
	npu_model_set_bar(model, text[0] - '0', size);
}

/* In place of the colon after it, or of the end */
static u64 parse_field(char **text, u64 max)
{
	char *field = strsep(text, ":");

	if (!field)
		usage_error("--msix: write it as BAR:TABLE-OFFSET:PBA-OFFSET[:VECTORS]");
	return parse_number("--msix", field, max);
}

static void parse_msix(struct npu_options *opt, const char *text)
{
	struct npu_msix *msix = &opt->model.msix;
	char *copy = strdup(text), *at = copy;

	if (!copy)
		usage_error("--msix: no memory for '%s'", text);
	msix->table_bar = parse_field(&at, NPU_NR_BARS - 1);
	msix->pba_bar = msix->table_bar;
	msix->table_offset = parse_field(&at, 0xfffffff8);
	msix->pba_offset = parse_field(&at, 0xfffffff8);
	if (at)
		msix->vectors = parse_field(&at, NPU_MAX_VECTORS);
	if (at || !msix->vectors)
		usage_error("--msix: '%s': VECTORS comes last, from 1 to %u", text,
			    NPU_MAX_VECTORS);
	free(copy);
	opt->msix_placed = true;
}

static void print_bar(unsigned int bar, u64 size)
{
	if (size % (1 << 20))
		printf(" bar%u=%lluK", bar, size >> 10);
	else
		printf(" bar%u=%lluM", bar, size >> 20);
}

static void list_models(void)
{
	for (size_t i = 0; i < npu_models_count; i++) {
		const struct npu_model *m = &npu_models[i];

		printf("%-9s %04x:%04x subsystem %04x:%04x", m->name, m->vendor, m->device,
		       m->subsys_vendor, m->subsys_id);
		for (unsigned int bar = 0; bar < NPU_NR_BARS; bar += 2)
			print_bar(bar, m->bars[bar]);
		for (unsigned int r = 0; r < m->nr_all_regs; r++)
			printf(" %s%s=%u:0x%llx",
			       m->regs[r].kind == NPU_REG_XLOADER ? "xloader" : "feature",
			       m->regs[r].unlisted ? "(unlisted)" : "",
			       m->regs[r].bar, m->regs[r].offset);
		putchar('\n');
	}
}

/* The model comes first, wherever it stands, so that overrides change it */
static void find_model(struct npu_model *model, int argc, char **argv)
{
	const struct npu_model *found;
	const char *name = NULL;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (c == OPT_MODEL)
			name = optarg;
		if (c == OPT_HELP) {
			fputs(help, stdout);
			exit(0);
		}
		if (c == OPT_LIST) {
			list_models();
			exit(0);
		}
	}
	if (!name)
		usage_error("say which NPU to play with --model NAME (--list shows them)");
	found = npu_model_find(name);
	if (!found)
		usage_error("no model '%s': --list shows them", name);
	*model = *found;
	opterr = 1;
	optind = 1;
}

static void parse_arguments(struct arguments *args, int argc, char **argv)
{
	struct npu_options *opt = &args->opt;
	struct npu_model *model = &opt->model;
	int c;

	find_model(model, argc, argv);
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case OPT_MODEL:
			break;
		case OPT_SOCKET:
			args->socket = optarg;
			break;
		case OPT_LOG:
			args->log = optarg;
			break;
		case OPT_LOG_ALL:
			opt->log_all = true;
			break;
		case OPT_XLOADER:
			opt->power_on = parse_number("--xloader", optarg, 0xffffffff);
			break;
		case OPT_STUCK:
			opt->stuck = true;
			break;
		case OPT_KEEP:
			opt->keep_on_reset = true;
			break;
		case OPT_SLEEP:
			opt->sleep_ms = parse_number("--sleep", optarg, 3600000);
			break;
		case OPT_VFS:
			opt->vfs = parse_number("--vfs", optarg, NPU_MAX_VFS);
			break;
		case OPT_PLAY_VF:
			opt->play_vf = true;
			break;
		case OPT_VANISH:
			opt->vanish_ms = parse_number("--vanish", optarg, 3600000);
			break;
		case OPT_VENDOR:
			model->vendor = parse_number("--vendor-id", optarg, 0xffff);
			break;
		case OPT_DEVICE:
			model->device = parse_number("--device-id", optarg, 0xffff);
			break;
		case OPT_SUBSYS:
			model->subsys_id = parse_number("--subsystem-id", optarg, 0xffff);
			break;
		case OPT_BAR:
			parse_bar(model, optarg);
			break;
		case OPT_MSIX:
			parse_msix(opt, optarg);
			break;
		case OPT_FLR:
			model->flr = true;
			break;
		case OPT_ONCE:
			args->once = true;
			break;
		default:
			exit(2);
		}
	}
	if (optind < argc)
		usage_error("'%s' is not an option", argv[optind]);
	if (!args->socket)
		usage_error("say where to listen with --socket PATH");
}

/*
 * Bound and listening under another name first, so that a connection to @path
 * succeeds from the moment it exists.
 */
static int open_listener(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int n, fd;

	n = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s.new", path);
	if (n < 0 || (size_t)n >= sizeof(addr.sun_path))
		usage_error("--socket: '%s' is too long for a socket: use a shorter path", path);
	if (access(path, F_OK) == 0) {
		errno = EEXIST;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	unlink(addr.sun_path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 4) ||
	    rename(addr.sun_path, path)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Return: a file descriptor that is readable once SIGTERM or SIGINT came, or -1 */
static int setup_signals(void)
{
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigprocmask(SIG_BLOCK, &ours, NULL);
	/* An interrupt may go to a pipe that nobody reads */
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &ours, SFD_CLOEXEC);
}

static int fail(const char *what, const char *name, const char *advice)
{
	fprintf(stderr, "npu-sim: %s '%s': %s: %s\n", what, name, strerror(errno), advice);
	return 1;
}

int main(int argc, char **argv)
{
	static struct npu_device dev;
	struct arguments args = { };
	const char *complaint;
	int listener, stop_fd, ret;

	parse_arguments(&args, argc, argv);
	complaint = npu_options_check(&args.opt);
	if (complaint)
		usage_error("%s", complaint);
	if (npu_log_open(args.log))
		return fail("cannot open the log", args.log, "choose another with --log");
	if (npu_device_init(&dev, &args.opt))
		return fail("cannot create the BARs of", args.opt.model.name,
			    "free memory or make them smaller with --bar");
	stop_fd = setup_signals();
	if (stop_fd < 0)
		return fail("cannot receive signals for", args.socket,
			    "raise the limit on open files");
	listener = open_listener(args.socket);
	if (listener < 0)
		return fail("cannot listen on", args.socket,
			    "remove it if no npu-sim uses it, or choose another with --socket");

	npu_log("START model=%s", args.opt.model.name);
	ret = vfu_serve(&dev, listener, stop_fd, args.once);
	if (ret)
		fail("stopped serving", args.socket, "start it again");
	unlink(args.socket);
	npu_log_state(&dev);
	npu_log("EXIT");
	npu_device_exit(&dev);
	return ret ? 1 : 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - the table of commands and options */
#include <string.h>

#include "commands.h"

const struct option_def option_defs[NR_OPTIONS] = {
	[OPT_HELP] = { "help", 'h', VALUE_NONE, "show help, of a command if one is named" },
	[OPT_VERSION] = { "version", 0, VALUE_NONE, "show the version" },
	[OPT_SYSROOT] = { "sysroot", 0, VALUE_DIR,
		"look at a recorded tree of /sys, /proc, /dev, … below this directory "
		"instead of the running system; nothing is executed then" },
	[OPT_JSON] = { "json", 'j', VALUE_NONE, "print JSON, see JSON below" },
	[OPT_QUIET] = { "quiet", 'q', VALUE_NONE,
		"say only what went wrong; list prints addresses only, check leaves out what is ok" },
	[OPT_ALL] = { "all", 'a', VALUE_NONE, "every NPU that is not a VF (unbind: every one)" },
	[OPT_PERSIST] = { "persist", 'p', VALUE_NONE,
		"after a reboot, too: by driverctl where it is installed, by a udev rule elsewhere" },
	[OPT_EARLY] = { "early", 'e', VALUE_NONE,
		"in the initramfs, before the vendor's driver can have the card; implies --persist" },
	[OPT_DRY_RUN] = { "dry-run", 'n', VALUE_NONE, "say what would be done, and do nothing" },
	[OPT_FORCE] = { "force", 'f', VALUE_NONE,
		"go on where it is a matter of judgement (the text of the command says of what)" },
	[OPT_MEMORY] = { "memory", 'm', VALUE_SIZE, "memory of the guest, as in 64G" },
	[OPT_PLAIN] = { "plain", 0, VALUE_NONE, "only the reset that sysfs offers" },
	[OPT_TIMEOUT] = { "timeout", 't', VALUE_SECONDS,
		"how long the device may take until it is back (default 180)" },
	[OPT_OPEN] = { "open", 'o', VALUE_NONE,
		"open the device and compare what VFIO says itself; no guest can have it meanwhile" },
	[OPT_OUTPUT] = { "output", 0, VALUE_FILE,
		"write this file, whole or not at all, instead of standard output" },
	[OPT_FROM] = { "from", 0, VALUE_FILE,
		"read a recorded trace (\"-\": standard input) instead of the running kernel's" },
	[OPT_READS] = { "reads", 0, VALUE_NONE, "show reads of the registers as well" },
	[OPT_MACHINE] = { "machine", 0, VALUE_MACHINE,
		"QEMU's machine type, virt or q35 (default: what fits this host)" },
	[OPT_QEMU] = { "qemu", 0, VALUE_VERSION,
		"version of the QEMU that is to understand it (default: the installed one)" },
	[OPT_VFS] = { "vfs", 0, VALUE_COUNT, "number of VFs; 0 removes them" },
	[OPT_NO_BIND] = { "no-bind", 0, VALUE_NONE, "leave the new VFs without a driver" },
	[OPT_NO_NUMA] = { "no-numa", 0, VALUE_NONE, "no pxb-pcie and no NUMA nodes in the guest" },
	[OPT_ATTEMPT] = { "attempt", 0, VALUE_NONE,
		"also write the physical machine's value to xloader and put 0 back: "
		"on a device that is not guarded this may let firmware be flashed for that moment" },
};

#define CMD(fn)	.run = fn

const struct command commands[] = {
	{ "list", ADDR_OPTIONAL, 0,
	  "every Ascend function, its state, and whether a guest gets write combining",
	  "STATE is ready (bound to ascend_vfio_pci), in-use (the same, and a process has it open), native (some other driver has it), unguarded (vfio-pci or another VFIO driver has it), refused (ascend_vfio_pci would not take it) or unbound. WC is yes only when a guest may map BAR4 write combining and its driver is told so; the last column says why.\n\n"
	  "Who has a device open can be seen by root only; if it could not be looked at, a line on standard error says so.",
	  CMD(cmd_list) },
	{ "check", ADDR_OPTIONAL, BIT(OPT_MEMORY),
	  "is everything there that passing NPUs to guests needs?",
	  "One line a finding: ok, warning or problem, and what to do about it. With --memory, also whether a guest of that size finds huge pages, memory and the right to lock it. What cannot be found out is a line, too, and counts as a warning where it matters.\n\n"
	  "How it was found out whether KVM honours Normal-NC is in that finding: the running kernel's type information, its headers, or what the driver says.",
	  CMD(cmd_check) },
	{ "bind", ADDR_SOME_OR_ALL,
	  BIT(OPT_ALL) | BIT(OPT_PERSIST) | BIT(OPT_EARLY) | BIT(OPT_DRY_RUN) | BIT(OPT_FORCE),
	  "give devices to ascend_vfio_pci",
	  "All of the named devices or none: any failure puts everything back as it was. What was there before is kept in /var/lib/ascend-vfio, so that unbind restores it. If it is interrupted, run it (or unbind) again. Binding what is bound changes nothing.\n\n"
	  "Refused: a device that a process has open, and one whose IOMMU group has others that a host driver uses or that is an NPU which was not named. --force overrides the two about the group, and processes that have some card of the native driver open, as nobody can tell which. It never overrides a VFIO file that is open.",
	  CMD(cmd_bind) },
	{ "unbind", ADDR_SOME_OR_ALL,
	  BIT(OPT_ALL) | BIT(OPT_DRY_RUN),
	  "give devices back to what had them before bind",
	  "Restores driver and driver_override as bind found them, and removes what --persist and --early made, after a reboot as well. udev notices within 3 seconds that its rule is gone. Without a record (the device was bound by hand) driver_override is cleared, and the driver that claims the device gets it.",
	  CMD(cmd_unbind) },
	{ "reset", ADDR_ONE,
	  BIT(OPT_PLAIN) | BIT(OPT_TIMEOUT) | BIT(OPT_DRY_RUN),
	  "reset a device the way its vendor does, and wait until it is back",
	  "Only when nobody has it open. Automatic probing is off meanwhile; the reset is announced to the chip (hot_reset_pcie_flag) where the register is known; a function that vanishes from the bus is removed and the bus scanned again until it is back, the same, awake, and bound as before. On failure it says in what state it left the device.",
	  CMD(cmd_reset) },
	{ "show", ADDR_SOME, BIT(OPT_OPEN),
	  "all that is known of a device: layout, registers, counters, BARs, areas",
	  "The registers' counters are in debugfs, which only root can read.",
	  CMD(cmd_show) },
	{ "watch", ADDR_OPTIONAL, BIT(OPT_FROM) | BIT(OPT_READS),
	  "dropped writes as they happen, and who tried",
	  "From the tracepoint ascend_vfio:ascend_vfio_trap, in a trace instance of its own, until it is interrupted.",
	  CMD(cmd_watch) },
	{ "metrics", ADDR_OPTIONAL, BIT(OPT_OUTPUT),
	  "the same as numbers, for the textfile collector of Prometheus' node exporter",
	  "Run it from a timer with --output /var/lib/prometheus/node-exporter/ascend_vfio.prom or wherever the collector looks.",
	  CMD(cmd_metrics) },
	{ "verify", ADDR_OPTIONAL, BIT(OPT_FORCE) | BIT(OPT_ATTEMPT),
	  "what does a guest get? run it on the host or, as ascend-vfio-verify, in the guest",
	  "In a guest: asks the feature register as the vendor's driver does, maps BAR4 write combining, tries an unaligned and a 64-byte store of the bytes that are there already, and says per BAR: write combining or not, and why. The stores are made only where the register allows them, since a store that is not allowed can stop the guest. A device that a driver has is left alone unless --force is given. On the host: what a guest would see.",
	  CMD(cmd_verify) },
	{ "qemu-args", ADDR_SOME, BIT(OPT_MACHINE) | BIT(OPT_QEMU) | BIT(OPT_MEMORY) | BIT(OPT_NO_NUMA),
	  "QEMU's arguments for a guest with these devices",
	  "The window for the BARs is worked out from the real ones. With --memory, pxb-pcie and guest NUMA nodes tell the guest which NPU is near which memory (this needs UEFI firmware in the guest); -m is then part of what is printed. VFs of a 910A2 or 910A3 are put at functions other than 0 of their slot, for the guest's driver tells a VF by that.",
	  CMD(cmd_qemu_args) },
	{ "libvirt-xml", ADDR_SOME, BIT(OPT_MACHINE),
	  "the elements of a libvirt domain for these devices",
	  "To be put between <devices> and </devices>, and what must be elsewhere is said in a comment. managed='no' for a device that is bound already, as libvirt would otherwise give it to the native driver when the guest ends.",
	  CMD(cmd_libvirt_xml) },
	{ "sriov", ADDR_ONE,
	  BIT(OPT_VFS) | BIT(OPT_NO_BIND) | BIT(OPT_DRY_RUN),
	  "make VFs of a PF that is bound, and bind them",
	  "Without --vfs it lists them. The driver makes VFs only with its parameter enable_sriov, which is switched on where that is possible at run time. VFs do not outlive a reboot.",
	  CMD(cmd_sriov) },
	{ "rules", ADDR_ONE, BIT(OPT_DRY_RUN),
	  "take more of a device away from guests than the chip's registers",
	  "Of a device that is bound and that nobody has open. A rule is a line: a BAR, bytes of it (hexadecimal; the second number is the byte behind the last), ro or hide, and log (the default) or nolog, as in 'BAR2 1000-2000 ro nolog'. ro: guests read what is there; hide: they read 0. Writes are dropped, counted and traced either way; log: and told in the kernel's log.\n\n"
	  "show, or nothing, prints what is in force: the chip's own registers, which no rule changes, then the rules, cut where something stricter is. set takes the lines of a file (\"-\": standard input; # begins a comment) in the place of all others, add one more, clear none. All of it or, if a line is wrong, nothing; the kernel's log has the reason. Rules are gone when the device is unbound: apply them again after bind, from a udev rule or the unit that starts the guest.",
	  CMD(cmd_rules), .max_words = 2, .grammar = "[show | set FILE | add RULE | clear]" },
	{ "numa", ADDR_ONE, BIT(OPT_DRY_RUN),
	  "tell a guest's driver in which of the guest's NUMA nodes the device is",
	  "Of a physical function of a 910A2 or 910A3 that is bound and that nobody has open: NODE, from 0 to 1023, is one of the guest's. none, the default, leaves the register alone. Without it, what is set is printed. Gone when the device is unbound.",
	  CMD(cmd_numa), .max_words = 1, .grammar = "[NODE | none]" },
};

const unsigned int nr_commands = ARRAY_SIZE(commands);

const struct command *command_by_name(const char *name)
{
	for (unsigned int i = 0; i < nr_commands; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

const char *value_name(enum value_kind kind)
{
	static const char * const names[] = {
		[VALUE_NONE] = "", [VALUE_DIR] = "DIR", [VALUE_FILE] = "FILE",
		[VALUE_SIZE] = "SIZE", [VALUE_SECONDS] = "SECONDS", [VALUE_COUNT] = "N",
		[VALUE_VERSION] = "VERSION", [VALUE_MACHINE] = "TYPE",
	};

	return names[kind];
}

const char *address_synopsis(enum address_use use)
{
	static const char * const texts[] = {
		[ADDR_NONE] = "", [ADDR_OPTIONAL] = "[BDF...]", [ADDR_ONE] = "BDF",
		[ADDR_SOME] = "BDF...", [ADDR_SOME_OR_ALL] = "BDF... | --all",
	};

	return texts[use];
}

char *synopsis(const struct command *command)
{
	const char *addresses = address_synopsis(command->addresses);

	return command->grammar ? fmt("%s %s", addresses, command->grammar) : fmt("%s", addresses);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - parsers of all that comes from outside
 *
 * Each in a file of its own, without I/O and without memory of its own, so that
 * tests/fuzz/ can feed it anything. They are strict: what is not wholly understood is
 * refused (false), and then the result must not be looked at.
 */
#ifndef ASCEND_PARSE_H
#define ASCEND_PARSE_H

#include "../util.h"

/* bdf.c: [DOMAIN:]BB:DD.F, hexadecimal; DOMAIN of 4 to 8 digits, 0000 if left out */
#define BDF_SIZE	18
struct bdf {
	u32 domain;
	u8 bus, slot, function;
};

bool parse_bdf(const char *text, struct bdf *bdf);
void bdf_text(const struct bdf *bdf, char text[BDF_SIZE]);

/* The struct ends in padding. */
static inline bool same_bdf(const struct bdf *a, const struct bdf *b)
{
	return a->domain == b->domain && a->bus == b->bus && a->slot == b->slot &&
	       a->function == b->function;
}

/* num.c: decimal or 0x…, the whole text; no sign, no spaces */
bool parse_num(const char *text, u64 *value);
/* hexadecimal digits only, @max_digits at most */
bool parse_hex(const char *text, size_t max_digits, u64 *value);

/* size.c: a number with K, M, G or T (binary), "iB" or "B" after it allowed */
bool parse_size(const char *text, u64 *bytes);

/* version.c */
struct version {
	unsigned int major, minor, patch;
};

/* "10.0" or "10.0.2", the whole text */
bool parse_version(const char *text, struct version *version);
/* the first such number in a program's "--version" or a kernel's release */
bool find_version(const char *text, struct version *version);
int version_cmp(const struct version *a, unsigned int major, unsigned int minor);

/* reserved.c: a line of an IOMMU group's reserved_regions */
struct reserved {
	u64 start, end;		/* end: the last byte */
	char type[24];
};

bool parse_reserved(const char *line, struct reserved *region);

/* cmdline.c: a parameter of the kernel's command line; the last one counts */
bool cmdline_value(const char *cmdline, const char *name, char *value, size_t size);

/* traps.c: debugfs ascend_vfio/BDF/traps, columns by the names in its heading */
#define MAX_TRAPS	16
struct trap_row {
	char reg[16];
	unsigned int bar;
	u64 offset, size, reads, dropped;
	char state[24];
};

/* Rows that were read, or -1. A column that this version does not know is skipped. */
int parse_traps(const char *text, struct trap_row rows[MAX_TRAPS]);

/* trace.c: a line of trace_pipe with the event ascend_vfio_trap */
struct trap_event {
	char task[64];
	unsigned int pid;
	char dev[BDF_SIZE];
	char reg[16];
	unsigned int bar;
	u64 offset, size, value;
	bool is_write;
};

bool parse_trace(const char *line, struct trap_event *event);

/* journal.c: what bind keeps for unbind, one file a device */
enum journal_state { JOURNAL_BINDING, JOURNAL_BOUND, JOURNAL_UNBINDING, NR_JOURNAL_STATES };

struct journal {
	struct bdf address;
	u16 vendor, device;
	char driver[64];	/* "": it had none */
	char override[64];	/* "": it had none */
	char boot[40];		/* boot_id of when that was read */
	enum journal_state state;
};

#define JOURNAL_TEXT_SIZE	512
bool parse_journal(const char *text, struct journal *journal);
bool journal_text(const struct journal *journal, char text[JOURNAL_TEXT_SIZE]);

/* name.c: may it be the name of a driver or module? Else it must not get into a path. */
bool name_is_sane(const char *name);

/* guest.c: the guest's name in QEMU's command line (arguments end in NUL, as in /proc) */
bool guest_name(const char *cmdline, size_t len, char *name, size_t size);

/* proc.c: "NAME:   123 kB" of meminfo and smaps */
bool proc_kb(const char *text, const char *name, u64 *bytes);
/* the soft limit of a line of /proc/PID/limits; UINT64_MAX: unlimited */
bool proc_limit(const char *text, const char *name, u64 *soft);

/* ids.c: does vfio-pci's parameter "ids" name this one? What is not understood is not. */
bool ids_contain(const char *list, u16 vendor, u16 device);

#endif

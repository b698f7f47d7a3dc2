// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - what a device was before bind */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "act.h"
#include "journal.h"
#include "root.h"

#define DIR	"/var/lib/ascend-vfio"

static char *journal_path(const char *bdf)
{
	return fmt("%s/%s", DIR, bdf);
}

static char *boot_id(void)
{
	char *id = root_read("/proc/sys/kernel/random/boot_id");

	return id && name_is_sane(id) && strlen(id) < 40 ? id : "";
}

bool journal_read(const struct npu *npu, struct journal *journal)
{
	char *text = root_read_all(journal_path(npu->bdf), NULL);
	char address[BDF_SIZE];

	if (!text)
		return false;
	if (!parse_journal(text, journal)) {
		warning("%s: the record %s is damaged and is not used", npu->bdf,
			journal_path(npu->bdf));
		return false;
	}
	bdf_text(&journal->address, address);
	if (!strcmp(address, npu->bdf) && journal->vendor == npu->vendor &&
	    journal->device == npu->device)
		return true;
	warning("%s: the record %s is about another card and is not used", npu->bdf,
		journal_path(npu->bdf));
	return false;
}

bool journal_is_current(const struct journal *journal)
{
	return *journal->boot && !strcmp(journal->boot, boot_id());
}

struct journal journal_now(const struct npu *npu, enum journal_state state)
{
	struct journal j = { .address = npu->address, .vendor = npu->vendor,
			     .device = npu->device, .state = state };

	/* A name that cannot be recorded cannot be restored, either. */
	if (name_is_sane(npu->driver))
		snprintf(j.driver, sizeof(j.driver), "%s", npu->driver);
	if (name_is_sane(npu->override))
		snprintf(j.override, sizeof(j.override), "%s", npu->override);
	snprintf(j.boot, sizeof(j.boot), "%s", boot_id());
	return j;
}

int journal_write(const struct journal *journal)
{
	char text[JOURNAL_TEXT_SIZE], address[BDF_SIZE];

	if (!journal_text(journal, text))
		return -EINVAL;
	bdf_text(&journal->address, address);
	return act_replace(journal_path(address), text, 0644);
}

int journal_remove(const struct npu *npu)
{
	return act_remove(journal_path(npu->bdf));
}

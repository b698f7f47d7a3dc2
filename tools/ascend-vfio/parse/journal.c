// SPDX-License-Identifier: GPL-2.0-only
/*
 * The journal of one device: "key value" lines in this order, so that a text that is
 * cut off anywhere is noticed ("end" is the last line).
 */
#include <stdio.h>
#include <string.h>

#include "parse.h"

#define HEADING	"ascend-vfio-journal 1"
#define NONE	"-"

static const char * const states[NR_JOURNAL_STATES] = {
	[JOURNAL_BINDING] = "binding",
	[JOURNAL_BOUND] = "bound",
	[JOURNAL_UNBINDING] = "unbinding",
};

/* The value of the line "KEY VALUE" at *text, which moves on to the next line. */
static bool line(const char **text, const char *key, char *value, size_t size)
{
	size_t len = strlen(key), end;

	if (strncmp(*text, key, len) || (*text)[len] != ' ')
		return false;
	*text += len + 1;
	end = strcspn(*text, "\n");
	if ((*text)[end] != '\n' || !end || end >= size)
		return false;
	memcpy(value, *text, end);
	value[end] = '\0';
	*text += end + 1;
	return true;
}

static bool name(const char **text, const char *key, char *value, size_t size)
{
	if (!line(text, key, value, size))
		return false;
	if (!strcmp(value, NONE))
		value[0] = '\0';
	else if (!name_is_sane(value))
		return false;
	return true;
}

static bool ids(const char **text, struct journal *j)
{
	char word[12];
	u64 vendor, device;

	if (!line(text, "device", word, sizeof(word)) || strlen(word) != 9 || word[4] != ':')
		return false;
	word[4] = '\0';
	if (!parse_hex(word, 4, &vendor) || !parse_hex(word + 5, 4, &device))
		return false;
	j->vendor = vendor;
	j->device = device;
	return true;
}

static bool state(const char **text, struct journal *j)
{
	char word[16];

	if (!line(text, "state", word, sizeof(word)))
		return false;
	for (int i = 0; i < NR_JOURNAL_STATES; i++) {
		if (!strcmp(word, states[i])) {
			j->state = i;
			return true;
		}
	}
	return false;
}

bool parse_journal(const char *text, struct journal *j)
{
	char word[BDF_SIZE];

	*j = (struct journal){};
	if (strncmp(text, HEADING "\n", sizeof(HEADING)))
		return false;
	text += sizeof(HEADING);
	return line(&text, "address", word, sizeof(word)) && parse_bdf(word, &j->address) &&
	       ids(&text, j) &&
	       name(&text, "driver", j->driver, sizeof(j->driver)) &&
	       name(&text, "override", j->override, sizeof(j->override)) &&
	       name(&text, "boot", j->boot, sizeof(j->boot)) &&
	       state(&text, j) && !strcmp(text, "end\n");
}

static const char *or_none(const char *text)
{
	return *text ? text : NONE;
}

bool journal_text(const struct journal *j, char text[JOURNAL_TEXT_SIZE])
{
	char address[BDF_SIZE];
	int len;

	bdf_text(&j->address, address);
	len = snprintf(text, JOURNAL_TEXT_SIZE, HEADING "\naddress %s\ndevice %04x:%04x\n"
		       "driver %s\noverride %s\nboot %s\nstate %s\nend\n",
		       address, j->vendor, j->device, or_none(j->driver), or_none(j->override),
		       or_none(j->boot), states[j->state]);
	return len > 0 && len < JOURNAL_TEXT_SIZE;
}

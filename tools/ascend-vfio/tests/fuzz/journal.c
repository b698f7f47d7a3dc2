// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = text_of(data, size);
	struct journal journal, again;
	char out[JOURNAL_TEXT_SIZE], out_again[JOURNAL_TEXT_SIZE];

	if (parse_journal(text, &journal)) {
		PROMISE(journal_text(&journal, out));
		PROMISE(parse_journal(out, &again));
		PROMISE(journal_text(&again, out_again));
		PROMISE(!strcmp(out, out_again));
		/* No name may lead out of a directory. */
		PROMISE(!strchr(journal.driver, '/') && !strchr(journal.override, '/'));
		PROMISE(journal.driver[0] != '.');
	}
	free(text);
	return 0;
}

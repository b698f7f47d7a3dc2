// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = text_of(data, size);
	struct trap_row rows[MAX_TRAPS];
	int nr = parse_traps(text, rows);

	PROMISE(nr >= -1 && nr <= MAX_TRAPS);
	for (int i = 0; i < nr; i++)
		PROMISE(*rows[i].reg && strlen(rows[i].reg) < sizeof(rows[i].reg) &&
			strlen(rows[i].state) < sizeof(rows[i].state) && rows[i].bar <= 5);
	free(text);
	return 0;
}

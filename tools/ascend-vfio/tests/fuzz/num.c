// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = text_of(data, size);
	u64 value, hex;

	if (parse_num(text, &value)) {
		char *end;

		/* Whatever it takes, strtoull() reads in the same way. */
		PROMISE(strtoull(text, &end, text[1] == 'x' || text[1] == 'X' ? 16 : 10) == value);
		PROMISE(!*end && *text >= '0' && *text <= '9');
	}
	if (parse_hex(text, 4, &hex))
		PROMISE(hex <= 0xffff && strlen(text) <= 4);
	free(text);
	return 0;
}

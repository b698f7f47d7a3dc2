// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = text_of(data, size);

	if (ids_contain(text, 0x19e5, 0xd802))
		PROMISE(strcasestr(text, "19e5:d802"));
	free(text);
	return 0;
}

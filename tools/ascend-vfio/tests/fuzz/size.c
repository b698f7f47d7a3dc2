// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = text_of(data, size);
	u64 bytes;

	if (parse_size(text, &bytes))
		PROMISE(bytes >= strtoull(text, NULL, 10) || !bytes);
	free(text);
	return 0;
}

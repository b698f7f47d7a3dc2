// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = text_of(data, size);
	struct reserved region;

	if (parse_reserved(text, &region))
		PROMISE(region.start <= region.end && *region.type);
	free(text);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = text_of(data, size);

	if (name_is_sane(text))
		PROMISE(!strchr(text, '/') && strcmp(text, "..") && *text);
	free(text);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = text_of(data, size);
	char name[32];

	/* Not a text: arguments, with a NUL behind each */
	if (guest_name(text, size, name, sizeof(name)))
		PROMISE(*name && strlen(name) < sizeof(name));
	free(text);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = text_of(data, size);
	struct trap_event event;
	struct bdf bdf;

	if (parse_trace(text, &event))
		PROMISE(parse_bdf(event.dev, &bdf) && event.bar <= 5 && *event.reg &&
			strlen(event.task) < sizeof(event.task));
	free(text);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = text_of(data, size);
	struct bdf bdf, again;
	char out[BDF_SIZE], out_again[BDF_SIZE];

	if (parse_bdf(text, &bdf)) {
		bdf_text(&bdf, out);
		PROMISE(parse_bdf(out, &again));
		bdf_text(&again, out_again);
		PROMISE(!strcmp(out, out_again));
		PROMISE(strspn(text, "0123456789abcdefABCDEF:.") == strlen(text));
	}
	free(text);
	return 0;
}

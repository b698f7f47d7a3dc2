// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = text_of(data, size);
	struct version version, found;

	if (parse_version(text, &version)) {
		PROMISE(find_version(text, &found));
		PROMISE(!memcmp(&version, &found, sizeof(version)));
		PROMISE(!version_cmp(&version, version.major, version.minor));
	}
	find_version(text, &found);
	free(text);
	return 0;
}

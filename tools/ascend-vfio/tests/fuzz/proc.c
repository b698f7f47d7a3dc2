// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = text_of(data, size);
	u64 value;

	if (proc_kb(text, "MemTotal", &value))
		PROMISE(value % 1024 == 0 && strstr(text, "MemTotal:"));
	if (proc_limit(text, "Max locked memory", &value))
		PROMISE(strstr(text, "Max locked memory "));
	free(text);
	return 0;
}

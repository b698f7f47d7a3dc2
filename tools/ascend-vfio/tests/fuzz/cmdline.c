// SPDX-License-Identifier: GPL-2.0-only
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	char *text = text_of(data, size);
	static const char * const names[] = { "iommu", "vfio-pci.ids", "a" };
	char value[16];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (cmdline_value(text, names[i], value, sizeof(value)))
			PROMISE(strlen(value) < sizeof(value) && strstr(text, value));
	free(text);
	return 0;
}

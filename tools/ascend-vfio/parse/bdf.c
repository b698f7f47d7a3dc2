// SPDX-License-Identifier: GPL-2.0-only
/* PCI addresses */
#include <stdio.h>
#include <string.h>

#include "parse.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Digits up to @end, @least to @most of them. Returns what is behind @end, or NULL. */
static const char *field(const char *text, char end, unsigned int least, unsigned int most,
			 u32 *value)
{
	unsigned int n = 0;

	*value = 0;
	while (hex_digit(*text) >= 0) {
		if (++n > most)
			return NULL;
		*value = *value << 4 | hex_digit(*text++);
	}
	if (n < least || *text != end)
		return NULL;
	return end ? text + 1 : text;
}

bool parse_bdf(const char *text, struct bdf *bdf)
{
	const char *colon = strchr(text, ':');
	u32 domain = 0, bus, slot, function;

	if (colon && strchr(colon + 1, ':'))
		text = field(text, ':', 4, 8, &domain);
	if (text)
		text = field(text, ':', 2, 2, &bus);
	if (text)
		text = field(text, '.', 2, 2, &slot);
	if (text)
		text = field(text, '\0', 1, 1, &function);
	if (!text || slot > 0x1f || function > 7)
		return false;
	*bdf = (struct bdf){ domain, bus, slot, function };
	return true;
}

void bdf_text(const struct bdf *bdf, char text[BDF_SIZE])
{
	snprintf(text, BDF_SIZE, "%04x:%02x:%02x.%x", bdf->domain, bdf->bus, bdf->slot,
		 bdf->function & 7);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzzers share. Each feeds one parser anything, as a text that ends in NUL and
 * that lies in memory of just its size, so that a byte read behind it is noticed. What a
 * parser takes is checked as well: a promise that does not hold is an abort().
 */
#ifndef ASCEND_FUZZ_H
#define ASCEND_FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "../../parse/parse.h"

#define PROMISE(x)	do { if (!(x)) abort(); } while (0)

static inline char *text_of(const u8 *data, size_t size)
{
	char *text = malloc(size + 1);

	PROMISE(text);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#endif

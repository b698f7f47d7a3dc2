/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NPU_PARSER_RANDOM_H
#define NPU_PARSER_RANDOM_H

#include "defs.h"

/* Takes --seed and --rounds; without, the seed is the time's. Return: understood */
bool random_options(int argc, char **argv);

void test_random(void);

#endif /* NPU_PARSER_RANDOM_H */

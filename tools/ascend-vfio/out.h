/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - results on standard output: tables, colours, JSON
 */
#ifndef ASCEND_OUT_H
#define ASCEND_OUT_H

#include <json-c/json.h>
#include "util.h"

enum colour { PLAIN, GREEN, YELLOW, RED, BOLD };

#define MAX_COLUMNS	12

struct table {
	unsigned int columns, rows, room;
	const char **cells;
	enum colour *colours;
};

struct table *table_new(const char * const *headings, unsigned int columns);
/* The next cell, row by row */
void table_add(struct table *t, enum colour colour, const char *text);
/* A blank as the last column's width is of no use: it is not padded. */
void table_print(const struct table *t);

/* @text in a colour, if standard output is a terminal and NO_COLOR is not set */
const char *coloured(enum colour colour, const char *text);

/* {"format": 1, "command": …}: see JSON in the man page. */
struct json_object *json_start(void);
/* Prints and frees it. */
void json_finish(struct json_object *root);

void json_str(struct json_object *o, const char *key, const char *value);	/* NULL: null */
void json_u64(struct json_object *o, const char *key, u64 value);
void json_flag(struct json_object *o, const char *key, bool value);
/* -1: null */
void json_int_or_null(struct json_object *o, const char *key, long value);
struct json_object *json_array(struct json_object *o, const char *key);
struct json_object *json_object_in(struct json_object *array);
void json_add_str(struct json_object *array, const char *value);

#endif

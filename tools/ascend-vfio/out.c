// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - results on standard output */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out.h"

static bool use_colour(void)
{
	static int known = -1;

	if (known < 0)
		known = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	return known;
}

static const char * const codes[] = {
	[PLAIN] = "", [GREEN] = "\033[32m", [YELLOW] = "\033[33m", [RED] = "\033[31m",
	[BOLD] = "\033[1m",
};

const char *coloured(enum colour colour, const char *text)
{
	return colour && use_colour() ? fmt("%s%s\033[0m", codes[colour], text) : text;
}

struct table *table_new(const char * const *headings, unsigned int columns)
{
	struct table *t = zalloc(sizeof(*t));

	t->columns = columns;
	for (unsigned int i = 0; i < columns; i++)
		table_add(t, BOLD, headings[i]);
	return t;
}

/* rows counts cells until it is printed */
void table_add(struct table *t, enum colour colour, const char *text)
{
	if (t->rows == t->room) {
		unsigned int room = t->room ? 2 * t->room : 128;
		const char **cells = zalloc(room * sizeof(*cells));
		enum colour *colours = zalloc(room * sizeof(*colours));

		if (t->rows) {
			memcpy(cells, t->cells, t->rows * sizeof(*cells));
			memcpy(colours, t->colours, t->rows * sizeof(*colours));
		}
		t->cells = cells;
		t->colours = colours;
		t->room = room;
	}
	t->cells[t->rows] = text;
	t->colours[t->rows++] = colour;
}

void table_print(const struct table *t)
{
	size_t width[MAX_COLUMNS] = { 0 };

	for (unsigned int i = 0; i < t->rows; i++)
		if (strlen(t->cells[i]) > width[i % t->columns])
			width[i % t->columns] = strlen(t->cells[i]);
	for (unsigned int i = 0; i < t->rows; i++) {
		unsigned int column = i % t->columns;
		bool last = column == t->columns - 1;

		printf("%s", coloured(t->colours[i], t->cells[i]));
		if (last)
			putchar('\n');
		else
			printf("%*s", (int)(width[column] - strlen(t->cells[i]) + 2), "");
	}
}

struct json_object *json_start(void)
{
	struct json_object *root = json_object_new_object();

	json_u64(root, "format", 1);
	json_str(root, "command", msg_command);
	return root;
}

void json_finish(struct json_object *root)
{
	puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}

/* What a file of the system holds need not be UTF-8, which JSON must be. */
static char *utf8(const char *text)
{
	char *clean = copy(text);

	for (char *p = clean; *p; p++)
		if ((unsigned char)*p >= 0x80 || ((unsigned char)*p < ' ' && *p != '\n'))
			*p = '?';
	return clean;
}

void json_str(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, value ? json_object_new_string(utf8(value)) : NULL);
}

void json_u64(struct json_object *o, const char *key, u64 value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

void json_flag(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

void json_int_or_null(struct json_object *o, const char *key, long value)
{
	json_object_object_add(o, key, value < 0 ? NULL : json_object_new_int64(value));
}

struct json_object *json_array(struct json_object *o, const char *key)
{
	struct json_object *array = json_object_new_array();

	json_object_object_add(o, key, array);
	return array;
}

struct json_object *json_object_in(struct json_object *array)
{
	struct json_object *o = json_object_new_object();

	json_object_array_add(array, o);
	return o;
}

void json_add_str(struct json_object *array, const char *value)
{
	json_object_array_add(array, json_object_new_string(utf8(value)));
}

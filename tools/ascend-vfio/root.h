/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - files below --sysroot
 *
 * Paths are given as on the machine ("/sys/…"); every access to a file of the system
 * goes through here. Errors are negative errno values.
 */
#ifndef ASCEND_ROOT_H
#define ASCEND_ROOT_H

#include <sys/types.h>
#include "util.h"

/* "" for the running system */
extern const char *sysroot;

bool root_is_recorded(void);
/* The path to open, in the arena. */
char *root_path(const char *path);

bool root_exists(const char *path);
/* Whole file, with a NUL behind it; *len may be NULL. NULL and errno on error. */
char *root_read_all(const char *path, size_t *len);
/* One value: without the newline at its end. NULL and errno on error. */
char *root_read(const char *path);
/* A number as parse_num() has it; false also where there is none. */
bool root_read_num(const char *path, u64 *value);
/* A symbolic link's target as text. NULL and errno on error. */
char *root_link(const char *path);
/* The last part of a symbolic link's target; "" if there is no link. */
char *root_link_name(const char *path);
/* Where a path leads when all links are followed, as a path on the machine; or NULL. */
char *root_real(const char *path);
/* Names in a directory, sorted, NULL at the end; an empty list if it cannot be read. */
char **root_list(const char *path);

/* One write(2) to a file that is there. */
int root_write(const char *path, const char *text);
/* A file whole or not at all, on disk when it returns; makes the directory. */
int root_replace(const char *path, const char *text, mode_t mode);
/* The same for a file that the user has named, wherever it is; makes no directory. */
int file_replace(const char *path, const char *text, mode_t mode);
/* Removes a file, on disk when it returns; a file that is not there is no error. */
int root_remove(const char *path);
int root_mkdirs(const char *path);

#endif

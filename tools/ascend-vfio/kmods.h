/* SPDX-License-Identifier: GPL-2.0-only */
/* ascend-vfio - kernel modules, through libkmod */
#ifndef ASCEND_KMODS_H
#define ASCEND_KMODS_H

#include "util.h"

struct kmod_facts {
	bool found;		/* there is a file of it, or it is built in */
	bool builtin;
	char *path, *version, *signer;	/* NULL: none */
};

struct kmod_facts kmod_look(const char *name);
/* Names of the modules that claim an alias, NULL at the end; without blacklisted ones. */
char **kmod_claimants(const char *alias, bool with_blacklisted);
/* What modprobe.d says as options of a module, or NULL */
const char *kmod_options(const char *name);

/* Loads a module and what it needs; 0 or a negative errno value. */
int kmod_load(const char *name);
int kmod_unload(const char *name);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio - kernel modules, through libkmod
 *
 * Whether one is loaded is not asked of libkmod, as it looks at the running system only.
 */
#include <errno.h>
#include <libkmod.h>
#include <string.h>

#include "kmods.h"
#include "root.h"

static struct kmod_ctx *ctx;

static void quiet(void *data, int priority, const char *file, int line, const char *fn,
		  const char *format, va_list args)
{
	(void)data; (void)priority; (void)file; (void)line; (void)fn; (void)format; (void)args;
}

static bool ready(void)
{
	const char *config[] = {
		root_path("/etc/modprobe.d"), root_path("/run/modprobe.d"),
		root_path("/usr/lib/modprobe.d"), root_path("/lib/modprobe.d"), NULL
	};
	char *release;

	if (ctx)
		return true;
	release = root_read("/proc/sys/kernel/osrelease");
	if (!release)
		return false;
	ctx = kmod_new(root_path(fmt("/lib/modules/%s", release)), config);
	if (!ctx)
		return false;
	kmod_set_log_fn(ctx, quiet, NULL);
	kmod_load_resources(ctx);
	return true;
}

static void read_info(struct kmod_module *mod, struct kmod_facts *facts)
{
	struct kmod_list *list = NULL, *i;

	if (kmod_module_get_info(mod, &list) < 0)
		return;
	kmod_list_foreach(i, list) {
		const char *key = kmod_module_info_get_key(i);
		const char *value = kmod_module_info_get_value(i);

		if (!strcmp(key, "version"))
			facts->version = copy(value);
		else if (!strcmp(key, "signer"))
			facts->signer = copy(value);
	}
	kmod_module_info_free_list(list);
}

struct kmod_facts kmod_look(const char *name)
{
	struct kmod_facts facts = {};
	struct kmod_list *list = NULL, *i;

	if (!ready() || kmod_module_new_from_lookup(ctx, name, &list) < 0)
		return facts;
	kmod_list_foreach(i, list) {
		struct kmod_module *mod = kmod_module_get_module(i);
		const char *path = kmod_module_get_path(mod);

		if (path) {
			facts.found = true;
			facts.path = copy(path);
			read_info(mod, &facts);
		} else if (kmod_module_get_initstate(mod) == KMOD_MODULE_BUILTIN) {
			facts.found = true;
			facts.builtin = true;
		}
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(list);
	return facts;
}

char **kmod_claimants(const char *alias, bool with_blacklisted)
{
	struct kmod_list *list = NULL, *kept = NULL, *i;
	char **names = zalloc(sizeof(*names));
	size_t n = 0;

	if (!ready() || kmod_module_new_from_lookup(ctx, alias, &list) < 0)
		return names;
	if (with_blacklisted)
		kept = list;
	else if (list)
		kmod_module_apply_filter(ctx, KMOD_FILTER_BLACKLIST, list, &kept);
	kmod_list_foreach(i, kept)
		n++;
	names = zalloc((n + 1) * sizeof(*names));
	n = 0;
	kmod_list_foreach(i, kept) {
		struct kmod_module *mod = kmod_module_get_module(i);

		names[n++] = copy(kmod_module_get_name(mod));
		kmod_module_unref(mod);
	}
	if (kept != list)
		kmod_module_unref_list(kept);
	kmod_module_unref_list(list);
	return names;
}

const char *kmod_options(const char *name)
{
	struct kmod_module *mod;
	const char *options;

	if (!ready() || kmod_module_new_from_name(ctx, name, &mod) < 0)
		return NULL;
	options = kmod_module_get_options(mod);
	options = options ? copy(options) : NULL;
	kmod_module_unref(mod);
	return options;
}

int kmod_load(const char *name)
{
	struct kmod_list *list = NULL, *i;
	int ret = -ENOENT;

	if (root_is_recorded())
		return -EOPNOTSUPP;
	if (!ready() || kmod_module_new_from_lookup(ctx, name, &list) < 0)
		return ret;
	kmod_list_foreach(i, list) {
		struct kmod_module *mod = kmod_module_get_module(i);

		ret = kmod_module_probe_insert_module(mod, KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY,
						      NULL, NULL, NULL, NULL);
		kmod_module_unref(mod);
		if (ret < 0)
			break;
	}
	kmod_module_unref_list(list);
	return ret > 0 ? -EPERM : ret;
}

int kmod_unload(const char *name)
{
	struct kmod_module *mod;
	int ret;

	if (root_is_recorded())
		return -EOPNOTSUPP;
	if (!ready() || kmod_module_new_from_name(ctx, name, &mod) < 0)
		return -ENOENT;
	ret = kmod_module_remove_module(mod, 0);
	kmod_module_unref(mod);
	return ret;
}

// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - what the commands that change bindings share */
#include <stdio.h>

#include "act.h"
#include "change.h"

bool refuse_if_open(const struct npu *npu, bool forced)
{
	bool refused = false;

	if (npu->holders_unseen && !dry_run) {
		error("%s: whether a process has it open can be seen by root only", npu->bdf);
		return true;
	}
	for (unsigned int i = 0; i < npu->nr_holders; i++) {
		const struct holder *h = &npu->holders[i];
		bool any_card = starts_with(h->what, "/dev/davinci");

		if (forced && any_card)
			continue;
		error("%s: in use by %s, pid %u, which has %s open%s", npu->bdf, h->command, h->pid,
		      h->what, any_card ? " (which card that is cannot be told; --force goes on)" :
		      "");
		refused = true;
	}
	return refused;
}

void report_begin(struct report *r, bool json)
{
	*r = (struct report){};
	/* What a dry run would do is text, and JSON must be alone on its output. */
	if (!json)
		return;
	r->root = json_start();
	json_flag(r->root, "dry_run", dry_run);
	r->devices = json_array(r->root, "devices");
}

void report_device(struct report *r, const char *bdf, const char *result, const char *text)
{
	struct json_object *o;

	if (!r->root) {
		if (!msg_quiet && !dry_run)
			printf("%s: %s\n", bdf, text);
		return;
	}
	o = json_object_in(r->devices);
	json_str(o, "address", bdf);
	json_str(o, "result", result);
	json_str(o, "text", text);
}

void report_end(struct report *r)
{
	if (r->root)
		json_finish(r->root);
}

// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - where devices go in a guest */
#include <string.h>

#include "guest.h"

#define LAST_FUNCTION	7

static bool must_not_be_0(const struct npu *npu)
{
	return npu->is_vf && npu->chip->cloud_v2;
}

/* A port that has VFs of the same NUMA node and a function left; or NULL. */
static const struct place *shared_port(const struct places *p, const struct npu *npu)
{
	for (unsigned int i = p->nr; i--; ) {
		const struct place *last = &p->place[i];

		if (must_not_be_0(last->npu) && last->npu->node == npu->node)
			return last->function < LAST_FUNCTION ? last : NULL;
	}
	return NULL;
}

struct places guest_places(struct npu *const *npus)
{
	struct places p = {};
	unsigned int n = 0;

	while (npus[n])
		n++;
	p.place = zalloc((n + 1) * sizeof(*p.place));
	for (; *npus; npus++) {
		const struct place *shared = must_not_be_0(*npus) ? shared_port(&p, *npus) : NULL;
		struct place *place = &p.place[p.nr];

		place->npu = *npus;
		place->opens_port = !shared;
		place->port = shared ? shared->port : p.ports++;
		place->function = shared ? shared->function + 1 : must_not_be_0(*npus);
		p.nr++;
	}
	return p;
}

bool machine_is_q35(const struct machine *m, const char *asked)
{
	return asked ? !strcmp(asked, "q35") : !strcmp(m->arch, "x86");
}

// SPDX-License-Identifier: GPL-2.0-only
/* Whether the chip answers: see presence.h. */
#include <time.h>

#include "log.h"
#include "presence.h"

static u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

void npu_presence_boot(struct npu_presence *p, unsigned int ms)
{
	if (!ms)
		return;
	p->awake_at = now_ms() + ms;
	npu_log("SLEEP ms=%u", ms);
}

void npu_presence_vanish(struct npu_presence *p, unsigned int ms)
{
	if (!ms)
		return;
	p->place = NPU_VANISHED;
	p->back_at = now_ms() + ms;
	npu_log("VANISH ms=%u", ms);
}

/* Return: whether the time came; if not, @left is not longer than until then */
static bool due(u64 *at, int *left)
{
	u64 now = now_ms();

	if (!*at)
		return false;
	if (now < *at) {
		if (*left < 0 || *at - now < (u64)*left)
			*left = *at - now;
		return false;
	}
	*at = 0;
	return true;
}

bool npu_presence_tick(struct npu_presence *p, int *left)
{
	*left = -1;
	if (due(&p->awake_at, left))
		npu_log("AWAKE");
	if (!due(&p->back_at, left))
		return false;
	p->place = NPU_FOREIGN;
	npu_log("FOREIGN vendor=0x%04x device=0x%04x", NPU_FOREIGN_VENDOR, NPU_FOREIGN_DEVICE);
	return true;
}

const char *npu_presence_unreachable(const struct npu_presence *p)
{
	if (p->place == NPU_VANISHED)
		return " vanished";
	return p->awake_at ? " asleep" : NULL;
}

bool npu_presence_power_cycle(struct npu_presence *p)
{
	if (p->place == NPU_PRESENT)
		return false;
	*p = (struct npu_presence){ .place = NPU_PRESENT };
	npu_log("BACK");
	return true;
}

// SPDX-License-Identifier: GPL-2.0-only
/* Tests of interrupts and the file descriptors they are raised by. */
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "behaviour.h"

static int set_irqs(int sock, u32 flags, u32 start, u32 count, const int *fds,
		    unsigned int nr_fds)
{
	struct message *msg = peer_message();
	struct vfio_irq_set set = {
		.argsz = sizeof(set), .flags = flags, .index = VFIO_PCI_MSIX_IRQ_INDEX,
		.start = start, .count = count,
	};
	int ret = peer_call_fds(sock, VUSER_DEVICE_SET_IRQS, &set, sizeof(set), fds, nr_fds, msg);

	peer_message_free(msg);
	return ret;
}

#define TRIGGER	VFIO_IRQ_SET_ACTION_TRIGGER
#define EVENTFD	(VFIO_IRQ_SET_DATA_EVENTFD | TRIGGER)
#define NONE	(VFIO_IRQ_SET_DATA_NONE | TRIGGER)
#define BOOL	(VFIO_IRQ_SET_DATA_BOOL | TRIGGER)

void test_interrupts(void)
{
	int fds[2] = { eventfd(0, EFD_NONBLOCK), eventfd(0, EFD_NONBLOCK) }, pipe_fds[2];
	struct vfio_irq_set too_long = {
		.argsz = sizeof(too_long) + 1, .flags = NONE, .index = VFIO_PCI_MSIX_IRQ_INDEX,
	};
	struct message *msg = peer_message();
	struct server srv;
	u64 seen = 0;
	int sock;

	server_start(&srv, "910a2-pf", NULL);
	sock = peer_open(&srv, 0);
	CHECK(set_irqs(sock, EVENTFD, 254, 2, fds, 2) == 0);
	CHECK(set_irqs(sock, NONE, 255, 1, NULL, 0) == 0);
	CHECK(read(fds[0], &seen, sizeof(seen)) == -1 && errno == EAGAIN);
	CHECK(read(fds[1], &seen, sizeof(seen)) == sizeof(seen) && seen == 1);
	CHECK(server_log_has(&srv, "IRQ vector=255\n"));

	CHECK(set_irqs(sock, EVENTFD, 255, 2, fds, 2) == EINVAL);
	CHECK(set_irqs(sock, EVENTFD, 0xffffffff, 2, fds, 2) == EINVAL);
	CHECK(set_irqs(sock, EVENTFD, 0, 3, fds, 2) == EINVAL);
	CHECK(set_irqs(sock, EVENTFD, 0, 0, fds, 2) == EINVAL);
	CHECK(set_irqs(sock, NONE, 0, 1, fds, 1) == EINVAL);
	CHECK(set_irqs(sock, BOOL, 0, 1, NULL, 0) == EINVAL);
	CHECK(set_irqs(sock, NONE | BOOL, 0, 1, NULL, 0) == EINVAL);
	CHECK(set_irqs(sock, NONE | 1 << 6, 0, 1, NULL, 0) == EINVAL);
	CHECK(set_irqs(sock, VFIO_IRQ_SET_DATA_NONE, 0, 1, NULL, 0) == EINVAL);
	CHECK(set_irqs(sock, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK, 0, 1,
		       NULL, 0) == EINVAL);
	CHECK(peer_call(sock, VUSER_DEVICE_SET_IRQS, &too_long, sizeof(too_long), msg) == EINVAL);
	CHECK(server_count_fds(&srv) == srv.base_fds + 3);

	/* One replaced, one taken away, then all */
	CHECK(set_irqs(sock, EVENTFD, 254, 1, fds, 1) == 0);
	CHECK(server_count_fds(&srv) == srv.base_fds + 3);
	CHECK(set_irqs(sock, EVENTFD, 254, 1, NULL, 0) == 0);
	CHECK(server_count_fds(&srv) == srv.base_fds + 2);
	CHECK(set_irqs(sock, NONE, 0, 0, NULL, 0) == 0);
	CHECK(server_count_fds(&srv) == srv.base_fds + 1);

	/* A pipe that nobody empties must not stop the server */
	CHECK(pipe(pipe_fds) == 0);
	CHECK(set_irqs(sock, EVENTFD, 0, 1, &pipe_fds[1], 1) == 0);
	for (int i = 0; i < 70000 / 8; i++)
		CHECK(set_irqs(sock, NONE, 0, 1, NULL, 0) == 0);
	CHECK(server_log_has(&srv, "IRQ vector=0 lost=eventfd-not-writable\n"));
	close(sock);
	server_check_no_leak(&srv);
	server_stop(&srv);
	peer_message_free(msg);
	for (int i = 0; i < 2; i++) {
		close(fds[i]);
		close(pipe_fds[i]);
	}
}

/* Where the part has no FLR the bit neither shows nor acts; the capability is at 0x50 */

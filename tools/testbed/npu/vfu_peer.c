// SPDX-License-Identifier: GPL-2.0
/* The tests' client and server process: see vfu_peer.h. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "vfu.h"
#include "vfu_peer.h"

/* Longer than any answer takes under ASan on a busy machine */
#define ANSWER_SECONDS	20
#define MOST_FDS	253

/* For most messages; ASan makes large allocations slow */
#define FIRST_ROOM	2048

static void give_up(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void run_server(const struct server *srv, int listener, const struct npu_options *opt)
{
	static struct npu_device dev;
	struct npu_options mine = *opt;
	sigset_t term;
	char log[32];
	int ret;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(log, sizeof(log), "/proc/self/fd/%d", srv->log_fd);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (npu_options_check(&mine) || npu_log_open(log) || npu_device_init(&dev, &mine))
		exit(3);
	ret = vfu_serve(&dev, listener, signalfd(-1, &term, 0), false);
	npu_device_exit(&dev);
	exit(ret ? 4 : 0);
}

void server_start(struct server *srv, const char *model, const struct npu_options *opt)
{
	static const struct npu_options none;
	struct npu_model played = *npu_model_find(model);

	if (!opt)
		opt = &none;
	played.flr |= opt->model.flr;
	server_start_as(srv, &played, opt);
}

void server_start_as(struct server *srv, const struct npu_model *model,
		     const struct npu_options *opt)
{
	struct npu_options mine = *opt;
	int listener;

	mine.model = *model;
	srv->log_fd = memfd_create("log", 0);
	if (srv->log_fd < 0)
		give_up("cannot create the log");

	/* Bound to no name, a Unix socket gets an abstract one that is free */
	srv->addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	srv->addr_len = sizeof(srv->addr);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (void *)&srv->addr, sizeof(sa_family_t)) ||
	    getsockname(listener, (void *)&srv->addr, &srv->addr_len) || listen(listener, 1))
		give_up("cannot listen");

	fflush(stdout);
	srv->pid = fork();
	if (srv->pid < 0)
		give_up("cannot fork");
	if (!srv->pid)
		run_server(srv, listener, &mine);
	close(listener);
	/* One connection tells that it is up, so that its own files are open */
	close(peer_open(srv, 0));
	srv->base_fds = -1;
	for (int i = 0; i < 1000 && !server_log_has(srv, "STATE"); i++)
		usleep(10000);
	srv->base_fds = server_count_fds(srv);
}

void server_stop(struct server *srv)
{
	int status = -1;

	CHECK(waitpid(srv->pid, &status, WNOHANG) == 0);
	kill(srv->pid, SIGTERM);
	waitpid(srv->pid, &status, 0);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(srv->log_fd);
}

int server_count_fds(const struct server *srv)
{
	char path[32];
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", srv->pid);
	dir = opendir(path);
	if (!dir)
		return -1;
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

void server_check_no_leak(const struct server *srv)
{
	int n = -1;

	for (int i = 0; i < 1000; i++) {
		n = server_count_fds(srv);
		if (n == srv->base_fds)
			return;
		usleep(10000);
	}
	printf("# the server has %d files open, it had %d\n", n, srv->base_fds);
	CHECK(n == srv->base_fds);
}

bool server_log_has(const struct server *srv, const char *text)
{
	struct stat st;
	bool found;
	char *log;

	if (fstat(srv->log_fd, &st))
		give_up("cannot read the log");
	log = calloc(1, st.st_size + 1);
	if (!log || pread(srv->log_fd, log, st.st_size, 0) != st.st_size)
		give_up("cannot read the log");
	found = strstr(log, text);
	free(log);
	return found;
}

static void make_room(struct message *msg, u32 size)
{
	u8 *data;

	if (size <= msg->room)
		return;
	data = realloc(msg->data, size);
	if (!data)
		give_up("cannot allocate a message");
	msg->room = size;
	msg->data = data;
}

struct message *peer_message(void)
{
	struct message *msg = calloc(1, sizeof(*msg));

	if (!msg)
		give_up("cannot allocate a message");
	msg->fd = -1;
	make_room(msg, FIRST_ROOM);
	return msg;
}

void peer_message_free(struct message *msg)
{
	if (msg->fd >= 0)
		close(msg->fd);
	free(msg->data);
	free(msg);
}

int peer_connect(const struct server *srv)
{
	struct timeval wait = { .tv_sec = ANSWER_SECONDS };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (sock < 0 || connect(sock, (const void *)&srv->addr, srv->addr_len))
		give_up("cannot connect to the server");
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	return sock;
}

int peer_open(const struct server *srv, u32 max_xfer)
{
	struct message *msg = peer_message();
	int sock = peer_connect(srv);
	char payload[128] = { 0 };
	u32 size = sizeof(struct vfu_version);

	if (max_xfer)
		size += 1 + sprintf(payload + size,
				    "{\"capabilities\":{\"max_data_xfer_size\":%u}}", max_xfer);
	CHECK(peer_call(sock, VFU_VERSION, payload, size, msg) == 0);
	peer_message_free(msg);
	return sock;
}

bool peer_send_raw(int sock, const void *bytes, size_t len, const int *fds, unsigned int nr_fds)
{
	union {
		char buf[CMSG_SPACE(MOST_FDS * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)bytes, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (nr_fds) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
		memcpy(CMSG_DATA(&control.align), fds, nr_fds * sizeof(int));
	}
	while (iov.iov_len) {
		ssize_t n = sendmsg(sock, &msg, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		iov.iov_base = (u8 *)iov.iov_base + n;
		iov.iov_len -= n;
		msg.msg_controllen = 0;
	}
	return true;
}

static bool send_framed(int sock, const struct vfu_header *hdr, const void *payload, u32 size,
			const int *fds, unsigned int nr_fds)
{
	u8 *bytes = malloc(sizeof(*hdr) + size);
	bool ok;

	if (!bytes)
		give_up("cannot allocate a message");
	memcpy(bytes, hdr, sizeof(*hdr));
	if (size)
		memcpy(bytes + sizeof(*hdr), payload, size);
	ok = peer_send_raw(sock, bytes, sizeof(*hdr) + size, fds, nr_fds);
	free(bytes);
	return ok;
}

bool peer_send(int sock, u16 id, u16 command, u32 flags, const void *payload, u32 size)
{
	struct vfu_header hdr = {
		.id = id, .command = command, .size = sizeof(hdr) + size, .flags = flags,
	};

	return send_framed(sock, &hdr, payload, size, NULL, 0);
}

static enum peer_result receive_all(int sock, void *buf, size_t len)
{
	while (len) {
		ssize_t n = recv(sock, buf, len, 0);

		if (n < 0 && errno == EAGAIN)
			return PEER_TIMEOUT;
		if (n <= 0)
			return PEER_CLOSED;
		buf = (u8 *)buf + n;
		len -= n;
	}
	return PEER_MESSAGE;
}

static enum peer_result receive_header(int sock, struct message *msg)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = &msg->hdr, .iov_len = sizeof(msg->hdr) };
	struct msghdr raw = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	ssize_t n = recvmsg(sock, &raw, MSG_CMSG_CLOEXEC);

	if (n < 0 && errno == EAGAIN)
		return PEER_TIMEOUT;
	if (n <= 0)
		return PEER_CLOSED;
	cmsg = CMSG_FIRSTHDR(&raw);
	if (cmsg && cmsg->cmsg_type == SCM_RIGHTS)
		memcpy(&msg->fd, CMSG_DATA(cmsg), sizeof(msg->fd));
	return receive_all(sock, (u8 *)&msg->hdr + n, sizeof(msg->hdr) - n);
}

enum peer_result peer_receive(int sock, struct message *msg)
{
	enum peer_result result;

	if (msg->fd >= 0)
		close(msg->fd);
	msg->fd = -1;
	result = receive_header(sock, msg);
	if (result != PEER_MESSAGE)
		return result;
	if (!CHECK(msg->hdr.size >= sizeof(msg->hdr) && msg->hdr.size <= VFU_MAX_MESSAGE))
		return PEER_CLOSED;
	msg->size = msg->hdr.size - sizeof(msg->hdr);
	make_room(msg, msg->size);
	return receive_all(sock, msg->data, msg->size);
}

void peer_expect_close(int sock)
{
	struct message *msg = peer_message();

	CHECK(peer_receive(sock, msg) == PEER_CLOSED);
	peer_message_free(msg);
	close(sock);
}

int peer_call_fds(int sock, u16 command, const void *payload, u32 size,
		  const int *fds, unsigned int nr_fds, struct message *msg)
{
	static u16 id;
	struct vfu_header hdr = {
		.id = ++id, .command = command, .size = sizeof(hdr) + size,
	};

	if (!send_framed(sock, &hdr, payload, size, fds, nr_fds) ||
	    peer_receive(sock, msg) != PEER_MESSAGE)
		return -1;
	if (msg->hdr.id != id || msg->hdr.command != command ||
	    (msg->hdr.flags & VFU_TYPE_MASK) != VFU_TYPE_REPLY)
		return -1;
	if (!(msg->hdr.flags & VFU_ERROR))
		return 0;
	/* The specification: an error reply is a header and nothing else */
	return CHECK(msg->size == 0) && CHECK(msg->hdr.error) ? (int)msg->hdr.error : -1;
}

int peer_call(int sock, u16 command, const void *payload, u32 size, struct message *msg)
{
	return peer_call_fds(sock, command, payload, size, NULL, 0, msg);
}

int peer_write(int sock, u32 region, u64 offset, const void *data, u32 len)
{
	struct message *msg = peer_message();
	struct vfu_region_rw rw = { .offset = offset, .region = region, .count = len };
	u8 *payload = malloc(sizeof(rw) + len);
	int ret;

	if (!payload)
		give_up("cannot allocate a message");
	memcpy(payload, &rw, sizeof(rw));
	memcpy(payload + sizeof(rw), data, len);
	ret = peer_call(sock, VFU_REGION_WRITE, payload, sizeof(rw) + len, msg);
	if (!ret)
		CHECK(msg->size == sizeof(rw) && !memcmp(msg->data, &rw, sizeof(rw)));
	free(payload);
	peer_message_free(msg);
	return ret;
}

int peer_read(int sock, u32 region, u64 offset, void *data, u32 len)
{
	struct message *msg = peer_message();
	struct vfu_region_rw rw = { .offset = offset, .region = region, .count = len };
	int ret = peer_call(sock, VFU_REGION_READ, &rw, sizeof(rw), msg);

	if (!ret && CHECK(msg->size == sizeof(rw) + len) &&
	    CHECK(!memcmp(msg->data, &rw, sizeof(rw))))
		memcpy(data, msg->data + sizeof(rw), len);
	peer_message_free(msg);
	return ret;
}

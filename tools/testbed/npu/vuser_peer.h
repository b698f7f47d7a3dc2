/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other side for the tests: starts the real server loop in a process of its
 * own, and speaks to it as a client, well or badly.
 */
#ifndef NPU_VUSER_PEER_H
#define NPU_VUSER_PEER_H

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include "device.h"
#include "defs.h"
#include "vuser_proto.h"

/* When @cond is false the test has failed, but goes on. Return: @cond */
#define CHECK(cond)	check((cond), #cond, __FILE__, __LINE__)
bool check(bool ok, const char *what, const char *file, int line);

struct test {
	const char	*name;
	void		(*run)(void);
};

extern const struct test behaviour_tests[];
extern const unsigned int nr_behaviour_tests;

struct server {
	pid_t			pid;
	int			log_fd;
	int			base_fds;	/* open in the server while no client is there */
	struct sockaddr_un	addr;		/* abstract: no file to clean up */
	socklen_t		addr_len;
};

/*
 * Plays @model with what @opt adds (of its model only flr counts), or as it is.
 * Ends the program on failure.
 */
void server_start(struct server *srv, const char *model, const struct npu_options *opt);

/* The same with any model at all */
void server_start_as(struct server *srv, const struct npu_model *model,
		     const struct npu_options *opt);

/* Ends it by SIGTERM; checks that it was alive and ends with status 0 */
void server_stop(struct server *srv);

int server_count_fds(const struct server *srv);

/* Checks that the server closed everything the last client gave it */
void server_check_no_leak(const struct server *srv);

bool server_log_has(const struct server *srv, const char *text);

struct message {
	struct vuser_header	hdr;
	u32			size;	/* of the payload */
	int			fd;	/* the first that came along, or -1 */
	u8			*data;	/* 8-byte aligned; grows as needed */
	u32			room;
};

/* Return: a socket. Ends the program on failure, as peer_message() does */
int peer_connect(const struct server *srv);

/* The same, and VERSION has been exchanged; @max_xfer 0: not mentioned */
int peer_open(const struct server *srv, u32 max_xfer);

struct message *peer_message(void);
void peer_message_free(struct message *msg);

/* Send raw bytes, with file descriptors on the first. Return: all were taken */
bool peer_send_raw(int sock, const void *bytes, size_t len, const int *fds, unsigned int nr_fds);

/* Send one message with a correct frame */
bool peer_send(int sock, u16 id, u16 command, u32 flags, const void *payload, u32 size);

enum peer_result { PEER_MESSAGE, PEER_CLOSED, PEER_TIMEOUT };
enum peer_result peer_receive(int sock, struct message *msg);

/* Receive what must be the end of the connection; closes the socket */
void peer_expect_close(int sock);

/**
 * peer_call - one request and its reply
 * @sock: the connection
 * @command: its number
 * @payload: of the request
 * @size: of @payload
 * @msg: receives the reply
 *
 * Return: the errno in an error reply, 0 for success, -1 when no reply to this
 * request came.
 */
int peer_call(int sock, u16 command, const void *payload, u32 size, struct message *msg);
int peer_call_fds(int sock, u16 command, const void *payload, u32 size,
		  const int *fds, unsigned int nr_fds, struct message *msg);

int peer_write(int sock, u32 region, u64 offset, const void *data, u32 len);
int peer_read(int sock, u32 region, u64 offset, void *data, u32 len);

#endif /* NPU_VUSER_PEER_H */

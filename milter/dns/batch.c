/* SPDX-License-Identifier: BSD-2-Clause */
/* dns/batch.c - sendmmsg(2) and recvmmsg(2), which Linux and FreeBSD have. */
#include "config.h"

#include "dns/batch.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define RECEIVED_SIZE 4096 /* bytes; 1232 are asked for */

void
dnsbatch_forget(struct dnsbatch *b, const void *owner)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->packet[i].owner == owner)
			b->packet[i].owner = NULL;
}

static bool
is_lost(int error)
{
	return error == EAGAIN || error == ENOBUFS;
}

/* Send what begins at a packet; how many went, or are lost: one at least. */
static size_t
send_some(struct mmsghdr *message, struct dnspacket *const *packet, size_t n,
    void (*refused)(void *owner))
{
	int fd = packet[0]->fd, sent = sendmmsg(fd, message, (unsigned)n, MSG_NOSIGNAL);

	/* An error may be that of a packet before it; told now, it is told no more. */
	if (sent < 0)
		sent = sendmmsg(fd, message, (unsigned)n, MSG_NOSIGNAL);
	if (sent > 0)
		return (size_t)sent;
	if (sent < 0 && !is_lost(errno))
		refused(packet[0]->owner);
	return 1;
}

/* Send all that goes out of the socket of the packet at an index. */
static void
send_socket(struct dnsbatch *b, size_t first, void (*refused)(void *owner))
{
	struct dnspacket *packet[DNSBATCH_MAX];
	struct mmsghdr message[DNSBATCH_MAX];
	struct iovec data[DNSBATCH_MAX];
	size_t n = 0;

	for (size_t i = first; i < b->n; i++) {
		struct dnspacket *p = &b->packet[i];

		if (p->owner == NULL || p->fd != b->packet[first].fd)
			continue;
		data[n] = (struct iovec){p->data, p->len};
		message[n] =
		    (struct mmsghdr){.msg_hdr = {.msg_iov = &data[n], .msg_iovlen = 1}};
		packet[n++] = p;
	}
	for (size_t i = 0; i < n;)
		i += send_some(message + i, packet + i, n - i, refused);
	for (size_t i = 0; i < n; i++)
		packet[i]->owner = NULL;
}

void
dnsbatch_send(struct dnsbatch *b, void (*refused)(void *owner))
{
	for (size_t i = 0; i < b->n; i++)
		if (b->packet[i].owner != NULL)
			send_socket(b, i, refused);
	b->n = 0;
}

int
dnsbatch_receive(int fd,
    void (*take)(void *arg, const unsigned char *packet, size_t len, bool cut), void *arg)
{
	static unsigned char packet[DNSBATCH_RECEIVED][RECEIVED_SIZE]; /* one thread's */
	struct mmsghdr message[DNSBATCH_RECEIVED];
	struct iovec data[DNSBATCH_RECEIVED];
	int n;

	for (size_t i = 0; i < DNSBATCH_RECEIVED; i++) {
		data[i] = (struct iovec){packet[i], RECEIVED_SIZE};
		message[i] =
		    (struct mmsghdr){.msg_hdr = {.msg_iov = &data[i], .msg_iovlen = 1}};
	}
	n = recvmmsg(fd, message, DNSBATCH_RECEIVED, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		take(arg, packet[i], message[i].msg_len,
		    (message[i].msg_hdr.msg_flags & MSG_TRUNC) != 0);
	return n;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/probe.c - the client's side of the milter protocol, just enough of it for one
 * recipient.  What it reads comes from ourselves, and is still not trusted.
 */
#include "config.h"

#include "daemon/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "os/socketspec.h"

#define PACKET_MAX 4096 /* bytes read of an answer; a reply is half of that at most */
#define PROTOCOL 6
#define ACTIONS 0x1ff
#define STEPS 0x1fffff /* all there are, each to be left out or not replied to */

struct probe {
	int fd, wake;
	int64_t deadline;
	uint32_t steps; /* what the milter does not want to see, or to answer */
	unsigned char packet[PACKET_MAX];
	size_t len;
};

/* A step: what it is called, what may be said instead of an answer to it. */
struct step {
	char command;
	uint32_t unwanted, unanswered;
	const char *data;
	size_t len;
};

enum probe_result
probe_wait(int fd, short events, int wake, int64_t deadline)
{
	struct pollfd fds[] = {{.fd = wake, .events = POLLIN}, {.fd = fd, .events = events}};

	for (;;) {
		int64_t left = deadline - clock_ms();
		int n;

		if (left <= 0)
			return PROBE_FAILED;
		n = poll(fds, 2, left < INT_MAX ? (int)left : INT_MAX);
		if (n < 0 && errno != EINTR)
			return PROBE_FAILED;
		if (n > 0 && fds[0].revents != 0)
			return PROBE_DISTURBED;
		if (n > 0)
			return PROBE_ANSWERED;
	}
}

static enum probe_result
send_packet(struct probe *p, char command, const char *data, size_t len)
{
	uint32_t size = htonl((uint32_t)len + 1);
	enum probe_result result = probe_wait(p->fd, POLLOUT, p->wake, p->deadline);

	if (result != PROBE_ANSWERED)
		return result;
	memcpy(p->packet, &size, sizeof(size));
	p->packet[sizeof(size)] = (unsigned char)command;
	memcpy(p->packet + sizeof(size) + 1, data, len);
	len += sizeof(size) + 1;
	/* So little always fits into the buffer of a socket that has an answer to each. */
	return send(p->fd, p->packet, len, MSG_NOSIGNAL) == (ssize_t)len ? PROBE_ANSWERED
									 : PROBE_FAILED;
}

static enum probe_result
read_bytes(struct probe *p, size_t want)
{
	for (p->len = 0; p->len < want;) {
		enum probe_result result = probe_wait(p->fd, POLLIN, p->wake, p->deadline);
		ssize_t n;

		if (result != PROBE_ANSWERED)
			return result;
		n = recv(p->fd, p->packet + p->len, want - p->len, 0);
		if (n <= 0)
			return PROBE_FAILED;
		p->len += (size_t)n;
	}
	return PROBE_ANSWERED;
}

static enum probe_result
read_packet(struct probe *p)
{
	enum probe_result result = read_bytes(p, sizeof(uint32_t));
	uint32_t size;

	if (result != PROBE_ANSWERED)
		return result;
	memcpy(&size, p->packet, sizeof(size));
	size = ntohl(size);
	return size == 0 || size > PACKET_MAX ? PROBE_FAILED : read_bytes(p, size);
}

static enum probe_result
negotiate(struct probe *p)
{
	const uint32_t offer[] = {htonl(PROTOCOL), htonl(ACTIONS), htonl(STEPS)};
	enum probe_result result = send_packet(p, 'O', (const char *)offer, sizeof(offer));

	if (result == PROBE_ANSWERED)
		result = read_packet(p);
	if (result != PROBE_ANSWERED)
		return result;
	if (p->len < 1 + sizeof(offer) || p->packet[0] != 'O')
		return PROBE_FAILED;
	memcpy(&p->steps, p->packet + 1 + 2 * sizeof(uint32_t), sizeof(p->steps));
	p->steps = ntohl(p->steps);
	return PROBE_ANSWERED;
}

/* *over: the milter has let the client through, and wants to see no more of it. */
static enum probe_result
take_step(struct probe *p, const struct step *step, bool *over)
{
	enum probe_result result;

	if (p->steps & step->unwanted)
		return PROBE_ANSWERED;
	result = send_packet(p, step->command, step->data, step->len);
	if (result != PROBE_ANSWERED || p->steps & step->unanswered)
		return result;
	result = read_packet(p);
	*over = result == PROBE_ANSWERED && p->packet[0] == 'a';
	return result;
}

static enum probe_result
converse(struct probe *p, const char *name)
{
	static const char helo[] = "watchdog", mail[] = "<>", rcpt[] = "<watchdog@localhost>";
	char client[256];
	size_t len = strnlen(name, sizeof(client) - 2);
	const struct step steps[] = {
	    {'C', 0x01, 0x1000, client, len + 2},
	    {'H', 0x02, 0x2000, helo, sizeof(helo)},
	    {'M', 0x04, 0x4000, mail, sizeof(mail)},
	    {'R', 0x08, 0x8000, rcpt, sizeof(rcpt)},
	};
	enum probe_result result = negotiate(p);
	bool over = false;

	memcpy(client, name, len);
	client[len] = '\0';
	client[len + 1] = 'U'; /* its address is not known */
	for (size_t i = 0; i < 4 && result == PROBE_ANSWERED && !over; i++)
		result = take_step(p, &steps[i], &over);
	if (result == PROBE_ANSWERED)
		(void)send_packet(p, 'Q', "", 0);
	return result;
}

enum probe_result
probe_greet(const char *listen, int64_t deadline)
{
	struct probe p = {
	    .fd = socketspec_connect(listen, false),
	    .wake = -1,
	    .deadline = deadline,
	};
	enum probe_result result;

	if (p.fd < 0)
		return PROBE_FAILED;
	result = negotiate(&p);
	if (result == PROBE_ANSWERED)
		(void)send_packet(&p, 'Q', "", 0);
	close(p.fd);
	return result;
}

enum probe_result
probe_run(const char *listen, const char *name, int wake, int64_t deadline)
{
	struct probe p = {
	    .fd = socketspec_connect(listen, false),
	    .wake = wake,
	    .deadline = deadline,
	};
	enum probe_result result;

	if (p.fd < 0)
		return PROBE_FAILED;
	result = converse(&p, name);
	close(p.fd);
	return result;
}

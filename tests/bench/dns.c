/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/dns.c - a name server for DNS lists that costs little: batches of packets, no
 * tables, answers that are late wait in a heap.
 *
 *	dns PORT
 *
 * Reads commands: "zone NAME word=value ..." (zone.h), answered by "ok"; and
 * "report", answered by a line of JSON, after which counting begins anew.  Ends
 * with its input.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "histogram.h"
#include "zone.h"

#define BATCH 64
#define BUFFER (16 << 20) /* bytes of the socket's buffers: nothing is lost unasked */

struct answer {
	int64_t due;
	size_t len;
	struct sockaddr_in to;
	unsigned char bytes[ZONE_PACKET];
};

/* The soonest first; each is in a place of its own, the heap moves pointers. */
struct heap {
	struct answer **all;
	size_t n, room;
	struct answer **spare;
	size_t spares;
};

struct dns {
	int fd;
	struct zones zones;
	struct heap waiting;
	struct histogram late; /* by how much answers were later than they should be */
	unsigned nout;
	struct answer *out[BATCH];
};

static _Noreturn void
fail(const char *what)
{
	perror(what);
	exit(71);
}

/* --- Answers that wait --- */

static void
make_room(struct heap *h)
{
	if (h->n < h->room)
		return;
	h->room = h->room * 2 + 1024;
	h->all = realloc(h->all, h->room * sizeof(h->all[0]));
	h->spare = realloc(h->spare, (h->room + 2 * BATCH) * sizeof(h->spare[0]));
	if (h->all == NULL || h->spare == NULL)
		fail("dns");
}

static struct answer *
take_spare(struct heap *h)
{
	struct answer *a;

	make_room(h);
	if (h->spares > 0)
		return h->spare[--h->spares];
	a = malloc(sizeof(*a));
	if (a == NULL)
		fail("dns");
	return a;
}

static void
heap_put(struct heap *h, struct answer *a)
{
	size_t i;

	make_room(h);
	for (i = h->n++; i > 0 && h->all[(i - 1) / 2]->due > a->due; i = (i - 1) / 2)
		h->all[i] = h->all[(i - 1) / 2];
	h->all[i] = a;
}

static struct answer *
heap_take(struct heap *h)
{
	struct answer *first = h->all[0], *last = h->all[--h->n];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < h->n) {
		if (child + 1 < h->n && h->all[child + 1]->due < h->all[child]->due)
			child++;
		if (h->all[child]->due >= last->due)
			break;
		h->all[i] = h->all[child];
		i = child;
	}
	h->all[i] = last;
	return first;
}

/* --- The socket --- */

static void
flush(struct dns *d)
{
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	int64_t now = now_ns();
	unsigned sent = 0;

	for (unsigned i = 0; i < d->nout; i++) {
		parts[i] = (struct iovec){d->out[i]->bytes, d->out[i]->len};
		messages[i] = (struct mmsghdr){
		    .msg_hdr = {.msg_name = &d->out[i]->to,
			.msg_namelen = sizeof(d->out[i]->to),
			.msg_iov = &parts[i],
			.msg_iovlen = 1},
		};
		histogram_add(&d->late, now - d->out[i]->due);
	}
	while (sent < d->nout) {
		int n = sendmmsg(d->fd, messages + sent, d->nout - sent, 0);

		/* One that cannot be sent (its asker is gone) must not hold up the others. */
		sent += n > 0 ? (unsigned)n : 1;
	}
	for (unsigned i = 0; i < d->nout; i++)
		d->waiting.spare[d->waiting.spares++] = d->out[i];
	d->nout = 0;
}

static void
send_off(struct dns *d, struct answer *a)
{
	d->out[d->nout++] = a;
	if (d->nout == BATCH)
		flush(d);
}

static void
send_due(struct dns *d)
{
	int64_t now = now_ns();

	while (d->waiting.n > 0 && d->waiting.all[0]->due <= now)
		send_off(d, heap_take(&d->waiting));
	if (d->nout > 0)
		flush(d);
}

static void
take(struct dns *d, const unsigned char *question, size_t len, const struct sockaddr_in *from,
    int64_t now)
{
	struct answer *a = take_spare(&d->waiting);
	int64_t late = 0;

	a->to = *from;
	a->len = zones_answer(&d->zones, question, len, a->bytes, &late);
	a->due = now + late;
	if (a->len == 0)
		d->waiting.spare[d->waiting.spares++] = a;
	else if (late == 0)
		send_off(d, a);
	else
		heap_put(&d->waiting, a);
}

static void
receive(struct dns *d)
{
	static unsigned char bytes[BATCH][ZONE_PACKET];
	static struct sockaddr_in from[BATCH];
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	int n;

	for (unsigned i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){bytes[i], sizeof(bytes[i])};
		messages[i] = (struct mmsghdr){
		    .msg_hdr = {.msg_name = &from[i],
			.msg_namelen = sizeof(from[i]),
			.msg_iov = &parts[i],
			.msg_iovlen = 1},
		};
	}
	n = recvmmsg(d->fd, messages, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		take(d, bytes[i], messages[i].msg_len, &from[i], now_ns());
}

/* --- Commands --- */

static void
report(struct dns *d)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	zones_report(&d->zones, stdout);
	printf(",\"cpu\":%.6f,\"late\":",
	    (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
		(double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
	histogram_print(&d->late, stdout);
	printf("}\n");
	d->late = (struct histogram){.count = 0};
}

static void
command(struct dns *d, const char *line)
{
	if (strcmp(line, "report") == 0)
		report(d);
	else if (strncmp(line, "zone ", 5) == 0 && zones_set(&d->zones, line + 5))
		puts("ok");
	else
		printf("what is %s\n", line);
	fflush(stdout);
}

/* Lines come whole: nobody writes half of one.  False: there will be no more. */
static bool
read_commands(struct dns *d)
{
	char text[8192], *line, *save;
	ssize_t n = read(STDIN_FILENO, text, sizeof(text) - 1);

	if (n <= 0)
		return false;
	text[n] = '\0';
	for (line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		command(d, line);
	return true;
}

static int
open_socket(unsigned port)
{
	struct sockaddr_in where = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = BUFFER;

	if (fd < 0 || bind(fd, (struct sockaddr *)&where, sizeof(where)) != 0)
		fail("dns");
	/* As root beyond what the system allows others. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return fd;
}

/* Wait for a packet, a command, or until the next answer is due. */
static bool
turn(struct dns *d)
{
	struct pollfd fds[2] = {
	    {.fd = d->fd, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
	struct timespec wait = {.tv_sec = 10};
	int64_t left;

	if (d->waiting.n > 0) {
		left = d->waiting.all[0]->due - now_ns();
		left = left > 0 ? left : 0;
		wait = (struct timespec){left / 1000000000, left % 1000000000};
	}
	(void)ppoll(fds, 2, &wait, NULL);
	if (fds[0].revents != 0)
		receive(d);
	send_due(d);
	return fds[1].revents == 0 || read_commands(d);
}

int
main(int argc, char **argv)
{
	static struct dns d;

	if (argc != 2) {
		fprintf(stderr, "usage: dns PORT\n");
		return 64;
	}
	d.fd = open_socket((unsigned)strtoul(argv[1], NULL, 10));
	prctl(PR_SET_TIMERSLACK, 1);
	puts("started");
	fflush(stdout);
	while (turn(&d))
		continue;
	return 0;
}

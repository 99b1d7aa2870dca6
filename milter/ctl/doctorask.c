/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctorask.c - a packet out, a packet in: the daemon's client asks as soon as it can
 * somebody else, and hides who has said what.  What comes is read by the daemon's reader.
 */
#include "config.h"

#include "ctl/doctorask.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "dns/server.h"

#define PACKET_MAX 65535
#define AGAIN_MS 1500   /* a packet may be lost */
#define OPTION_EDE 15   /* of EDNS (RFC 8914, 2) */
#define EDE_STALE 3     /* Stale Answer */
#define EDE_STALE_NX 19 /* Stale NXDOMAIN Answer */

struct exchange {
	int fd;
	bool refused;
	enum dns_type type;
	int64_t deadline;
	char name[DNSWIRE_NAME_SIZE];
	size_t len; /* of the question, behind its length */
	unsigned char question[2 + DNSWIRE_QUESTION_SIZE];
	unsigned char packet[PACKET_MAX];
};

void
doctorask_random(char *out, unsigned n)
{
	unsigned char byte;

	for (unsigned i = 0; i < n; i++) {
		(void)!getrandom(&byte, sizeof(byte), 0);
		out[i] = (char)('a' + byte % 26);
	}
	out[n] = '\0';
}

/* Whether fd is ready by then. */
static bool
await(int fd, short events, int64_t until)
{
	struct pollfd p = {.fd = fd, .events = events};
	int64_t left = until - clock_ms();

	return left > 0 && poll(&p, 1, left < INT_MAX ? (int)left : INT_MAX) > 0;
}

static int
dial(const struct doctorask *ask, int64_t deadline)
{
	struct sockaddr_storage ss;
	size_t size = dnsserver_socket(&ss, ask->server);
	int type = (ask->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = size > 0 ? socket(ss.ss_family, type, 0) : -1;

	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&ss, (socklen_t)size) == 0 ||
	    (errno == EINPROGRESS && await(fd, POLLOUT, deadline)))
		return fd;
	close(fd);
	return -1;
}

static bool
make_question(struct exchange *e, const struct doctorask *ask)
{
	unsigned char random[DNSWIRE_RANDOM_SIZE];
	uint16_t id, size;

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random) ||
	    getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id) ||
	    !dnswire_name(e->name, ask->name, random))
		return false;
	e->len = dnswire_question(e->question + 2, id, ask->type, e->name, ask->flags);
	size = htons((uint16_t)e->len);
	memcpy(e->question, &size, sizeof(size));
	return true;
}

/* Whether a packet of that length answers the question. */
static enum dnswire_match
match(const struct exchange *e, size_t len)
{
	if (len < NS_HFIXEDSZ || memcmp(e->packet, e->question + 2, 2) != 0)
		return DNSWIRE_OTHER;
	return dnswire_match(e->type, e->name, e->packet, len);
}

/* The length of the answer; 0: there is none. */
static size_t
ask_udp(struct exchange *e)
{
	int64_t again = 0;

	for (;;) {
		ssize_t n;

		if (clock_ms() >= again) {
			(void)send(e->fd, e->question + 2, e->len, MSG_NOSIGNAL);
			again = clock_ms() + AGAIN_MS;
		}
		if (!await(e->fd, POLLIN, again < e->deadline ? again : e->deadline)) {
			if (clock_ms() >= e->deadline)
				return 0;
			continue;
		}
		n = recv(e->fd, e->packet, sizeof(e->packet), 0);
		if (n > 0 && match(e, (size_t)n) != DNSWIRE_OTHER)
			return (size_t)n;
		e->refused = n < 0 && errno == ECONNREFUSED;
		if (e->refused)
			return 0;
	}
}

static bool
read_all(struct exchange *e, size_t want)
{
	size_t len = 0;

	while (len < want) {
		ssize_t n;

		if (!await(e->fd, POLLIN, e->deadline))
			return false;
		n = recv(e->fd, e->packet + len, want - len, 0);
		if (n <= 0)
			return false;
		len += (size_t)n;
	}
	return true;
}

static size_t
ask_tcp(struct exchange *e)
{
	uint16_t size;

	/* So little fits into the buffer of a new connection. */
	if (send(e->fd, e->question, 2 + e->len, MSG_NOSIGNAL) != (ssize_t)(2 + e->len) ||
	    !read_all(e, sizeof(size)))
		return 0;
	memcpy(&size, e->packet, sizeof(size));
	size = ntohs(size);
	if (!read_all(e, size) || match(e, size) == DNSWIRE_OTHER)
		return 0;
	return size;
}

/* --- What the daemon does not read --- */

static void
read_soa(struct doctorask_answer *out, const ns_rr *rr)
{
	const unsigned char *end = ns_rr_rdata(*rr) + ns_rr_rdlen(*rr);

	if (ns_rr_type(*rr) != ns_t_soa || ns_rr_rdlen(*rr) < 20)
		return;
	out->soa_ttl = ns_rr_ttl(*rr);
	out->soa_minimum = (uint32_t)ns_get32(end - 4); /* RFC 1035, 3.3.13: it is the last */
}

/* The options of EDNS: each a code, a length, and data (RFC 6891, 6.1.2). */
static void
read_opt(struct doctorask_answer *out, const ns_rr *rr)
{
	const unsigned char *at = ns_rr_rdata(*rr), *end = at + ns_rr_rdlen(*rr);

	while (ns_rr_type(*rr) == ns_t_opt && end - at >= 4) {
		unsigned code = ns_get16(at), len = ns_get16(at + 2);

		at += 4;
		if ((ptrdiff_t)len > end - at)
			return;
		if (code == OPTION_EDE && len >= 2)
			out->stale |= ns_get16(at) == EDE_STALE || ns_get16(at) == EDE_STALE_NX;
		at += len;
	}
}

static void
read_section(struct doctorask_answer *out, ns_msg *m, ns_sect section,
    void (*read)(struct doctorask_answer *, const ns_rr *))
{
	ns_rr rr;

	for (int i = 0; i < ns_msg_count(*m, section); i++)
		if (ns_parserr(m, section, i, &rr) == 0)
			read(out, &rr);
}

static void
read_rest(struct doctorask_answer *out, const unsigned char *packet, size_t len)
{
	ns_msg m;

	if (ns_initparse(packet, (int)len, &m) != 0)
		return;
	read_section(out, &m, ns_s_ns, read_soa);
	read_section(out, &m, ns_s_ar, read_opt);
}

void
doctorask(const struct doctorask *ask, int64_t deadline, struct doctorask_answer *out)
{
	static struct exchange e; /* too large for the stack */
	size_t len = 0;

	*out =
	    (struct doctorask_answer){.reply = {.status = DNS_TIMEOUT, .rcode = DNS_NO_RCODE}};
	e.deadline = deadline;
	e.refused = false;
	e.type = ask->type;
	if (!make_question(&e, ask) || (e.fd = dial(ask, deadline)) < 0)
		return;
	len = ask->tcp ? ask_tcp(&e) : ask_udp(&e);
	close(e.fd);
	out->refused = e.refused;
	if (len == 0)
		return;
	out->folded = match(&e, len) == DNSWIRE_FOLDED;
	out->cut = dnswire_is_truncated(e.packet, len);
	(void)dnswire_read(&out->reply, ask->room, ask->type, NULL, e.packet, len);
	read_rest(out, e.packet, len);
}

/* Whether an answer says that there is such a record, or none. */
static bool
is_word(const struct doctorask_answer *a)
{
	return a->reply.status == DNS_FOUND || a->reply.status == DNS_ABSENT;
}

void
doctorask_any(const struct doctorask *ask, const char *const *server, size_t n,
    int64_t deadline, struct doctorask_answer *out)
{
	struct doctorask one = *ask;

	*out =
	    (struct doctorask_answer){.reply = {.status = DNS_TIMEOUT, .rcode = DNS_NO_RCODE}};
	for (size_t i = 0; i < n && !is_word(out); i++) {
		int64_t left = deadline - clock_ms();

		one.server = server[i];
		one.tcp = false;
		doctorask(&one, clock_ms() + left / (int64_t)(n - i), out);
		if (!out->cut)
			continue;
		one.tcp = true;
		doctorask(&one, deadline, out);
	}
}

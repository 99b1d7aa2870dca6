/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_daemon.c - answers a worker's questions out of a table.
 */
#include "config.h"

#include "fakes/spf_daemon.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include "base/strbuf.h"
#include "spf/answer.h"

#define NUMBER 7
#define PATIENCE_MS 10000

/* What DNS has said, and where it is kept. */
struct said {
	struct dns_reply reply;
	struct dns_records records;
	unsigned char address[DNS_RECORDS_MAX][16];
};

static bool
say(int fd, const struct spf_message *m)
{
	unsigned char packet[SPFWIRE_MAX];
	size_t len = spfwire_write(packet, m);

	return len > 0 && send(fd, packet, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool
hear(int fd, struct spf_message *m, unsigned char packet[SPFWIRE_MAX])
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t len;

	if (poll(&p, 1, PATIENCE_MS) != 1 || (len = recv(fd, packet, SPFWIRE_MAX, 0)) <= 0)
		return false;
	return spfwire_read(m, packet, (size_t)len) && m->number == NUMBER;
}

/* --- The table --- */

static void
keep_record(struct said *said, const struct zone_row *row, size_t len)
{
	struct dns_record *r = &said->records.record[said->records.n];
	const char *data = row->data;

	*r = (struct dns_record){0};
	if (row->type == DNS_MX) {
		r->preference = (uint16_t)strtoul(data, NULL, 10);
		data += strcspn(data, " ");
		data += *data == ' ';
	}
	r->data = (const unsigned char *)data;
	r->len = (uint16_t)(len - (size_t)(data - row->data));
	if (row->type == DNS_AAAA) {
		(void)inet_pton(AF_INET6, data, said->address[said->records.n]);
		r->data = said->address[said->records.n];
		r->len = 16;
	}
	said->records.n++;
	said->reply.records = &said->records;
}

static void
keep(struct said *said, const struct zone_row *row, const size_t *len)
{
	struct in_addr v4 = {0};

	said->reply.status = row->data != NULL ? DNS_FOUND : DNS_TIMEOUT;
	if (row->data == NULL)
		return;
	if (row->type != DNS_A) {
		keep_record(said, row, len != NULL ? *len : strlen(row->data));
		return;
	}
	(void)inet_pton(AF_INET, row->data, &v4);
	said->reply.address[said->reply.n++] = ntohl(v4.s_addr);
}

static void
find(const struct spf_daemon *d, const struct spf_ask *ask, struct said *said)
{
	*said = (struct said){.reply = {.status = DNS_ABSENT, .ttl = 60}};
	for (size_t i = 0; i < d->n; i++) {
		const struct zone_row *row = &d->rows[i];

		if (row->type == ask->type && strcasecmp(row->name, ask->name) == 0 &&
		    said->records.n < DNS_RECORDS_MAX && said->reply.n < DNS_ADDRESSES)
			keep(said, row, d->len != NULL ? &d->len[i] : NULL);
	}
}

/* --- A check --- */

/* All that is there, but for A records. */
static void
tell_all(struct spf_answer *answer, const struct spf_ask *ask, const struct said *said)
{
	*answer = spfanswer_empty(ask->type, said->reply.status);
	answer->records = said->records;
}

/* False: the check is over. */
static bool
answer_one(const struct spf_daemon *d, struct spf_budget *budget, const struct ipaddr *client,
    const struct spf_ask *ask, struct spf_answer *answer)
{
	static struct spf_room room;
	static struct said said;
	enum spf_leave leave = spfbudget_ask(budget, ask);

	find(d, ask, &said);
	if (d->raw) {
		tell_all(answer, ask, &said);
		return true;
	}
	if (leave == SPF_LEAVE_ABSENT)
		*answer = spfanswer_empty(ask->type, DNS_ABSENT);
	if (leave != SPF_LEAVE_ASK)
		return leave != SPF_LEAVE_OVER;
	return spfanswer_make(answer, &room, ask->type, &said.reply, client, budget);
}

bool
spf_daemon_send(int fd, const char *client, const char *helo, const char *sender)
{
	struct spf_message m = {.verb = SPF_CHECK, .number = NUMBER};

	m.as.check =
	    (struct spf_check){.helo = helo, .sender = sender, .receiver = "receiver.example"};
	return ipaddr_parse(&m.as.check.client, client) && say(fd, &m);
}

/* An answer to one question; once it is over, none is an answer any more. */
static bool
reply_one(const struct spf_daemon *d, int fd, struct spf_budget *budget,
    const struct ipaddr *client, const struct spf_ask *ask, struct spf_told *told)
{
	struct spf_message m = {.verb = SPF_ANSWER, .number = NUMBER};

	told->questions++;
	told->over = told->over || !answer_one(d, budget, client, ask, &m.as.answer);
	if (told->over)
		m.as.answer = spfanswer_empty(ask->type, DNS_FAILED);
	return say(fd, &m);
}

struct spf_told
spf_daemon_answer(const struct spf_daemon *d, int fd, const char *client)
{
	static unsigned char packet[SPFWIRE_MAX];
	struct spf_told told = {.ended = true};
	struct spf_message m;
	struct spf_budget budget = {0};
	struct ipaddr address;

	(void)ipaddr_parse(&address, client);
	while (hear(fd, &m, packet)) {
		if (m.verb == SPF_RESULT) {
			told.ended = false;
			told.result = told.over ? SPF_PERMERROR : m.as.outcome.result;
			(void)strbuf_copy(
			    told.reason, sizeof(told.reason), m.as.outcome.reason);
			break;
		}
		if (m.verb != SPF_ASK || !reply_one(d, fd, &budget, &address, &m.as.ask, &told))
			break;
	}
	return told;
}

struct spf_told
spf_daemon_check(const struct spf_daemon *d, int fd, const char *client, const char *helo,
    const char *sender)
{
	if (!spf_daemon_send(fd, client, helo, sender))
		return (struct spf_told){.ended = true};
	return spf_daemon_answer(d, fd, client);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/worker.c - libspf2, with a DNS layer that asks the daemon, and guards
 * against what senders can do to it.  What it cannot be kept from ends the
 * process.
 */
#include "config.h"

#include "spf/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>

#include <spf2/spf.h>

#include "base/strbuf.h"
#include "os/sandbox.h"
#include "spf/record.h"
#include "spf/wire.h"

/* What glibc calls no error of h_errno; musl has no name for it. */
#if !defined(NETDB_SUCCESS)
#define NETDB_SUCCESS 0
#endif

#define MEMORY_MAX (128UL * 1024 * 1024) /* of the process, its program counted */
#define CHECK_SECONDS 5                  /* of the processor's, for one check */
#define LIFE_SECONDS 60                  /* and for all of them */
#define WORN_SECONDS 30                  /* when it ends by itself, between two checks; */
#define WORN_CHECKS 1000                 /* so that what libspf2 leaks is given back */

#define DOMAIN_MAX 253
#define LABEL_MAX 63

#define SPF1 "v=spf1"

static int link_fd;
static uint32_t number; /* of the check */
static struct spf_values values;
static const char *broken; /* why it is a permerror whatever libspf2 says; or NULL */

/* --- The socket --- */

static _Noreturn void
end(int code)
{
	_exit(code);
}

static void
say(struct spf_message *m)
{
	static unsigned char packet[SPFWIRE_MAX];
	size_t len;
	ssize_t sent;

	m->number = number;
	len = spfwire_write(packet, m);
	if (len == 0)
		end(EX_SOFTWARE);
	do
		sent = send(link_fd, packet, len, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent != (ssize_t)len)
		end(EX_IOERR);
}

/* The next message, of that verb; nothing else is in order. */
static void
hear(struct spf_message *m, enum spf_verb verb, unsigned char packet[SPFWIRE_MAX + 1])
{
	ssize_t len;

	do
		len = recv(link_fd, packet, SPFWIRE_MAX + 1, 0);
	while (len < 0 && errno == EINTR);
	if (len == 0)
		end(EX_OK);
	if (len < 0 || !spfwire_read(m, packet, (size_t)len) || m->verb != verb)
		end(EX_PROTOCOL);
}

/* --- Names and records --- */

/*
 * Copy what a macro made, without a last dot; false: it cannot be a name, and
 * need not be asked for.
 */
static bool
tidy_name(char out[DOMAIN_MAX + 1], const char *name)
{
	size_t len = strnlen(name, DOMAIN_MAX + 2), label = 0;

	if (len > 0 && name[len - 1] == '.')
		len--;
	if (len == 0 || len > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < ' ' || name[i] > 0x7e)
			return false;
		if (name[i] == '.' && label == 0)
			return false;
		label = name[i] == '.' ? 0 : label + 1;
		if (label > LABEL_MAX)
			return false;
	}
	memcpy(out, name, len);
	out[len] = '\0';
	return label != 0;
}

/*
 * What is asked of a name that is too long: its right end, of whole labels (RFC
 * 7208, 7.3).  Nobody's policy has such a name: where one is looked for, the name
 * goes into macros again.
 */
static const char *
shorten(const char *name, enum dns_type type)
{
	size_t len = strlen(name);
	const char *dot;

	if (len > 0 && name[len - 1] == '.')
		len--;
	while (type != DNS_TXT && len > DOMAIN_MAX && (dot = strchr(name, '.')) != NULL) {
		len -= (size_t)(dot + 1 - name);
		name = dot + 1;
	}
	return name;
}

/* Whether a sender may have a policy: a name of two labels and more (RFC 7208, 4.3). */
static bool
is_domain(const char *domain)
{
	char name[DOMAIN_MAX + 1];

	return tidy_name(name, domain) && name[0] != '[' && strchr(name, '.') != NULL &&
	    strchr(name, ' ') == NULL;
}

static bool
is_policy(const struct dns_record *r)
{
	const char *text = (const char *)r->data;
	size_t len = sizeof(SPF1) - 1;

	return strncasecmp(text, SPF1, len) == 0 && (text[len] == ' ' || text[len] == '\0');
}

/* No other text has any business in libspf2; spf/record.c lets none through. */
static const char *
policy_fault(const struct dns_record *r)
{
	if (r->len > SPFRECORD_MAX)
		return "record too long";
	for (size_t i = 0; i < r->len; i++)
		if (r->data[i] < 0x20 || r->data[i] > 0x7e)
			return "record not in ASCII";
	return NULL;
}

/* Keep the policies of the texts that a name has; most have other texts, too. */
static void
keep_policies(struct dns_records *records)
{
	size_t n = 0;

	for (size_t i = 0; i < records->n; i++) {
		const struct dns_record *r = &records->record[i];

		if (!is_policy(r))
			continue;
		if (broken == NULL)
			broken = policy_fault(r);
		records->record[n++] = *r;
	}
	records->n = n;
}

/* --- The DNS layer --- */

static bool
type_of(ns_type type, enum dns_type *out)
{
	static const struct {
		ns_type theirs;
		enum dns_type ours;
	} types[] = {{ns_t_a, DNS_A}, {ns_t_aaaa, DNS_AAAA}, {ns_t_mx, DNS_MX},
	    {ns_t_ptr, DNS_PTR}, {ns_t_txt, DNS_TXT}};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].theirs == type) {
			*out = types[i].ours;
			return true;
		}
	return false;
}

/* An answer without records; libspf2 aborts where there is none, so that memory
 * that is not to be had ends the process in either case. */
static SPF_dns_rr_t *
new_answer(SPF_dns_server_t *layer, const char *domain, ns_type type, int status)
{
	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(layer, domain, type, 0, status);

	if (rr == NULL)
		end(EX_OSERR);
	return rr;
}

static void
add_bytes(SPF_dns_rr_t *rr, const void *data, size_t len)
{
	if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, len + 1) != SPF_E_SUCCESS)
		end(EX_OSERR);
	memcpy(rr->rr[rr->num_rr], data, len);
	/* Behind an address there is more room than that. */
	((char *)rr->rr[rr->num_rr])[len] = '\0';
	rr->num_rr++;
}

/* libspf2 knows no policy without a space behind its version. */
static void
add_policy(SPF_dns_rr_t *rr, const char *domain, const struct dns_record *r)
{
	char text[SPFRECORD_MAX + 2];
	struct strbuf sb;

	values.domain = domain;
	strbuf_init(&sb, text, sizeof(text));
	spfrecord_mend(&sb, (const char *)r->data, &values);
	if (r->len == sizeof(SPF1) - 1)
		strbuf_addc(&sb, ' ');
	add_bytes(rr, text, sb.len);
}

/*
 * A record of an answer; any: to a question that SPFRECORD_ANY was in front of.  Of
 * such an MX all hosts have it, and of such addresses one is as good as another.
 */
static void
add_record(SPF_dns_rr_t *rr, const char *domain, enum dns_type type, const struct dns_record *r,
    bool any)
{
	char host[sizeof(SPFRECORD_ANY) + SPFWIRE_NAME_MAX];
	struct strbuf sb;

	if (type == DNS_TXT) {
		add_policy(rr, domain, r);
	} else if (!any) {
		add_bytes(rr, r->data, r->len);
	} else if (type != DNS_MX) {
		add_bytes(rr, values.client.byte, values.client.bits / 8);
	} else {
		strbuf_init(&sb, host, sizeof(host));
		strbuf_addf(&sb, SPFRECORD_ANY "%s", (const char *)r->data);
		add_bytes(rr, host, sb.len);
	}
}

/* What libspf2 is told of an answer: in mechanisms, only TRY_AGAIN is an error to it. */
static SPF_dns_rr_t *
tell(SPF_dns_server_t *layer, const char *domain, ns_type type, struct spf_answer *answer,
    bool any)
{
	SPF_dns_rr_t *rr;

	if (answer->type == DNS_TXT)
		keep_policies(&answer->records);
	if (answer->status == DNS_FAILED || answer->status == DNS_TIMEOUT || broken != NULL)
		return new_answer(layer, domain, type, TRY_AGAIN);
	if (answer->records.n == 0)
		return new_answer(layer, domain, type, NO_DATA);
	rr = new_answer(layer, domain, type, NETDB_SUCCESS);
	for (size_t i = 0; i < answer->records.n; i++)
		add_record(rr, domain, answer->type, &answer->records.record[i], any);
	return rr;
}

/* Ask the daemon; the answer is good until the next one. */
static void
ask(struct spf_message *m, enum dns_type type, const char *name)
{
	static unsigned char packet[SPFWIRE_MAX + 1];

	*m = (struct spf_message){.verb = SPF_ASK, .as.ask = {.type = type, .name = name}};
	say(m);
	hear(m, SPF_ANSWER, packet);
	if (m->number != number || m->as.answer.type != type)
		end(EX_PROTOCOL);
}

static SPF_dns_rr_t *
lookup(SPF_dns_server_t *layer, const char *domain, ns_type type, int should_cache)
{
	const char *wanted = domain;
	char name[DOMAIN_MAX + 1];
	enum dns_type asked;
	struct spf_message m;
	bool any;

	(void)should_cache;
	if (!type_of(type, &asked))
		return new_answer(layer, domain, type, NO_DATA);
	if (broken != NULL)
		return new_answer(layer, domain, type, TRY_AGAIN);
	any = asked != DNS_TXT && strncmp(domain, SPFRECORD_ANY, strlen(SPFRECORD_ANY)) == 0;
	if (any)
		wanted += strlen(SPFRECORD_ANY);
	if (!tidy_name(name, shorten(wanted, asked)))
		return new_answer(layer, domain, type, HOST_NOT_FOUND);
	ask(&m, asked, name);
	return tell(layer, domain, type, &m.as.answer, any);
}

/* Nobody wants a sender's explanation; without this, libspf2 would ask for it. */
static SPF_errcode_t
explain(SPF_server_t *server, const char *domain, char **text, size_t *size)
{
	(void)server;
	(void)domain;
	if (*text != NULL && *size > 0)
		(*text)[0] = '\0';
	return SPF_E_SUCCESS;
}

/* --- A check --- */

/* What an error means, whatever libspf2 made of it. */
static enum spf_result
result_of_error(SPF_errcode_t error)
{
	if (error == SPF_E_NO_MEMORY || error == SPF_E_INTERNAL_ERROR)
		return SPF_UNKNOWN;
	return error == SPF_E_DNS_ERROR ? SPF_TEMPERROR : SPF_PERMERROR;
}

static enum spf_result
result_of(SPF_errcode_t error, SPF_result_t result)
{
	switch (result) {
	case SPF_RESULT_NONE:
		return SPF_NONE;
	case SPF_RESULT_INVALID:
	case SPF_RESULT_TEMPERROR:
		return result_of_error(error);
	case SPF_RESULT_PERMERROR:
		return SPF_PERMERROR;
	case SPF_RESULT_NEUTRAL:
		return error == SPF_E_SUCCESS ? SPF_NEUTRAL : result_of_error(error);
	case SPF_RESULT_PASS:
		return error == SPF_E_SUCCESS ? SPF_PASS : result_of_error(error);
	case SPF_RESULT_FAIL:
		return error == SPF_E_SUCCESS ? SPF_FAIL : result_of_error(error);
	case SPF_RESULT_SOFTFAIL:
		return error == SPF_E_SUCCESS ? SPF_SOFTFAIL : result_of_error(error);
	}
	return SPF_PERMERROR;
}

static void
set_client(SPF_request_t *request, const struct ipaddr *client)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (client->bits == 32) {
		memcpy(&v4, client->byte, sizeof(v4));
		SPF_request_set_ipv4(request, v4);
	} else {
		memcpy(&v6, client->byte, sizeof(v6));
		SPF_request_set_ipv6(request, v6);
	}
}

/* An empty HELO would make an error of every record with %{h}.  The order is
 * libspf2's: a HELO without a sender is taken for one. */
static bool
set_names(SPF_request_t *request, const struct spf_check *check)
{
	return SPF_request_set_helo_dom(request, values.helo) == SPF_E_SUCCESS &&
	    (check->sender[0] == '\0' ||
		SPF_request_set_env_from(request, check->sender) == SPF_E_SUCCESS);
}

/* The sender that libspf2 makes of one without a local part, or of none. */
static void
set_values(const struct spf_check *check)
{
	static char sender[sizeof("postmaster@") + SPFWIRE_SENDER_MAX];
	struct strbuf sb;

	values.helo = check->helo[0] != '\0' ? check->helo : "unknown";
	values.client = check->client;
	strbuf_init(&sb, sender, sizeof(sender));
	if (check->sender[0] == '\0')
		strbuf_addf(&sb, "postmaster@%s", values.helo);
	else
		strbuf_addf(
		    &sb, "%s%s", check->sender[0] == '@' ? "postmaster" : "", check->sender);
	values.sender = sender;
}

static SPF_server_t *
new_server(SPF_dns_server_t *layer, const char *receiver)
{
	SPF_server_t *server = SPF_server_new_dns(layer, 0);

	if (server == NULL || SPF_server_set_rec_dom(server, receiver) != SPF_E_SUCCESS)
		end(EX_OSERR);
	return server;
}

/* A result, and what libspf2 has to say to it, which is none of the sender's words. */
static enum spf_result
evaluate(const struct spf_check *check, char *reason, size_t size)
{
	SPF_dns_server_t layer = {.lookup = lookup, .get_exp = explain, .name = "relayguard"};
	SPF_server_t *server = new_server(&layer, check->receiver);
	SPF_request_t *request = SPF_request_new(server);
	SPF_response_t *response = NULL;
	enum spf_result result;
	SPF_errcode_t error;

	set_values(check);
	if (request == NULL || !set_names(request, check))
		end(EX_OSERR);
	set_client(request, &check->client);
	error = SPF_request_query_mailfrom(request, &response);
	if (response == NULL)
		end(EX_OSERR);
	result = result_of(error, SPF_response_result(response));
	if (error != SPF_E_SUCCESS)
		(void)strbuf_copy(reason, size, SPF_strerror(error));
	SPF_response_free(response);
	SPF_request_free(request);
	SPF_server_free(server);
	return result;
}

/* A sender's name that cannot have a policy is not looked for (RFC 7208, 4.3). */
static bool
has_domain(const struct spf_check *check)
{
	const char *at = strrchr(check->sender, '@');

	return is_domain(at != NULL ? at + 1 : check->helo);
}

static void
check_one(const struct spf_check *check, struct spf_message *m, char reason[])
{
	const struct itimerval limit = {.it_value = {.tv_sec = CHECK_SECONDS}};

	m->verb = SPF_RESULT;
	broken = NULL;
	if (!has_domain(check)) {
		m->as.outcome = (struct spf_outcome){SPF_NONE, "no domain"};
		return;
	}
	/* Nobody takes the signal: it ends the process. */
	if (setitimer(ITIMER_PROF, &limit, NULL) != 0)
		end(EX_OSERR);
	m->as.outcome.result = evaluate(check, reason, SPFWIRE_REASON_MAX + 1);
	m->as.outcome.reason = reason;
	if (broken != NULL)
		m->as.outcome = (struct spf_outcome){SPF_PERMERROR, broken};
}

/* --- The process --- */

static void
say_nothing(const char *file, int line, const char *text)
{
	(void)file;
	(void)line;
	(void)text;
}

static void
settle(int fd)
{
	link_fd = fd;
	SPF_warning_handler = say_nothing;
	SPF_info_handler = say_nothing;
	SPF_debug_handler = say_nothing;
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (i != fd)
			close(i);
	if (!sandbox_cage(MEMORY_MAX, LIFE_SECONDS))
		end(EX_OSERR);
}

static bool
is_worn(unsigned checks)
{
	return checks >= WORN_CHECKS || clock() / CLOCKS_PER_SEC >= WORN_SECONDS;
}

void
spfworker_serve(int fd)
{
	static unsigned char packet[SPFWIRE_MAX + 1];
	char reason[SPFWIRE_REASON_MAX + 1];
	struct spf_message m, outcome;
	bool worn = false;

	settle(fd);
	for (unsigned checks = 1; !worn; checks++) {
		hear(&m, SPF_CHECK, packet);
		number = m.number;
		reason[0] = '\0';
		check_one(&m.as.check, &outcome, reason);
		/* Who sends the next one is told at once that it must go to another. */
		worn = is_worn(checks);
		if (worn)
			shutdown(fd, SHUT_RD);
		say(&outcome);
	}
	end(EX_OK);
}

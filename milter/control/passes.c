/* SPDX-License-Identifier: BSD-2-Clause */
/* control/passes.c - passes are given, ended and listed. */
#include "config.h"

#include "control/passes.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/prefix.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "control/operand.h"
#include "control/status.h"
#include "session/passes.h"

#define USUAL_MS 86400000
#define NETWORK_SIZE (IPADDR_STRLEN + 4)
#define WIDEST_IPV4 8 /* lengths: what is shorter is a slip, or turns relayguard off */
#define WIDEST_IPV6 16
#define TOO_WIDE                                                                        \
	"a network wider than /8 (IPv6: /16) is not let through: mode = \"shadow\" in " \
	"relayguard.conf lets everybody through"

static int
refuse(struct request *r, int status, const char *why)
{
	request_error(r, why);
	return status;
}

/* An address stands without its length. */
static const char *
name_network(const struct network *network, char out[NETWORK_SIZE])
{
	char address[IPADDR_STRLEN];

	(void)ipaddr_format(&network->addr, address);
	if (network->len == network->addr.bits)
		snprintf(out, NETWORK_SIZE, "%s", address);
	else
		snprintf(out, NETWORK_SIZE, "%s/%u", address, network->len);
	return out;
}

/* As sessions know it: an address behind NAT64 by its IPv4 address.  No session is of a
 * network there. */
static bool
read_network(struct network *network, const char *text, char *why, size_t whysize)
{
	struct conf *conf;
	struct ipaddr folded;
	char fault[128];

	if (!prefix_parse(network, text, fault, sizeof(fault)))
		return strbuf_fail(why, whysize, "address: %s", fault);
	folded = network->addr;
	conf = conf_current();
	nat64_fold(conf->nat64, conf->nnat64, &folded);
	conf_unref(&conf);
	if (folded.bits == network->addr.bits)
		return true;
	if (network->len != network->addr.bits)
		return strbuf_fail(why, whysize,
		    "address: clients behind NAT64 are known by their IPv4 addresses: name the "
		    "network of these");
	*network = (struct network){folded, folded.bits};
	return true;
}

static void
log_pass(const struct pass *pass, const char *network, int64_t ms)
{
	struct logline line;

	logline_event(&line, "client-passed");
	logline_str(&line, "network", network);
	logline_str(&line, "by", pass->by);
	logline_num(&line, "seconds", ms / 1000);
	logline_str(&line, "why", pass->why);
	logline_end(&line, LOG_LEVEL_WARNING);
}

static json_t *
pass_line(const struct pass *pass, bool with_words)
{
	int64_t left = (pass->until - clock_ms()) / 1000;
	char network[NETWORK_SIZE], until[CLOCK_TEXT_SIZE];
	json_t *line =
	    json_pack("{s:s, s:s, s:I}", "network", name_network(&pass->network, network),
		"until", clock_text(clock_wall_at(pass->until), until), "seconds",
		(json_int_t)(left > 0 ? left : 0));

	if (with_words)
		(void)json_object_update_new(line,
		    json_pack("{s:s, s:o}", "who", pass->by, "why", request_shown(pass->why)));
	return line;
}

/* What was said of the same network before. */
static json_t *
replaced(const struct pass *pass)
{
	char until[CLOCK_TEXT_SIZE];

	return json_pack("{s:s, s:s, s:o}", "until",
	    clock_text(clock_wall_at(pass->until), until), "who", pass->by, "why",
	    request_shown(pass->why));
}

static int
begin(
    struct request *r, struct passes *passes, const struct network *network, const json_t *args)
{
	struct pass pass = {.network = *network}, before;
	char network_text[NETWORK_SIZE], why[192];
	const char *words;
	json_t *line;
	int64_t ms;

	if (network->len < (network->addr.bits == 32 ? WIDEST_IPV4 : WIDEST_IPV6))
		return refuse(r, EX_USAGE, TOO_WIDE);
	if (!operand_time(args, USUAL_MS, &ms, why, sizeof(why)) ||
	    !operand_why(args, &words, why, sizeof(why)))
		return refuse(r, EX_USAGE, why);
	pass.until = clock_ms() + ms;
	(void)strbuf_copy(pass.by, sizeof(pass.by), request_who(r));
	(void)strbuf_copy(pass.why, sizeof(pass.why), words != NULL ? words : "");
	if (!passes_add(passes, &pass, &before))
		return refuse(r, EX_TEMPFAIL, "there are 4096 passes, or memory is out");
	log_pass(&pass, name_network(network, network_text), ms);
	line = pass_line(&pass, false);
	if (before.network.addr.bits != 0)
		(void)json_object_set_new(line, "replaced", replaced(&before));
	request_reply(r, line);
	return EX_OK;
}

static int
end(struct request *r, struct passes *passes, const struct network *network)
{
	char text[NETWORK_SIZE];
	struct logline line;

	if (!passes_end(passes, network))
		return refuse(r, 1, "there is no pass of that very network");
	logline_event(&line, "pass-ended");
	logline_str(&line, "network", name_network(network, text));
	logline_str(&line, "by", request_who(r));
	logline_end(&line, LOG_LEVEL_WARNING);
	request_reply(r, json_pack("{s:s, s:b}", "network", text, "ended", true));
	return EX_OK;
}

/* One of the page's, with what it is for. */
static json_t *
granted_line(const struct pass *pass)
{
	json_t *line = pass_line(pass, true);

	(void)json_object_update_new(line,
	    json_pack("{s:s, s:i, s:i}", "domain", pass->domain, "messages",
		(int)pass->messages, "recipients", (int)pass->recipients));
	return line;
}

static bool
list_kind(struct request *r, struct passes *passes, enum pass_kind kind)
{
	struct pass *all = calloc(PASSES_MAX, sizeof(*all));
	size_t n = all != NULL ? passes_list(passes, kind, all, PASSES_MAX) : 0;
	bool good = all != NULL;

	for (size_t i = 0; i < n && good; i++)
		good = request_reply(
		    r, kind == PASS_PAGE ? granted_line(&all[i]) : pass_line(&all[i], true));
	free(all);
	return good;
}

static int
list(struct request *r, struct passes *passes)
{
	return list_kind(r, passes, PASS_ADMINISTRATOR) && list_kind(r, passes, PASS_PAGE)
	    ? EX_OK
	    : EX_SOFTWARE;
}

int
verb_pass(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	struct passes *passes = context->sessions->services.passes;
	bool bad = false, ends = request_flag(args, "end", &bad),
	     lists = request_flag(args, "list", &bad);
	const char *text = request_text(args, "address", &bad);
	bool timed =
	    json_object_get(args, "for") != NULL || json_object_get(args, "why") != NULL;
	struct network network;
	char why[192];

	if (bad)
		return refuse(r, EX_USAGE, "a value is of the wrong type");
	if (text == NULL)
		return ends || timed ? refuse(r, EX_USAGE, "pass: say an address or a network")
				     : list(r, passes);
	if (lists || (ends && timed))
		return refuse(r, EX_USAGE, "pass: an address takes --for and --why, or --end");
	if (!read_network(&network, text, why, sizeof(why)))
		return refuse(r, EX_USAGE, why);
	return ends ? end(r, passes, &network) : begin(r, passes, &network, args);
}

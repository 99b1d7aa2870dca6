/* SPDX-License-Identifier: BSD-2-Clause */
/* control/forget.c - each place in which a client is kept is asked to forget it. */
#include "config.h"

#include "control/forget.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/log.h"
#include "conf/conf.h"
#include "control/caches.h"
#include "control/facts.h"
#include "control/operand.h"
#include "control/status.h"
#include "lookup/quota.h"
#include "own/localstore.h"
#include "store/store.h"

#define STAYS                                                                                    \
	"the log of mail has its lines still, and so have other servers what they keep; a pass " \
	"and an entry of the list \"local\" stay until they end (see: relayguardctl pass, remove)"

struct forgotten {
	struct caches_flushed caches;
	struct store_forgotten stored;
	bool has_store, quota;
	unsigned evidence; /* rows of it that were erased, ... */
	bool evidence_left;
	const char *evidence_error; /* ... and why not all */
};

static struct forgotten
forget(const struct verbs_context *context, struct roster *roster, const struct operand *o)
{
	struct known_places places = facts_places(&context->sessions->services);
	struct store *store = context->sessions->store;
	struct forgotten f = {.has_store = store != NULL};
	char address[IPADDR_STRLEN];

	f.caches = caches_flush(&places, roster, o, true);
	f.quota = quota_forget(&o->address);
	f.evidence_left = !localstore_forget(
	    context->sessions->local_store, &o->address, &f.evidence, &f.evidence_error);
	if (f.has_store)
		store_forget(store, ipaddr_format(&o->address, address), &f.stored);
	return f;
}

/* Without the address, for the log is kept longer. */
static void
log_forgotten(const struct request *r, const struct forgotten *f)
{
	struct logline line;

	logline_event(&line, "client-forgotten");
	logline_str(&line, "by", request_who(r));
	logline_num(&line, "memory", (int64_t)f->caches.memory);
	logline_num(&line, "redis", f->caches.shared);
	logline_num(&line, "stored", f->stored.rows);
	logline_end(&line, LOG_LEVEL_INFO);
}

/* Whether all was done; else what was not, in a sentence. */
static bool
is_done(const struct forgotten *f, char *why, size_t size)
{
	if (f->caches.redis == KNOWN_DOWN)
		snprintf(why, size, "Redis does not answer: do it again");
	else if (f->stored.unwritten)
		snprintf(
		    why, size, "what waits to be stored could not be written yet: do it again");
	else if (f->stored.failed > 0)
		snprintf(why, size,
		    "of %u files of the store not all could be erased (%s): mend that, then "
		    "do it again",
		    f->stored.failed,
		    f->stored.error != NULL ? f->stored.error : "set aside as NAME.corrupt");
	else if (f->evidence_left)
		snprintf(why, size,
		    "the evidence of the list \"local\" could not be erased (%s): do it again",
		    f->evidence_error);
	else
		return true;
	return false;
}

static int
say(struct request *r, const struct forgotten *f)
{
	char why[256];

	log_forgotten(r, f);
	request_reply(r,
	    json_pack("{s:I, s:s, s:i, s:b, s:i, s:i, s:b, s:s}", "memory_facts",
		(json_int_t)f->caches.memory, "redis", caches_redis_name(f->caches.redis),
		"redis_facts", (int)f->caches.shared, "store", f->has_store, "stored_decisions",
		(int)f->stored.rows, "own_evidence", (int)f->evidence, "quota", f->quota,
		"stays", STAYS));
	if (is_done(f, why, sizeof(why)))
		return EX_OK;
	request_error(r, why);
	return EX_TEMPFAIL;
}

int
verb_forget(struct request *r, const json_t *args, void *arg)
{
	bool bad = false;
	const char *text = request_text(args, "address", &bad);
	char why[128] = "address: must be a text";
	struct conf *conf = conf_current();
	struct operand operand;
	struct forgotten f;
	int status = EX_USAGE;

	if (bad || !operand_read(&operand, conf, text, false, why, sizeof(why))) {
		request_error(r, why);
	} else {
		f = forget(arg, conf->roster, &operand);
		status = say(r, &f);
	}
	conf_unref(&conf);
	return status;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_services.c - makes a world for checks of senders, and takes it down with
 * whatever is open in it.
 */
#include "config.h"

#include "fakes/spf_services.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_spflink.h"
#include "loop/loop.h"
#include "loop/promise.h"
#include "spf/spf.h"
#include "upstream/upstream.h"

bool
spf_services_begin(struct spf_services *w)
{
	*w = (struct spf_services){.log = fopen("/dev/null", "w")};
	if (w->log == NULL || !ipaddr_parse(&w->client, "198.51.100.7"))
		return false;
	log_to_stream(w->log);
	clock_freeze(1000000, 1766300000);
	w->loop = loop_new();
	return true;
}

void
spf_services_end(struct spf_services *w)
{
	loop_free(w->loop);
	fclose(w->log);
}

void
spf_services_open(struct spf_services *w, int spawner)
{
	char server[] = "127.0.0.1", *servers[] = {server, NULL};

	w->upstream = upstream_new(w->loop);
	w->promises = promises_new(w->loop);
	w->spf = spf_new(w->loop, w->upstream, w->promises, spawner);
	upstream_configure(w->upstream, servers, NULL);
	fake_loop_turn(w->loop);
}

void
spf_services_close(struct spf_services *w)
{
	loop_stop(w->loop);
	upstream_free(w->upstream);
	spf_free(w->spf);
	promises_free(w->promises);
	fake_dns_reset();
	fake_spflink_reset();
}

void
spf_services_teach(const char *name, const char *text, enum dns_status status, int64_t after_ms)
{
	struct dns_records records = {0};
	struct dns_reply reply = {.status = status, .ttl = 300};

	if (text != NULL) {
		records.n = 1;
		records.record[0] = (struct dns_record){
		    .len = (uint16_t)strlen(text), .data = (const unsigned char *)text};
		reply.records = &records;
	}
	if (!fake_dns_teach_type(DNS_TXT, name, NULL, &reply, after_ms))
		abort();
}

struct promise *
spf_services_check(struct spf_services *w, const char *sender)
{
	return spf_check(w->spf, &w->client, "helo.example", sender, "me.example",
	    clock_ms() + SPF_SERVICES_MS, false);
}

int
spf_services_wait(struct promise **promise)
{
	int value = promise_wait(*promise, clock_ms() + SPF_SERVICES_MS, SPF_NOT_YET);

	promise_release(promise);
	return value;
}

int
spf_services_result(struct spf_services *w, const char *sender)
{
	struct promise *promise = spf_services_check(w, sender);

	return spf_services_wait(&promise);
}

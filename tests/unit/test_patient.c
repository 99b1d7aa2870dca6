/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_patient.c - the life of a list on a clock that stands: when it is tested,
 * proven, left alone, and what its standing is.
 */
#include "config.h"

#include "patient.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_redis.h"
#include "fleet.h"
#include "loop.h"
#include "upstream.h"

#include "tap.h"

#define MINUTE ((int64_t)60000)
#define EXAM "*.127.zen.example" /* two questions of an exam, of three */

static struct loop *loop;
static struct upstream *upstream;
static unsigned silences;
static const struct ipaddr client = {.bits = 32, .byte = {198, 51, 100, 1}};

/* What a list is like in a test. */
struct bed {
	struct ward ward;
	struct roster *roster;
	struct patient *patient;
	atomic_uint standing;
};

/* Proofs that came. */
static unsigned proofs[PROOF_NONE + 1];

static void
on_proof(void *arg, enum proof proof)
{
	(void)arg;
	proofs[proof]++;
}

static void
on_silent(void *arg, uint32_t id)
{
	(void)arg;
	silences += id == 7;
}

static void
teach(const char *name, enum dns_status status, uint32_t code)
{
	struct dns_reply reply = {.status = status, .ttl = 60, .n = status == DNS_FOUND};

	reply.address[0] = code;
	fake_dns_teach(name, NULL, &reply, status == DNS_TIMEOUT ? 6400 : 20);
}

static void
tell_truth(void)
{
	fake_dns_reset();
	teach("2.0.0.127.zen.example", DNS_FOUND, 0x7f000002);
}

static void
list_all(void)
{
	teach("*.2.0.192.zen.example", DNS_FOUND, 0x7f000002);
}

static void
fall_silent(void)
{
	fake_dns_reset();
	teach("*.zen.example", DNS_TIMEOUT, 0);
}

static void
make_roster(struct bed *b)
{
	struct listing *l = calloc(1, sizeof(*l));

	b->roster = roster_new();
	l->label = strdup("zen");
	l->zone = strdup("zen.example");
	l->name = strdup("Zen");
	l->id = 7;
	l->ipv4 = true;
	l->test_entry = true;
	l->standing = &b->standing;
	l->nanswers = 1;
	l->answers = calloc(1, sizeof(*l->answers));
	l->answers[0] = (struct answer){.low = 0x7f000002, .high = 0x7f000002, .score = 5};
	listing_seal(l);
	b->roster->list[b->roster->n++] = l;
}

/* A list as it is after its first seconds. */
static void
begin(struct bed *b, int64_t interval)
{
	*b = (struct bed){.ward = {.loop = loop,
			      .upstream = upstream,
			      .fleet = fleet_new(upstream),
			      .options = {interval, 2, 3, true},
			      .silent = on_silent}};
	memset(proofs, 0, sizeof(proofs));
	silences = 0;
	tell_truth();
	make_roster(b);
	b->patient = patient_new(&b->ward, "zen");
	patient_admit(b->patient, b->roster, 0);
}

static void
end(struct bed *b)
{
	patient_dismiss(b->patient);
	fake_loop_pass(loop, 10000); /* what is asked comes to its end */
	patient_free(b->patient);
	fleet_free(b->ward.fleet);
	roster_unref(&b->roster);
}

static void
is(const struct bed *b, enum standing standing, const char *label)
{
	same_num(listing_standing(b->roster->list[0]), standing, label);
}

static void
test_birth(void)
{
	struct bed b;

	begin(&b, 10 * MINUTE);
	is(&b, STANDING_NEW, "birth: nothing is known");
	same_num(patient_id(b.patient), 7, "birth: its id");
	fake_loop_pass(loop, 100);
	is(&b, STANDING_GOOD, "birth: tested at once");
	same_num(fake_dns_asked(EXAM), 2, "birth: once");
	fake_loop_pass(loop, 8 * MINUTE);
	same_num(fake_dns_asked(EXAM), 2, "birth: not again soon");
	fake_loop_pass(loop, 52 * MINUTE);
	ok(fake_dns_asked(EXAM) >= 10 && fake_dns_asked(EXAM) <= 14, "birth: %u in an hour",
	    fake_dns_asked(EXAM));
	patient_dismiss(b.patient);
	tell_truth();
	fake_loop_pass(loop, 60 * MINUTE);
	same_num(fake_dns_asked(EXAM), 0, "dismissed: left alone");
	patient_admit(b.patient, b.roster, 0);
	is(&b, STANDING_GOOD, "admitted again: it is what it was");
	fake_loop_pass(loop, 2000);
	same_num(fake_dns_asked(EXAM), 2, "admitted again: tested soon");
	end(&b);
}

static void
test_suspension(void)
{
	struct bed b;

	begin(&b, 10 * MINUTE);
	fake_loop_pass(loop, 100);
	list_all();
	patient_prove(b.patient, &client, on_proof, NULL);
	fake_loop_pass(loop, 100);
	same_num(proofs[PROOF_BAD], 1, "suspension: the proof fails");
	is(&b, STANDING_DOUBTED, "suspension: in doubt after one");
	fake_loop_pass(loop, 1100);
	is(&b, STANDING_SUSPENDED, "suspension: tested soon, and caught");
	patient_prove(b.patient, &client, on_proof, NULL);
	same_num(proofs[PROOF_BAD], 2, "suspension: a proof fails without a question");
	ok(!patient_ask(b.patient), "suspension: it is not asked");
	fake_loop_pass(loop, 60 * MINUTE);
	is(&b, STANDING_SUSPENDED, "suspension: for as long as it lies");
	tell_truth();
	fake_loop_pass(loop, 2 * MINUTE - MINUTE / 2);
	is(&b, STANDING_SUSPENDED, "suspension: one good test is not enough");
	fake_loop_pass(loop, 3 * MINUTE);
	is(&b, STANDING_RESTORED, "suspension: three are");
	ok(patient_ask(b.patient), "suspension: it is asked again");
	fake_loop_pass(loop, 60 * MINUTE);
	is(&b, STANDING_RESTORED, "restored: an hour is the life of a listing");
	fake_loop_pass(loop, 20 * MINUTE);
	is(&b, STANDING_GOOD, "restored: then all is as before");
	end(&b);
}

static void
test_flapping(void)
{
	struct bed b;

	begin(&b, 10 * MINUTE);
	fake_loop_pass(loop, 100);
	for (int i = 0; i < 3; i++) {
		is(&b, STANDING_GOOD, "flapping: believed");
		list_all();
		patient_prove(b.patient, &client, on_proof, NULL);
		fake_loop_pass(loop, 100);
		is(&b, STANDING_DOUBTED, "flapping: in doubt");
		tell_truth();
		fake_loop_pass(loop, 2000);
	}
	list_all();
	patient_prove(b.patient, &client, on_proof, NULL);
	fake_loop_pass(loop, 100);
	is(&b, STANDING_SUSPENDED, "flapping: four times in an hour are enough");
	end(&b);
}

static void
test_proof(void)
{
	struct bed b;

	begin(&b, 10 * MINUTE);
	fake_loop_pass(loop, 100);
	tell_truth();
	for (int i = 0; i < 50; i++)
		patient_prove(b.patient, &client, on_proof, NULL);
	same_num(fake_dns_asked("*.2.0.192.zen.example"), 1, "proof: one question at first");
	fake_loop_pass(loop, 100);
	same_num(fake_dns_asked("*.2.0.192.zen.example"), 2, "proof: and one after it for all");
	same_num(proofs[PROOF_GOOD], 50, "proof: all are proven");

	/* The question under way when a listing comes in is too old to prove it. */
	patient_prove(b.patient, &client, on_proof, NULL);
	list_all();
	patient_prove(b.patient, &client, on_proof, NULL);
	fake_loop_pass(loop, 100);
	ok(proofs[PROOF_GOOD] == 51 && proofs[PROOF_BAD] == 1,
	    "proof: asked after the listing");

	fall_silent();
	patient_prove(b.patient, &client, on_proof, NULL);
	fake_loop_pass(loop, 7000);
	same_num(proofs[PROOF_NONE], 1, "proof: no answer is none");
	patient_prove(b.patient, &client, on_proof, NULL);
	patient_dismiss(b.patient);
	end(&b);
	same_num(proofs[PROOF_NONE], 2, "proof: told, also when the list is gone meanwhile");
}

/* The canary's question is as good as lost: its answer comes after a minute. */
static void
test_lost_proof(enum dns_status status, unsigned bad, const char *label)
{
	struct dns_reply late = {.status = status, .ttl = 60, .n = 1, .address = {0x7f000002}};
	struct bed b;

	begin(&b, 10 * MINUTE);
	fake_loop_pass(loop, 100);
	tell_truth();
	fake_dns_teach("*.2.0.192.zen.example", NULL, &late, MINUTE);
	patient_prove(b.patient, &client, on_proof, NULL);
	fake_loop_pass(loop, 1000);
	tell_truth();
	patient_prove(b.patient, &client, on_proof, NULL);
	fake_loop_pass(loop, 7000);
	ok(proofs[PROOF_NONE] == 1, "%s: in doubt after some seconds", label);
	ok(proofs[PROOF_GOOD] == 1, "%s: the next listing has a canary of its own", label);
	is(&b, STANDING_GOOD, label);
	fake_loop_pass(loop, 52500);
	same_num(proofs[PROOF_NONE] + proofs[PROOF_GOOD] + proofs[PROOF_BAD], 2, label);
	same_num(listing_standing(b.roster->list[0]) == STANDING_DOUBTED, bad, label);
	end(&b);
}

static void
test_silence(void)
{
	struct ipaddr addr = {.bits = 32, .byte = {203, 0, 113, 1}};
	struct bed b;

	begin(&b, 10 * MINUTE);
	fake_loop_pass(loop, 100);
	fall_silent();
	for (int i = 0; i < 3; i++)
		ok(patient_ask(b.patient), "silence: not known yet");
	fake_loop_pass(loop, 2000);
	ok(!patient_ask(b.patient), "silence: left alone");
	same_num(silences, 1, "silence: told once");
	is(&b, STANDING_GOOD, "silence: no lie");
	for (int i = 0; i < 3; i++)
		patient_answer(b.patient, &addr, FACT_UNKNOWN);
	tell_truth();
	fake_loop_pass(loop, 5000);
	ok(patient_ask(b.patient), "silence: heard again within five seconds");
	patient_answer(b.patient, &addr, FACT_CLEAR);
	is(&b, STANDING_GOOD, "silence: believed as before");

	fall_silent();
	for (int i = 0; i < 3; i++)
		patient_ask(b.patient);
	fake_loop_pass(loop, 19 * MINUTE);
	is(&b, STANDING_GOOD, "silence: long");
	fake_loop_pass(loop, 2 * MINUTE);
	is(&b, STANDING_SUSPENDED, "silence: as good as dead");
	tell_truth();
	list_all();
	fake_loop_pass(loop, 10 * MINUTE);
	is(&b, STANDING_SUSPENDED, "silence: back, and lists everybody");
	tell_truth();
	fake_loop_pass(loop, 4 * MINUTE);
	is(&b, STANDING_RESTORED, "silence: back, and well");
	end(&b);
}

/* Two nodes that share a Redis: one tests, both obey. */
static void
test_fleet(void)
{
	const struct redis_options redis = {.host = (char[]){"127.0.0.1"}, .command_ms = 100};
	struct bed one, other;

	upstream_configure(upstream, NULL, &redis);
	begin(&one, 10 * MINUTE);
	begin(&other, 10 * MINUTE);
	fake_loop_pass(loop, 6000);
	is(&one, STANDING_GOOD, "fleet: one is told");
	is(&other, STANDING_GOOD, "fleet: so is the other");
	same_num(fake_dns_asked(EXAM), 2, "fleet: one of them has tested");
	fake_loop_pass(loop, 54 * MINUTE);
	ok(fake_dns_asked(EXAM) >= 8 && fake_dns_asked(EXAM) <= 20,
	    "fleet: %u questions in an hour, as for one", fake_dns_asked(EXAM));
	list_all();
	patient_prove(one.patient, &client, on_proof, NULL);
	fake_loop_pass(loop, 2000);
	is(&one, STANDING_SUSPENDED, "fleet: one has caught it");
	fake_loop_pass(loop, 6000);
	is(&other, STANDING_SUSPENDED, "fleet: the other obeys");
	tell_truth();
	fake_loop_pass(loop, 5 * MINUTE);
	is(&one, STANDING_RESTORED, "fleet: back for the one");
	is(&other, STANDING_RESTORED, "fleet: and for the other");
	fake_redis_set_mode(FAKE_REDIS_DOWN, 0);
	list_all();
	fake_loop_pass(loop, 25 * MINUTE);
	is(&one, STANDING_SUSPENDED, "fleet: without Redis each for himself, one");
	is(&other, STANDING_SUSPENDED, "fleet: without Redis each for himself, the other");
	end(&one);
	end(&other);
	fake_redis_reset();
	upstream_configure(upstream, NULL, NULL);
	fake_loop_pass(loop, 100);
}

static void
test_reborn(void)
{
	struct bed b;

	begin(&b, 10 * MINUTE);
	fake_loop_pass(loop, 100);
	fall_silent();
	for (int i = 0; i < 3; i++)
		patient_ask(b.patient);
	fake_loop_pass(loop, 3000);
	fake_dns_reset(); /* the zone is there again, and empty */
	fake_loop_pass(loop, 10000);
	is(&b, STANDING_SUSPENDED, "who comes back is tested where the first answer is wrong");
	end(&b);
}

static void
test_odd_answers(void)
{
	struct ipaddr addr = {.bits = 32, .byte = {203, 0, 113, 1}};
	struct bed b;

	begin(&b, 10 * MINUTE);
	fake_loop_pass(loop, MINUTE);
	tell_truth();
	for (int i = 0; i < 30; i++) {
		patient_answer(b.patient, &addr, FACT_ERROR);
		fake_loop_pass(loop, 1000);
	}
	ok(fake_dns_asked(EXAM) >= 4 && fake_dns_asked(EXAM) <= 8,
	    "odd answers: a test in ten seconds, not more: %u", fake_dns_asked(EXAM) / 2);
	is(&b, STANDING_GOOD, "odd answers: it passes");
	teach("*.zen.example", DNS_FOUND, 0x7ffffffe);
	teach("2.0.0.127.zen.example", DNS_FOUND, 0x7ffffffe);
	fake_loop_pass(loop, 10000);
	patient_answer(b.patient, &addr, FACT_ERROR);
	fake_loop_pass(loop, 2000);
	is(&b, STANDING_SUSPENDED, "odd answers: it does not");
	end(&b);
}

static void
test_untested(void)
{
	struct bed b;

	begin(&b, 0);
	is(&b, STANDING_GOOD, "no tests: believed");
	list_all();
	for (int i = 0; i < 10; i++) {
		patient_prove(b.patient, &client, on_proof, NULL);
		fake_loop_pass(loop, 100);
	}
	same_num(proofs[PROOF_BAD], 10, "no tests: a listing needs its proof all the same");
	is(&b, STANDING_GOOD, "no tests: nothing could bring it back, so it stays");
	fake_loop_pass(loop, 60 * MINUTE);
	same_num(fake_dns_asked(EXAM), 0, "no tests: none");
	end(&b);
}

int
main(void)
{
	loop = loop_new();
	upstream = upstream_new(loop);
	clock_freeze(1000000, 1766300000);
	upstream_configure(upstream, NULL, NULL);
	fake_loop_turn(loop);
	test_birth();
	test_suspension();
	test_flapping();
	test_proof();
	test_lost_proof(DNS_ABSENT, 0, "lost proof, good at last");
	test_lost_proof(DNS_FOUND, 1, "lost proof, a lie at last");
	test_silence();
	test_fleet();
	test_reborn();
	test_odd_answers();
	test_untested();
	fake_dns_reset();
	upstream_free(upstream);
	loop_free(loop);
	return done();
}

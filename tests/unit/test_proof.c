/* SPDX-License-Identifier: BSD-2-Clause */
/* test_proof.c - canaries that come back, too late, or never, and who waits for them. */
#include "config.h"

#include "proof.h"

#include <string.h>

#include "clock.h"
#include "fakes/fake_loop.h"
#include "loop.h"

#include "tap.h"

#define CANARIES 8

static struct loop *loop;
static struct proofs proofs;

/* Canaries sent, in order. */
static struct {
	exam_done *end;
	void *arg;
} sent[CANARIES];
static unsigned nsent, lies;
static bool can_send;

static bool
send_one(void *arg, exam_done *end, void *canary)
{
	(void)arg;
	if (!can_send || nsent == CANARIES)
		return false;
	sent[nsent].end = end;
	sent[nsent++].arg = canary;
	return true;
}

static void
on_lie(void *arg, enum exam_result result, const char *evidence)
{
	(void)arg;
	(void)result;
	(void)evidence;
	lies++;
}

static void
on_proof(void *arg, enum proof proof)
{
	char **at = arg;

	*(*at)++ = "gbn"[proof];
}

/*
 * One letter a step: w somebody wants a proof, a to h the first to eighth canary
 * finds nothing, A to H it is listed, 1 to 8 it ends without an answer, s two
 * seconds, m five milliseconds, x none can be sent any more.
 */
static const struct {
	const char *label, *steps;
	const char *told; /* g good, b bad, n none */
	unsigned sent, lies;
} rows[] = {
    {"nobody asks", "s", "", 0, 0},
    {"one", "wa", "g", 1, 0},
    {"one lie", "wA", "b", 1, 1},
    {"no answer", "w1", "n", 1, 0},
    {"the one under way is too old", "wwa", "g", 2, 0},
    {"the next does for all", "wwwwab", "gggg", 2, 0},
    {"a lie after a truth", "wwaB", "gb", 2, 1},
    {"not sent", "xw", "n", 0, 0},
    {"not sent, for those that wait", "wwwxa", "gnn", 1, 0},
    {"slow", "wsssa", "g", 1, 0},
    {"lost", "wssss", "n", 1, 0},
    {"lost, and others do not wait for it", "wwwsssbs", "ggn", 2, 0},
    {"all are lost", "wwssssssss", "nn", 2, 0},
    {"late, and good", "wssssa", "n", 1, 0},
    {"late, and a lie", "wssssA", "n", 1, 1},
    {"late, while another is under way", "wsssswab", "ng", 2, 0},
    {"late, after another", "wsssswba", "ng", 2, 0},
    {"patience is of each by itself", "wsswssb", "ng", 2, 0},
    {"soon, although one is under way", "wwmb", "g", 2, 0},
    {"soon, and both are back", "wwmba", "gg", 2, 0},
    {"soon, for all who came meanwhile", "wwwwmb", "ggg", 2, 0},
    {"soon, and again", "wwmwmcba", "ggg", 3, 0},
    {"soon, one lost", "wwmsb", "g", 2, 0},
    {"soon, a lie of the second", "wwmBa", "bg", 2, 1},
    {"none is sent for nobody", "wamm", "g", 1, 0},
    {"back before it was hasty", "wwabm", "gg", 2, 0},
};

static void
step(char letter, char **told)
{
	unsigned n = letter >= 'a' ? (unsigned)(letter - 'a')
	    : letter >= 'A'        ? (unsigned)(letter - 'A')
				   : (unsigned)(letter - '1');

	if (letter == 'w')
		proofs_want(&proofs, on_proof, told);
	else if (letter == 's' || letter == 'm')
		fake_loop_pass(loop, letter == 's' ? 2000 : 5);
	else if (letter == 'x')
		can_send = false;
	else if (n < nsent)
		sent[n].end(sent[n].arg,
		    letter >= 'a'       ? EXAM_GOOD
			: letter >= 'A' ? EXAM_LISTS_ALL
					: EXAM_SILENT,
		    "as it is");
}

int
main(void)
{
	char told[16], *end;

	loop = loop_new();
	clock_freeze(1000000, 1766300000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		nsent = lies = 0;
		can_send = true;
		end = told;
		ok(proofs_init(&proofs, loop, send_one, on_lie, NULL), "%s: a start",
		    rows[i].label);
		for (const char *s = rows[i].steps; *s != '\0'; s++)
			step(*s, &end);
		*end = '\0';
		same_str(told, rows[i].told, rows[i].label);
		same_num(nsent, rows[i].sent, rows[i].label);
		same_num(lies, rows[i].lies, rows[i].label);
		proofs_free(&proofs);
	}
	end = told;
	proofs_init(&proofs, loop, send_one, on_lie, NULL);
	can_send = true;
	nsent = 0;
	proofs_want(&proofs, on_proof, &end);
	proofs_want(&proofs, on_proof, &end);
	proofs_free(&proofs);
	*end = '\0';
	same_str(told, "nn", "the end: all are told");
	loop_free(loop);
	return done();
}

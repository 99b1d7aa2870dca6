/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replies from names, texts and URLs of any length and any bytes: URLs are whole or
 * away, and only lines that an MTA will pass on come out.
 */
#include "config.h"

#include "reply.h"

#include <stdlib.h>

#include "fakes/reply_scene.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROUNDS 4000
#define NOISE 700 /* bytes of noise, longer than any line */

/* Names of any length: the line says all of it, or less, but is never cut. */
static void
test_softened_length(void)
{
	struct scene scene, *s = scene_begin(&scene);
	char name[REPLY_LINE_MAX + 100];
	bool whole = true;

	s->verdict.softened = true;
	s->verdict.action = ACTION_DEFER;
	s->verdict.nvoices = 2;
	s->list[0].name = name;
	for (size_t len = 1; len < sizeof(name); len++) {
		size_t got;

		memset(name, 'n', len);
		name[len] = '\0';
		reply_build(&s->reply, &s->facts);
		got = strlen(s->reply.line[0]);
		whole &= got > 0 && strcmp(s->reply.line[0] + got - 6, "again.") == 0;
		if (len + 1 == sizeof(name))
			break;
	}
	ok(whole, "softened: every line has an end");
	same_str(s->reply.line[0],
	    "Mail from [198.51.100.7] is not accepted now: it is an open proxy; whether that "
	    "stands is being checked, and the mail will be tried again.",
	    "softened: a name too long is left out");
}

/* A reason too long is cut between two words, and a URL in it is not. */
static void
test_long_reason(void)
{
	static const char url[] = "https://mx.example/a-long-story";
	struct scene scene, *s = scene_begin(&scene);
	char reason[600];
	unsigned whole = 0, cut = 0, away = 0;

	for (size_t before = 300; before < 500; before++) {
		const char *line = s->reply.line[0], *at;

		memset(reason, 'w', before);
		snprintf(reason + before, sizeof(reason) - before, " %s and more words", url);
		scene_deny(s, reason);
		reply_build(&s->reply, &s->facts);
		at = strstr(line, "http");
		whole += at != NULL && strstr(line, url) == at;
		away += at == NULL;
		cut += strcmp(line + strlen(line) - 3, "...") == 0;
		if (strlen(line) >= REPLY_LINE_MAX || s->reply.n != 2)
			away = 1000;
	}
	ok(whole + away == 200 && whole > 0 && away > 0, "a URL in a reason: whole or away");
	ok(cut > 0 && cut < 200, "a reason that was cut says so");
	memset(reason, '%', sizeof(reason));
	reason[sizeof(reason) - 1] = '\0';
	scene_deny(s, reason);
	reply_build(&s->reply, &s->facts);
	same_str(s->reply.line[0],
	    "Mail from [198.51.100.7] is refused by the rules of this server: ...",
	    "a reason of one word that is too long");
}

/* What does not fit is left out as a line, and the reply still says why. */
static void
test_too_long(void)
{
	struct scene scene, *s = scene_begin(&scene);
	char text[600];

	memset(text, '%', sizeof(text));
	text[240] = '\0';
	s->list[0].removal = text;
	s->list[0].name = text;
	s->policy.exempt = s->exempt;
	s->policy.nexempt = 1;
	s->policy.text = text;
	scene_expect(s, "URL, name and text do not fit",
	    "Mail from [198.51.100.7] is refused: it is an open proxy.",
	    "Questions: postmaster@strict.example accepts mail from everybody.",
	    category_advice(CATEGORY_OPEN_PROXY), SCENE_LAST);
	text[150] = '\0';
	s->policy.text = NULL;
	s->verdict.nvoices = 2;
	memset(text, 'n', 410);
	text[410] = '\0';
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], "nnn.") != NULL, "the name fits, not how many more");
	memset(text, 'u', sizeof(text));
	text[REPLY_LINE_MAX - 1 - strlen("To be removed: ")] = '\0';
	reply_build(&s->reply, &s->facts);
	same_num(
	    (long long)strlen(s->reply.line[1]), REPLY_LINE_MAX - 1, "a URL that just fits");
	text[strlen(text)] = 'u';
	text[REPLY_LINE_MAX - strlen("To be removed: ")] = '\0';
	reply_build(&s->reply, &s->facts);
	ok(strncmp(s->reply.line[1], "Questions: ", 11) == 0, "a URL one byte too long");
}

/* Noise with a leaning towards what is special here; NULL at times. */
static char *
noise(char out[NOISE], bool may_lack)
{
	static const char *const special[] = {"%", "%{ip}", "%{list}", "%{ref}", "%{category}",
	    "%{", "\n", "\r", " ", "http://x/"};
	size_t len = (size_t)rand() % (rand() % 4 == 0 ? NOISE - 16 : 60), at = 0;

	if (may_lack && rand() % 4 == 0)
		return NULL;
	while (at < len) {
		const char *word = special[(size_t)rand() % COUNT(special)];

		if (rand() % 3 == 0) {
			memcpy(out + at, word, strlen(word));
			at += strlen(word);
		} else {
			out[at++] = (char)(rand() % 255 + 1);
		}
	}
	out[at] = '\0';
	return out;
}

static bool
line_is_clean(const char *line)
{
	size_t run = 0, len = strlen(line);

	for (size_t i = 0; i <= len; i++) {
		if (line[i] == '%') {
			run++;
			continue;
		}
		if (run % 2 != 0 || (i < len && (line[i] < 0x20 || line[i] > 0x7e)))
			return false;
		run = 0;
	}
	return len > 0 && len < REPLY_LINE_MAX;
}

static bool
reply_is_clean(const struct reply *reply)
{
	bool clean = reply->n >= 1 && reply->n <= REPLY_LINES;

	for (unsigned i = 0; clean && i < reply->n; i++)
		clean = line_is_clean(reply->line[i]);
	if (!clean)
		printf("# %u lines, the first: %s\n", reply->n, reply->line[0]);
	return clean;
}

static void
test_noise(void)
{
	char text[9][NOISE];
	unsigned clean = 0;

	srand(20);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct scene scene, *s = scene_begin(&scene);

		s->answer[0].category = (enum category)(rand() % CATEGORY_MAX);
		s->verdict.action = rand() % 2 == 0 ? ACTION_REFUSE : ACTION_DEFER;
		s->verdict.nvoices = (unsigned)(rand() % SCENE_LISTS) + 1;
		s->answer[0].name = noise(text[0], true);
		s->answer[0].text = noise(text[1], true);
		s->list[0].label = noise(text[2], false);
		s->list[0].name = noise(text[3], true);
		s->list[0].removal = noise(text[4], true);
		s->policy.text = noise(text[5], true);
		s->facts.ref = noise(text[6], false);
		s->facts.domain = noise(text[7], true);
		s->policy.exempt = s->exempt;
		s->policy.nexempt = 1;
		if (rand() % 3 == 0) {
			scene_deny(s, noise(text[8], true));
			s->verdict.action = ACTION_REFUSE;
			s->facts.deny_removal = s->list[0].removal;
		}
		memset(&s->reply, 0xff, sizeof(s->reply));
		reply_build(&s->reply, &s->facts);
		clean += reply_is_clean(&s->reply);
	}
	same_num(clean, ROUNDS, "noise in every input: each line clean, one to four of them");
}

int
main(void)
{
	test_softened_length();
	test_long_reason();
	test_too_long();
	test_noise();
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_phrases.c - the texts as they are shipped: every language is whole, and its sentences
 * are such as people read.  What is for administrators may use their words.
 */
#include "config.h"

#include "web/phrases.h"

#include <stdlib.h>

#include "tap.h"

#define LANGUAGES 8
#define MEAN_MAX 15
#define LONGEST_MAX 25
#define BEFORE_MAX 100       /* words until the first thing to do: half a minute, ... */
#define BEFORE_DENSE_MAX 120 /* ... and so many of two letters */

/* Words of the trade. */
static const char *const jargon[] = {"RBL", "MTA", "PTR", "DNSBL", "FCrDNS", "SMTP",
    "MX record", "rDNS", "HELO", "smarthost", "blocklist", "blacklist", "whitelist", "spamtrap",
    "CIDR"};

/* What sentences of a language end with. */
static const char *const ends[] = {
    ".", "!", "?", "\xe3\x80\x82", "\xef\xbc\x81", "\xef\xbc\x9f"};

struct measure {
	unsigned sentences, words, longest;
	char worst[512];
};

static bool
is_dense(const char *tag)
{
	return strcmp(tag, "zh-Hans") == 0 || strcmp(tag, "ja") == 0;
}

/* The length of a sentence's end at text; 0: there is none.  A full stop within a name or a
 * number ends nothing. */
static size_t
end_at(const char *text)
{
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t len = strlen(ends[i]);

		if (strncmp(text, ends[i], len) == 0 &&
		    (len > 1 || text[1] == '\0' || strchr(" \n)", text[1]) != NULL))
			return len;
	}
	return 0;
}

/* Words between blanks; where there are none, two letters count as one word. */
static unsigned
count_words(const char *text, size_t len, bool dense)
{
	unsigned words = 0, letters = 0;
	bool within = false;

	for (size_t i = 0; i < len; i++) {
		bool blank = text[i] == ' ' || text[i] == '\n';

		letters += !blank && ((unsigned char)text[i] & 0xc0) != 0x80;
		words += !blank && !within;
		within = !blank;
	}
	return dense ? (letters + 1) / 2 : words;
}

static void
measure(struct measure *m, const char *text, bool dense)
{
	const char *begin = text;

	for (; *text != '\0'; text++) {
		size_t end = end_at(text);
		unsigned words;

		if (*text == '\n')
			begin = text + 1; /* a heading, or a line without an end */
		if (end == 0)
			continue;
		words = count_words(begin, (size_t)(text - begin), dense);
		text += end - 1;
		m->sentences++;
		m->words += words;
		if (words > m->longest) {
			m->longest = words;
			snprintf(
			    m->worst, sizeof(m->worst), "%.*s", (int)(text - begin + 1), begin);
		}
		begin = text + 1;
	}
}

static void
check_jargon(const char *text, const char *tag, const char *key)
{
	for (size_t i = 0; i < sizeof(jargon) / sizeof(jargon[0]); i++)
		if (strstr(text, jargon[i]) != NULL)
			ok(false, "%s: %s has %s: %s", tag, key, jargon[i], text);
}

/* A text for everybody. */
static void
look_at(struct measure *m, const char *text, const char *tag, const char *key)
{
	check_jargon(text, tag, key);
	measure(m, text, is_dense(tag));
}

static void
check_language(const struct phrases *p, unsigned language, const char *tag)
{
	struct measure m = {0};

	for (unsigned w = 0; w < WORD_MAX; w++)
		look_at(
		    &m, phrases_word(p, language, (enum word)w), tag, word_key((enum word)w));
	for (unsigned t = 0; t < TOPIC_MAX; t++)
		for (unsigned part = 0; topic_has_page((enum topic)t) && part < PART_MAX;
		     part++)
			if (part != PART_ADMIN)
				look_at(&m,
				    phrases_part(p, language, (enum topic)t, (enum part)part),
				    tag, topic_name((enum topic)t));
	ok(m.sentences > 200, "%s has sentences: %u", tag, m.sentences);
	ok(m.words <= MEAN_MAX * m.sentences, "%s: mean sentence of %.1f words", tag,
	    (double)m.words / (m.sentences > 0 ? m.sentences : 1));
	ok(m.longest <= LONGEST_MAX, "%s: longest sentence of %u words: %s", tag, m.longest,
	    m.worst);
}

/* No translation may say of two topics the same, nor what English says. */
static void
check_topics(const struct phrases *p, unsigned language, const char *tag)
{
	for (unsigned t = 0; t < TOPIC_MAX; t++) {
		const char *what;

		if (!topic_has_page((enum topic)t))
			continue;
		what = phrases_part(p, language, (enum topic)t, PART_WHAT);
		for (unsigned other = 0; other < t; other++)
			if (topic_has_page((enum topic)other) &&
			    strcmp(what,
				phrases_part(p, language, (enum topic)other, PART_WHAT)) == 0)
				ok(false, "%s: %s and %s say the same", tag,
				    topic_name((enum topic)t), topic_name((enum topic)other));
		if (language != PHRASES_ENGLISH &&
		    strcmp(what, phrases_part(p, PHRASES_ENGLISH, (enum topic)t, PART_WHAT)) ==
			0)
			ok(false, "%s: %s is in English", tag, topic_name((enum topic)t));
	}
}

/* How much is read of a refusal before somebody knows what to do. */
static void
check_way(const struct phrases *p, unsigned language, const char *tag)
{
	const enum word before[] = {WORD_REFUSED_TITLE, WORD_REFUSED_LEAD, WORD_WHAT_HEAD,
	    WORD_PASS_TITLE, WORD_YOU_HEAD};
	unsigned words = 0, most = 0, worst = 0;

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		const char *text = phrases_word(p, language, before[i]);

		words += count_words(text, strlen(text), is_dense(tag));
	}
	for (unsigned t = 0; t < TOPIC_MAX; t++) {
		const char *what, *you;
		unsigned more;

		if (!topic_has_page((enum topic)t))
			continue;
		what = phrases_part(p, language, (enum topic)t, PART_WHAT);
		you = phrases_part(p, language, (enum topic)t, PART_YOU);
		more = count_words(what, strlen(what), is_dense(tag)) +
		    count_words(you, strcspn(you, "\n"), is_dense(tag));
		if (more > most) {
			most = more;
			worst = t;
		}
	}
	ok(words + most <= (is_dense(tag) ? BEFORE_DENSE_MAX : BEFORE_MAX),
	    "%s: %u words before the first thing to do, with %s", tag, words + most,
	    topic_name((enum topic)worst));
}

static void
test_measure(void)
{
	struct measure m = {0};

	measure(&m, "One two. Three 1.5 four? 198.51.100.7 is it.\nA %{time}!", false);
	same_num(m.sentences, 4, "sentences");
	same_num(m.words, 2 + 3 + 3 + 2, "words");
	same_num(m.longest, 3, "the longest");
	m = (struct measure){0};
	measure(&m, "\xe4\xbd\xa0\xe5\xa5\xbd\xe3\x80\x82\xe4\xbd\xa0\xef\xbc\x9f", true);
	same_num(m.sentences, 2, "of Chinese");
	same_num(m.words, 2, "words of two letters");
}

int
main(void)
{
	const char *srcdir = getenv("srcdir");
	const char *const *tags;
	char folder[1024], why[512] = "";
	struct phrases *p;
	unsigned n = 0;

	test_measure();
	snprintf(folder, sizeof(folder), "%s/texts", srcdir != NULL ? srcdir : ".");
	p = phrases_load(folder, why, sizeof(why));
	if (!ok(p != NULL, "the texts are good: %s", why))
		return done();
	tags = phrases_tags(p, &n);
	same_num(n, LANGUAGES, "languages");
	for (unsigned i = 0; i < n; i++) {
		check_language(p, i, tags[i]);
		check_topics(p, i, tags[i]);
		check_way(p, i, tags[i]);
	}
	ok(strlen(phrases_style(p)) > 1000 && strlen(phrases_style(p)) < 30000,
	    "the stylesheet");
	phrases_free(p);
	ok(phrases_load("/nowhere", why, sizeof(why)) == NULL &&
		strstr(why, "/nowhere") != NULL,
	    "no texts: %s", why);
	return done();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_lettercase.c - servers that change the letter case of names in their answers, now
 * and then or always, and what the log says of them.
 */
#include "config.h"

#include "dns/lettercase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "dns/dns.h"
#include "fakes/dns_check.h"

#define ROW 3   /* answers in a row that show it */
#define ASKED 8 /* questions, after those */

/* Ask for new names, one after the other; how many are found. */
static unsigned
ask(struct dns_user *u, unsigned n)
{
	static unsigned number;
	unsigned found = 0;
	char name[64];

	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "letters-%u.of-a-name.example", ++number);
		found += dns_user_ask_one(u, name).status == DNS_FOUND;
	}
	return found;
}

static void
test_always(struct loop *loop)
{
	struct dnsd *d = dnsd_start();
	struct dns_user u;

	dns_check_begin(&u, loop, d);
	dnsd_teach(d, "*", "badcase 127.0.0.2");
	same_num(ask(&u, ROW - 1), 0, "the first ones may be forged");
	same_num(ask(&u, ASKED), ASKED, "from then on it is known to do so");
	dnsd_teach(d, "*", "127.0.0.2");
	same_num(ask(&u, ASKED), ASKED, "it does so no more");
	dnsd_teach(d, "*", "badcase 127.0.0.2");
	same_num(ask(&u, ROW - 1), 0, "and is not believed if it does");
	same_num(ask(&u, ASKED), ASKED, "until it is known again");
	dns_user_end(&u);
	dnsd_stop(d);
}

/* Among others that show the contrary it is no habit. */
static void
test_sometimes(struct loop *loop)
{
	struct dnsd *d = dnsd_start();
	struct dns_user u;

	dns_check_begin(&u, loop, d);
	for (unsigned i = 0; i < ASKED; i++) {
		dnsd_teach(d, "*", "badcase 127.0.0.2");
		same_num(ask(&u, ROW - 1), 0, "now and then");
		dnsd_teach(d, "*", "127.0.0.2");
		same_num(ask(&u, 1), 1, "but not always");
	}
	dns_user_end(&u);
	dnsd_stop(d);
}

/* Over TCP it does not matter, and says nothing. */
static void
test_tcp(struct loop *loop)
{
	struct dnsd *d = dnsd_start();
	struct dns_user u;

	dns_check_begin(&u, loop, d);
	dnsd_teach(d, "*", "tc badcase 127.0.0.2");
	same_num(ask(&u, ASKED), ASKED, "over TCP");
	dns_user_end(&u);
	dnsd_stop(d);
}

static unsigned
count(const char *log, const char *text)
{
	unsigned n = 0;

	for (const char *p = log; (p = strstr(p, text)) != NULL; p++)
		n++;
	return n;
}

/* A letter an answer: e as it was asked for, f in another case. */
static void
test_rows(void)
{
	static const struct {
		const char *label, *name, *answers;
		bool believed; /* the last one */
	} rows[] = {
	    {"as asked for", "aBc.example", "e", true},
	    {"the first in another case", "aBc.example", "f", false},
	    {"the third", "aBc.example", "fff", true},
	    {"one between that shows the contrary", "aBc.example", "ffef", false},
	    {"and after it is known", "aBc.example", "fffef", false},
	    {"one without letters between shows nothing", "1.2.3", "ffef", true},
	    {"nor one with small ones alone", "abc.example", "ffef", true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct lettercase c = {0};
		bool believed = false;

		for (const char *a = rows[i].answers; *a != '\0'; a++)
			believed = lettercase_is_believed(&c, "192.0.2.1:53", rows[i].name,
			    *a == 'f' ? DNSWIRE_FOLDED : DNSWIRE_EXACT);
		same_num(believed, rows[i].believed, rows[i].label);
	}
}

int
main(void)
{
	struct loop *loop = loop_new();
	char *log = NULL;
	size_t size;
	FILE *stream = open_memstream(&log, &size);

	if (!ok(loop != NULL && stream != NULL && loop_start(loop), "the loop starts"))
		return done();
	log_to_stream(stream);
	test_rows();
	test_always(loop);
	test_sometimes(loop);
	test_tcp(loop);
	loop_stop(loop);
	loop_free(loop);
	log_to_stream(stderr);
	fclose(stream);
	same_num(count(log, "event=dns-changes-case server=127.0.0.1:"), 1, "said once");
	free(log);
	return done();
}

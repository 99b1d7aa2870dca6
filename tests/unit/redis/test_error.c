/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_rediserror.c - nothing of an error reply but a known first word is said,
 * and each word once an hour.
 */
#include "config.h"

#include "redis/error.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "tap.h"

static void
test_words(void)
{
	static const struct {
		const char *reply, *word;
	} rows[] = {
	    {"", "ERR"},
	    {" ", "ERR"},
	    {"ERR unknown command", "ERR"},
	    {"ERR", "ERR"},
	    {"NOAUTH Authentication required.", "NOAUTH"},
	    {"NOAUTHX", "ERR"},
	    {"NOAUT", "ERR"},
	    {"noauth", "ERR"},
	    {"NOAUTH\tx", "ERR"},
	    {"OOM command not allowed", "OOM"},
	    {"MOVED 3999 198.51.100.7:6381", "MOVED"},
	    {"SECRET", "ERR"},
	    {"\xff\x01\n", "ERR"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		same_str(rediserror_word(rows[i].reply), rows[i].word,
		    rows[i].reply[0] < ' ' ? "bytes" : rows[i].reply);
}

static void
test_log(void)
{
	static const struct {
		const char *label;
		int64_t wait_ms;
		const char *command, *reply, *line;
	} rows[] = {
	    {"the first", 0, "SET", "OOM secret",
		"event=redis-error server=s command=SET error=OOM\n"},
	    {"the same", 0, "SET", "OOM secret", ""},
	    {"another command", 0, "MGET", "OOM secret", ""},
	    {"another word", 0, "MGET", "LOADING secret",
		"event=redis-error server=s command=MGET error=LOADING\n"},
	    {"nearly an hour later", 3599999, "SET", "OOM secret", ""},
	    {"an hour later", 1, "SET", "OOM secret",
		"event=redis-error server=s command=SET error=OOM\n"},
	    {"and again", 0, "SET", "OOM secret", ""},
	};
	struct rediserrors errors = {{{0}}};

	clock_freeze(1000, 1766300000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = NULL;
		size_t size = 0;
		FILE *stream = open_memstream(&text, &size);

		if (stream == NULL)
			abort();
		log_to_stream(stream);
		clock_advance(rows[i].wait_ms);
		rediserror_note(&errors, "s", rows[i].command, rows[i].reply);
		log_to_stream(stderr);
		fclose(stream);
		ok(rows[i].line[0] == '\0' ? size == 0 : strstr(text, rows[i].line) != NULL,
		    "%s", rows[i].label);
		ok(strstr(text, "secret") == NULL, "%s: no more than the word", rows[i].label);
		free(text);
	}
}

int
main(void)
{
	test_words();
	test_log();
	return done();
}

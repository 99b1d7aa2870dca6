/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_log.c - log lines of whatever a client, a list or a file said: one line,
 * printable, bounded, and with the keys that we wrote and no other.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/ipaddr.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "fuzz/fuzz.h"
#include "verdict/logrecord.h"

#define FIELDS_MAX 64
#define TEXT_MAX 700
#define URL_MAX 128
#define MORE " more=..."

/* The keys of a decision, in their order. */
static const char *const record_keys[] = {"verdict", "meant", "softened", "reason", "client",
    "name", "helo", "from", "to", "policy", "score", "lists", "doubted", "suspended", "unknown",
    "cache", "note", "ms", NULL};

/* Where the value at text ends; NULL: it does not. */
static const char *
end_of_value(const char *text)
{
	if (*text != '"')
		return text + strcspn(text, " \"=");
	for (text++; *text != '"'; text++) {
		if (*text == '\\')
			text++;
		if (*text == '\0')
			return NULL;
	}
	return text + 1;
}

/* Take the next " key=value"; false at the end of the line. */
static bool
take_field(const char **at, char key[32])
{
	const char *end;
	size_t len;

	if (**at == '\0')
		return false;
	len = strcspn(*at + 1, "= ");
	MUST(**at == ' ' && len > 0 && len < 32 && (*at)[1 + len] == '=');
	snprintf(key, 32, "%.*s", (int)len, *at + 1);
	end = end_of_value(*at + 1 + len + 1);
	MUST(end != NULL);
	*at = end;
	return true;
}

/* The line in paper without what stands before its first word; whether it was cut. */
static const char *
read_line(struct paper *paper, bool *cut)
{
	char *text;
	size_t len;

	paper_read(paper);
	fuzz_check_log(paper->text);
	MUST((text = strstr(paper->text, "]: ")) != NULL);
	text += strlen("]: ");
	len = strlen(text);
	MUST(len > 0 && strchr(text, '\n') == text + len - 1);
	text[len - 1] = '\0';
	*cut = len > sizeof(MORE) && strcmp(text + len - sizeof(MORE), MORE) == 0;
	if (*cut)
		text[len - sizeof(MORE)] = '\0';
	return text;
}

static const char *
after_word(const char *line, const char *word)
{
	MUST(strncmp(line, word, strlen(word)) == 0);
	return line + strlen(word);
}

/* An event with any number of fields: the same keys, in the same order. */
static void
try_event(struct paper *paper, struct input *in)
{
	char *text[FIELDS_MAX] = {NULL}, key[32], want[32];
	struct logline line;
	unsigned n = 0, written = 0, seen = 0;
	const char *at;
	bool cut;

	logline_event(&line, "fuzz");
	for (; n < FIELDS_MAX && in->left > 0; n++) {
		uint8_t kind = input_byte(in);

		snprintf(want, sizeof(want), "k%u", written);
		if (kind % 4 == 0)
			logline_num(&line, want, (int32_t)input_number(in));
		else
			logline_str(&line, want, text[n] = input_text(in, TEXT_MAX));
		written += text[n] == NULL || text[n][0] != '\0';
	}
	logline_str(&line, "none", NULL);
	logline_end(&line, LOG_LEVEL_WARNING);
	for (at = after_word(read_line(paper, &cut), "event=fuzz"); take_field(&at, key);) {
		snprintf(want, sizeof(want), "k%u", seen++);
		MUST(strcmp(key, want) == 0);
	}
	MUST(seen == written || cut);
	for (unsigned i = 0; i < n; i++)
		free(text[i]);
}

/* A decision: keys that are known, each once and in order. */
static void
try_record(struct paper *paper, struct input *in)
{
	static const struct roster nobody;
	static struct policy policy;
	struct verdict verdict = {.reason = REASON_LISTS, .score = (int)input_byte(in)};
	uint8_t given = input_byte(in);
	char *name = input_maybe(in, given & 1, TEXT_MAX);
	char *helo = input_maybe(in, given & 2, TEXT_MAX);
	char *from = input_maybe(in, given & 4, TEXT_MAX);
	char *to = input_maybe(in, given & 8, TEXT_MAX);
	char *note = input_maybe(in, given & 16, TEXT_MAX);
	char *title = input_text(in, TEXT_MAX), key[32];
	const char *const *want = record_keys, *at;
	struct ipaddr client = {0};
	bool cut;

	policy.name = title;
	logrecord_write(&(struct logrecord){.ref = "7F3K2Q9M",
			    .client = &client,
			    .name = name,
			    .helo = helo,
			    .from = from,
			    .to = to,
			    .local_reason = note,
			    .roster = &nobody,
			    .policy = &policy,
			    .verdict = &verdict,
			    .ms = 3},
	    NULL);
	for (at = after_word(read_line(paper, &cut), "ref=7F3K2Q9M"); take_field(&at, key);
	     want++) {
		while (*want != NULL && strcmp(*want, key) != 0)
			want++;
		MUST(*want != NULL);
	}
	free(name);
	free(helo);
	free(from);
	free(to);
	free(note);
	free(title);
}

/* What goes into a URL is unreserved or %HH. */
static void
try_url(struct input *in)
{
	char *text = input_text(in, TEXT_MAX), storage[URL_MAX];
	struct strbuf url;

	strbuf_init(&url, storage, sizeof(storage));
	strbuf_add_url(&url, text);
	MUST(url.len == strlen(storage) && url.len < sizeof(storage));
	MUST(storage[strspn(storage,
		 "0123456789abcdefghijklmnopqrstuvwxyz"
		 "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~%")] == '\0');
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct paper paper;
	uint8_t which = input_byte(&in);

	paper_open(&paper);
	log_to_stream(paper.stream);
	if (which % 3 == 0)
		try_event(&paper, &in);
	else if (which % 3 == 1)
		try_record(&paper, &in);
	else
		try_url(&in);
	log_to_stream(stderr);
	paper_close(&paper);
	return 0;
}

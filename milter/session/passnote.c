/* SPDX-License-Identifier: BSD-2-Clause */
/* session/passnote.c - words with one blank between them; there is one way to write each. */
#include "config.h"

#include "session/passnote.h"

#include <inttypes.h>
#include <string.h>

#include "base/number.h"
#include "base/prefix.h"
#include "base/strbuf.h"

#define WORDS 9
#define NONE "-"
#define BY_PAGE "page"
#define WHY_SIZE 192
#define AGE_MAX ((PASS_AGAIN_MS + PASS_ABUSED_MS) / 1000) /* it was abused before its end */

enum state { GOOD, ENDED, ABUSED, STATES };

static const char *const states[STATES] = {"good", "ended", "abused"};

/* --- Writing --- */

static void
add_numbers(struct strbuf *sb, const uint32_t *set, unsigned n)
{
	strbuf_add(sb, n > 0 ? " " : " " NONE);
	for (unsigned i = 0; i < n; i++)
		strbuf_addf(sb, "%s%" PRIu32, i > 0 ? "," : "", set[i]);
}

static int64_t
seconds(int64_t ms)
{
	return ms > 0 ? ms / 1000 : 0;
}

void
passnote_write(const struct pass *pass, int64_t now, char out[PASSNOTE_SIZE])
{
	enum state state = pass->abused ? ABUSED : pass->ended ? ENDED : GOOD;
	char address[IPADDR_STRLEN];
	struct strbuf sb;

	strbuf_init(&sb, out, PASSNOTE_SIZE);
	strbuf_addf(&sb, "%s/%u %s %" PRIu64 " %" PRId64 " %" PRId64 " %s %u",
	    ipaddr_format(&pass->network.addr, address), pass->network.len, pass->domain,
	    pass->id, seconds(now - pass->again + PASS_AGAIN_MS),
	    seconds(pass->kept - now + 999), states[state], pass->abuses);
	add_numbers(&sb, pass->message, pass->messages);
	add_numbers(&sb, pass->recipient, pass->recipients);
}

/* --- Reading --- */

/* Cut a text at its blanks, in place; false: it has not that many words. */
static bool
split(char *text, char *word[WORDS])
{
	for (unsigned i = 0; i < WORDS; i++) {
		char *end = strchr(text, ' ');

		if (text[0] == '\0' || end == text || (end == NULL) != (i == WORDS - 1))
			return false;
		word[i] = text;
		if (end != NULL) {
			*end = '\0';
			text = end + 1;
		}
	}
	return true;
}

static bool
read_number(const char *text, uint64_t max, uint64_t *out)
{
	int64_t n = number_plain(&text, (int64_t)max);

	*out = (uint64_t)n;
	return n >= 0 && *text == '\0';
}

static bool
read_numbers(const char *text, unsigned max, uint32_t *set, unsigned *n)
{
	*n = 0;
	if (strcmp(text, NONE) == 0)
		return true;
	for (;; text++) {
		int64_t number = number_plain(&text, UINT32_MAX);

		if (number < 0 || *n == max)
			return false;
		set[(*n)++] = (uint32_t)number;
		if (*text != ',')
			return *text == '\0';
	}
}

/* One that the page gives passes to, and no other. */
static bool
read_network(const char *text, struct network *network)
{
	char why[WHY_SIZE];

	return prefix_parse(network, text, why, sizeof(why)) &&
	    network->len == passes_network(&network->addr).len;
}

static bool
read_domain(const char *text, char out[MAILBOX_DOMAIN_MAX + 1])
{
	for (const char *at = text; *at != '\0'; at++)
		if (*at < '!' || *at > '~')
			return false;
	return strbuf_copy(out, MAILBOX_DOMAIN_MAX + 1, text);
}

static enum state
read_state(const char *text)
{
	unsigned i = 0;

	while (i < STATES && strcmp(states[i], text) != 0)
		i++;
	return (enum state)i;
}

bool
passnote_read(struct pass *pass, const char *text, int64_t elapsed, int64_t now)
{
	char copy[PASSNOTE_SIZE], *word[WORDS];
	uint64_t age, kept, abuses;
	enum state state;
	int64_t granted;

	*pass = (struct pass){.by = BY_PAGE};
	if (!strbuf_copy(copy, sizeof(copy), text) || !split(copy, word) ||
	    (state = read_state(word[5])) == STATES)
		return false;
	if (!read_network(word[0], &pass->network) || !read_domain(word[1], pass->domain) ||
	    !read_number(word[2], PASS_IDS - 1, &pass->id) ||
	    !read_number(word[3], AGE_MAX, &age) ||
	    !read_number(word[4], PASS_ABUSED_MS / 1000, &kept) ||
	    !read_number(word[6], PASS_ABUSES, &abuses) ||
	    !read_numbers(word[7], PASS_MESSAGES, pass->message, &pass->messages) ||
	    !read_numbers(word[8], PASS_RECIPIENTS, pass->recipient, &pass->recipients))
		return false;
	granted = now - ((int64_t)age + elapsed) * 1000;
	pass->again = granted + PASS_AGAIN_MS;
	pass->until = granted + PASS_MS;
	pass->kept = now + ((int64_t)kept - elapsed) * 1000;
	pass->abuses = (unsigned)abuses;
	pass->abused = state == ABUSED;
	pass->ended = state == ENDED;
	if (state != GOOD && pass->until > now)
		pass->until = now;
	return true;
}

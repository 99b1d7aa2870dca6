/* SPDX-License-Identifier: BSD-2-Clause */
/* verdict/logitem.c - takes apart what verdict/summary.c has put together. */
#include "config.h"

#include "verdict/logitem.h"

#include <string.h>

#include "base/ascii.h"
#include "base/number.h"

#define NUMBER_MAX 1000000000

bool
slice_is(const struct slice *s, const char *word)
{
	return s->len == strlen(word) && (s->len == 0 || memcmp(s->at, word, s->len) == 0);
}

int
logitem_number(const char **at)
{
	bool minus = ascii_take(at, "-");
	int n = (int)number_read(at, NUMBER_MAX);

	if (n < 0)
		return 0;
	return minus ? -n : n;
}

/* "helo:127.0.0.2+127.0.0.9", either of which may be missing, as they stand behind a label. */
static void
split_words(struct slice words, struct logitem *item)
{
	const char *colon = memchr(words.at, ':', words.len);
	size_t len = colon != NULL ? (size_t)(colon - words.at) : words.len;

	if (ascii_is_digit(*words.at)) {
		item->codes = words;
		return;
	}
	item->role = (struct slice){words.at, len};
	if (colon != NULL)
		item->codes = (struct slice){colon + 1, words.len - len - 1};
}

bool
logitem_next(struct slice *rest, struct logitem *item)
{
	const char *comma, *star, *colon;
	size_t len, words;

	if (rest->len == 0 || *rest->at == '.')
		return false;
	comma = memchr(rest->at, ',', rest->len);
	len = words = comma != NULL ? (size_t)(comma - rest->at) : rest->len;
	colon = memchr(rest->at, ':', len);
	*item = (struct logitem){
	    .label = {rest->at, colon != NULL ? (size_t)(colon - rest->at) : len}};
	if ((star = memchr(rest->at, '*', len)) != NULL) {
		words = (size_t)(star++ - rest->at);
		item->score = logitem_number(&star);
	}
	if (colon != NULL && words > item->label.len + 1)
		split_words((struct slice){colon + 1, words - item->label.len - 1}, item);
	len += comma != NULL;
	rest->at += len;
	rest->len -= len;
	return item->label.len > 0;
}

bool
logitem_code(struct slice *codes, uint32_t *code)
{
	const char *at = codes->at, *end = codes->at + codes->len;

	if (codes->len == 0 || !number_octets(&at, 4, code) || at > end ||
	    (at < end && *at != '+'))
		return false;
	at += at < end;
	*codes = (struct slice){at, (size_t)(end - at)};
	return true;
}

bool
logitem_is(const struct logitem *item, const struct listing *list)
{
	return slice_is(&item->label, list->label) &&
	    (item->role.len > 0 ? slice_is(&item->role, role_name(list->role))
				: list->role == ROLE_ADDRESS);
}

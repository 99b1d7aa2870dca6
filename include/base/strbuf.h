/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/strbuf.h - text of bounded length in the caller's storage.  Pure.
 *
 * What does not fit is left out and remembered in cut; data always ends in NUL.
 */
#ifndef RELAYGUARD_BASE_STRBUF_H
#define RELAYGUARD_BASE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strbuf {
	char *data;
	size_t size; /* of the storage, with the NUL; at least 1 */
	size_t len;
	bool cut; /* something did not fit */
};

/* Begin an empty text in storage, which the caller keeps. */
void strbuf_init(struct strbuf *, char *storage, size_t size);

void strbuf_addc(struct strbuf *, char);
void strbuf_add(struct strbuf *, const char *);
void strbuf_addn(struct strbuf *, const char *, size_t);
void strbuf_add_num(struct strbuf *, int64_t);
void strbuf_add_code(struct strbuf *, uint32_t); /* as "127.0.0.2" */
void strbuf_addf(struct strbuf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Add text from outside as one logfmt value: as it is where it is plain, else
 * in double quotes with \" and \\ and every byte outside 0x20-0x7e as \u00HH.
 * No more than max bytes are written of it; where more follow, "..." ends it.
 */
void strbuf_add_value(struct strbuf *, const char *, size_t max);

/* Add text with every byte outside 0x20-0x7e as \u00HH: what cannot be seen may be what is
 * wrong, as a byte order mark or a no-break space is. */
void strbuf_add_visible(struct strbuf *, const char *);

/* Add text with every byte that is not unreserved (RFC 3986, 2.3) as %HH. */
void strbuf_add_url(struct strbuf *, const char *);

/* Copy a string of at most size - 1 bytes; false, and a cut copy, if it is longer. */
bool strbuf_copy(char *out, size_t size, const char *);

/* Write what is wrong, cut where it does not fit; false always, for the caller to return. */
bool strbuf_fail(char *out, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif

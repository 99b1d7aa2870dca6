/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/view.h - a page that is being written, in one language: all text becomes HTML here.
 * One thread.
 */
#ifndef RELAYGUARD_WEB_VIEW_H
#define RELAYGUARD_WEB_VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "web/phrases.h"

#define VIEW_LOCATION 80 /* bytes of a path, with its NUL */

struct view {
	FILE *out;
	const struct phrases *texts;
	unsigned language;
	bool chosen;                /* by the reader: links keep it */
	const char *path;           /* of this page, for the links to other languages */
	unsigned depth;             /* folders that the request is in; see view_path() */
	const char *slot[SLOT_MAX]; /* what fills %{name}; NULL or "": a blank stays */
	int status;                 /* of HTTP */
	char location
	    [VIEW_LOCATION]; /* with 303: where the reader goes on, relative to the first page */
};

/* The words, in the reader's language. */
const char *view_word(const struct view *, enum word);

/* Begin and end a page; the title is one of our texts. */
void view_begin(struct view *, const char *title);
void view_end(struct view *);

/* Write one of our texts as one line, with its blanks filled in; as paragraphs and lists; and
 * as a plain text with empty lines between its paragraphs, without those that name the list
 * where that is "": there is none. */
void view_line(struct view *, const char *text);
void view_block(struct view *, const char *text);
void view_lines(struct view *, const char *text);

/* An element around one line: view_tag(v, "h2", text). */
void view_tag(struct view *, const char *tag, const char *text);

/*
 * Write the path of a page of ours, which begins with /, as one relative to the request's: so
 * links are good whatever a web server in front has put before our paths.
 */
void view_path(const struct view *, FILE *, const char *path);

/* The href of a page of ours, in its quotes; of a path that is ASCII. */
void view_href(struct view *, const char *path);

/* Begin a form of that class (NULL: none) which is sent to a page of ours; the chosen language
 * goes with it. */
void view_form(struct view *, const char *css, bool post, const char *path);

/* A link to a page of ours, around one of our texts. */
void view_link(struct view *, const char *path, const char *text);

/* A row of a table, with words for its heading: a text of others, or nothing where that is
 * NULL or empty. */
void view_row(struct view *, enum word heading, const char *text);

/* A time as the daemon writes it, for people: "2026-11-28 18:40 UTC". */
void view_time(char *out, size_t size, const char *text);

#endif

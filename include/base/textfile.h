/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/textfile.h - a file that the administrator wrote, read whole after a look at
 * who else could have written or read it.  May block on files.
 */
#ifndef RELAYGUARD_BASE_TEXTFILE_H
#define RELAYGUARD_BASE_TEXTFILE_H

#include <stdbool.h>
#include <stddef.h>

enum textfile_kind {
	TEXTFILE_PLAIN, /* others may read it, but not write */
	TEXTFILE_SECRET /* others may do nothing, its group may read it */
};

/* What textfile_why() says of what may be read, but is out of the sandbox's reach. */
#define TEXTFILE_SANDBOXED "Permission denied by the sandbox, until a restart"

/*
 * Why a file or folder could not be opened, with that errno: what may be read, but
 * cannot, is out of the sandbox's reach until a restart.
 */
const char *textfile_why(const char *path, int error);

/*
 * Read a file.  The text is the caller's to free.  NULL: not a regular file,
 * not readable, with the wrong mode, holding control bytes, or too long; a
 * sentence in why.
 */
char *textfile_read(const char *path, enum textfile_kind, char *why, size_t whysize);

/*
 * Read the one line of a secret file into out, without what ends it.  False: no
 * such file, more than a line, nothing, or more than fits; a sentence in why.
 */
bool textfile_secret(const char *path, char *out, size_t size, char *why, size_t whysize);

/* Whether everybody may read a file; what cannot be looked at, nobody may. */
bool textfile_is_public(const char *path);

/*
 * Blank out the comments of a configuration text: #, two slashes, and C's.
 * False for what the parser would take amiss: a quote, comment or brace that is
 * not closed, an escape other than \" \\ \n, a ${variable}; *line gets the line and
 * why a sentence.
 */
bool textfile_strip(char *text, unsigned *line, char *why, size_t whysize);

/*
 * Blank out what begins with that word in that line of such a text, without comments: a
 * word and its value, or a section.  False: there is no such thing.
 */
bool textfile_blank(char *text, unsigned line, const char *word);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/textline.h - a file of millions of lines, read one by one.  Blocks on the file.
 */
#ifndef RELAYGUARD_BASE_TEXTLINE_H
#define RELAYGUARD_BASE_TEXTLINE_H

#include <stdio.h>

enum textline {
	TEXTLINE_READ,
	TEXTLINE_CUT,  /* the last one, without its end */
	TEXTLINE_END,  /* there is no more */
	TEXTLINE_LONG, /* it does not fit: left out */
	TEXTLINE_NUL,  /* it holds a NUL byte: left out */
	TEXTLINE_FAILED
};

/* Open a regular file that not everybody may write to.  NULL: *fault says why it cannot be. */
FILE *textline_open(const char *path, const char **fault);

/* Read a line, without its end, into that many bytes.  Of one that is left out, and has more than
 * a MiB, the rest is not read, nor anything after it: feof(3) is true then. */
enum textline textline_read(FILE *, char *line, size_t size);

#endif

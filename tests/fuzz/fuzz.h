/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz.h - what the fuzz targets share.  A target is one function; libFuzzer
 * calls it with inputs it makes up, replay.c with those that are kept.
 */
#ifndef RELAYGUARD_FUZZ_H
#define RELAYGUARD_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The target: 0, or it does not return. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input is; asserts are for the code under test. */
#define MUST(holds) ((holds) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #holds))

void fuzz_broken(const char *file, int line, const char *what) __attribute__((noreturn));

/* An input as a row of values; past its end all are zero or empty. */
struct input {
	const uint8_t *at;
	size_t left;
};

uint8_t input_byte(struct input *);
uint32_t input_number(struct input *); /* four bytes, the highest first */

/*
 * The bytes up to a NUL, which is taken too, at most max of them; to be freed.
 * The block ends with the text's own NUL, so that no reader goes past it unseen.
 */
char *input_text(struct input *, size_t max);

/* The same, or NULL where no bit of the mask is set. */
char *input_maybe(struct input *, unsigned mask, size_t max);

/*
 * A copy of so many bytes, at least one, without a NUL behind it; to be freed.
 */
void *fuzz_copy(const void *data, size_t size);

/*
 * Write a file of that name into a directory of this process, which is removed
 * at its end.  Its path is good until the next call.
 */
const char *fuzz_file(const char *name, const void *data, size_t size);

/* Text that is written to a stream and then looked at. */
struct paper {
	FILE *stream;
	char *text;
	size_t len;
};

void paper_open(struct paper *);

/* Whatever was written is now in text. */
void paper_read(struct paper *);
void paper_close(struct paper *);

/* Whether all of text is 0x20-0x7e. */
bool fuzz_printable(const char *text);

/* A text that an MTA passes on as it is: printable, and each run of % even. */
bool fuzz_is_reply_line(const char *text);

/* All lines of a log: printable, bounded, each of them ours. */
void fuzz_check_log(const char *text);

#endif

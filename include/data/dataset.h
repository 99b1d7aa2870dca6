/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/dataset.h - the lines of a data set, as rbldnsd has them (rbldnsd(8), DATASET TYPES AND
 * FORMATS), and of plain lists of networks.  Pure; of texts of records nothing is read.
 */
#ifndef RELAYGUARD_DATA_DATASET_H
#define RELAYGUARD_DATA_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "data/dataformat.h"
#include "data/ip4text.h"

#define DATA_CODE_DEFAULT 0x7f000002U /* 127.0.0.2: of what has no code of its own */

enum data_kind { DATA_RANGE, DATA_NETWORK, DATA_NAME };

/* What a line has to say. */
struct data_entry {
	enum data_kind kind;
	struct ip4range range;  /* DATA_RANGE */
	struct network network; /* DATA_NETWORK: of IPv6 */
	/* DATA_NAME: the name, or what is below it, or both; in lower case, without a last dot; it
	 * is good until the sink returns */
	const char *name;
	bool itself, below;
	bool excluded; /* it is not listed, whatever holds it: without a code */
	bool common;   /* its code is that of the whole set, known at its end */
	uint32_t code; /* not 0 */
};

/* Who gets what is read.  Each returns false where it cannot go on: memory is out. */
struct dataset_sink {
	bool (*begin)(void *arg, enum data_format); /* a set, or a section of one */
	bool (*entry)(void *arg, const struct data_entry *);
	bool (*end)(void *arg, uint32_t common); /* with the code that entries have in common */
	void (*skip)(void *arg, const char *why); /* the line is left out */
	void *arg;
};

struct dataset_reader;

/*
 * Begin to read a set in that format; of a combined one the sections of that subzone, or of the
 * base, which is NULL.  The sink and the text are borrowed; now in clock_wall().  NULL: memory
 * is out.
 */
struct dataset_reader *dataset_reader_new(
    enum data_format, const char *subzone, const struct dataset_sink *, int64_t now);
void dataset_reader_free(struct dataset_reader *);

/* Another file of the set begins: what had been said for the rest of a file is over. */
bool dataset_reader_file(struct dataset_reader *);

/*
 * Read a line without its end, which is changed; DOS ends one with a CR, too.  False: the set cannot be read; *why says why,
 * and is NULL where it is the sink that could not go on.
 */
bool dataset_reader_line(struct dataset_reader *, char *text, const char **why);

/* End the set.  False: the sink could not go on. */
bool dataset_reader_end(struct dataset_reader *);

/* When the set was made, and when it is over, by its own word, in clock_wall(); 0: it has none. */
int64_t dataset_reader_made(const struct dataset_reader *);
int64_t dataset_reader_expires(const struct dataset_reader *);

/* How many networks its last line says that it has; -1: none does. */
int64_t dataset_reader_records(const struct dataset_reader *);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data_ask.c - what data sets say:
 *
 *	data-ask [-z SUBZONE] FORMAT:FILE,FILE... < subjects
 *
 * For each line of the standard input, which is an address, or a name with "n " in front, a
 * line of codes.  Lines that are left out, and then how many entries there are, what they take
 * and what it took to read them, go to the standard error.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "data/datalist.h"

#define SUBJECT_MAX 512

static _Noreturn void
give_up(const char *why)
{
	fprintf(stderr, "data-ask: %s\n", why);
	exit(EX_DATAERR);
}

static void
complain(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	(void)arg;
	fprintf(stderr, "%s:%u: %s%s\n", file, line, why, fatal ? " (fatal)" : "");
}

/* Take a source apart, which is changed. */
static struct data_source
parse_source(char *text, const char *subzone)
{
	struct data_source source = {.subzone = subzone};
	char *files = strchr(text, ':'), *left = NULL;

	if (files == NULL)
		give_up("no FORMAT:FILE");
	*files++ = '\0';
	if ((source.format = data_format_parse(text)) == DATA_FORMATS)
		give_up("no such format");
	for (char *file = strtok_r(files, ",", &left); file != NULL;
	     file = strtok_r(NULL, ",", &left)) {
		if (source.nfiles == DATA_FILES_MAX)
			give_up("too many files");
		source.file[source.nfiles++] = file;
	}
	if (source.nfiles == 0)
		give_up("no file");
	return source;
}

static void
answer(const struct datalist *list, const char *subject)
{
	struct codeset codes;
	struct ipaddr addr;

	if (strncmp(subject, "n ", 2) == 0)
		datalist_find_name(list, subject + 2, &codes);
	else if (ipaddr_parse(&addr, subject))
		datalist_find(list, &addr, &codes);
	else
		give_up("no address");
	for (unsigned i = 0; i < codes.n; i++)
		printf("%s%u.%u.%u.%u", i > 0 ? " " : "", codes.code[i] >> 24,
		    codes.code[i] >> 16 & 255, codes.code[i] >> 8 & 255, codes.code[i] & 255);
	putchar('\n');
}

int
main(int argc, char **argv)
{
	struct datalist *list = datalist_new();
	const char *subzone = NULL;
	char subject[SUBJECT_MAX];
	struct data_reading reading;
	bool cut = false;
	int option;

	while ((option = getopt(argc, argv, "z:")) != -1) {
		if (option != 'z')
			return EX_USAGE;
		subzone = optarg;
	}
	if (list == NULL)
		give_up("out of memory");
	for (int i = optind; i < argc; i++) {
		struct data_source source = parse_source(argv[i], subzone);

		if (!datalist_read(list, &source, clock_wall(), complain, NULL, &reading))
			give_up("cannot be read");
		cut |= reading.cut != NULL;
	}
	fprintf(stderr, "entries=%zu bytes=%zu cpu=%ldms cut=%d\n", datalist_count(list),
	    datalist_bytes(list), (long)(clock() / (CLOCKS_PER_SEC / 1000)), cut);
	while (fgets(subject, sizeof(subject), stdin) != NULL) {
		subject[strcspn(subject, "\n")] = '\0';
		answer(list, subject);
	}
	datalist_unref(&list);
	return EX_OK;
}

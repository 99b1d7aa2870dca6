/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench_data.c - lists whose entries are in files: how long eight of them take to load, what
 * an entry takes of memory, and how long an address is looked up in one, and in all of them.
 * Prints a line of JSON, and judges nothing.
 *
 *	bench_data write FOLDER ENTRIES NAMES
 *	bench_data load FOLDER
 *
 * The files are ip4sets, bl1.example to bl8.example, which have so many entries together, and
 * names.example, a dnset.  All addresses are from 32.0.0.0 to 95.255.255.255, where no client
 * of a measurement is, and none that nobody has; those of crowd.h who are on a list are on
 * the first two.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/ipaddr.h"
#include "crowd.h"
#include "data/datalist.h"

#define LISTS 8
#define LOOKUPS 2000000
#define LOWEST 0x20000000U
#define SPAN 0x40000000U /* so many from there on */
#define NAME_SIZE 64
#define PATH_SIZE 512

static const char head[] = "$SOA 600 ns.example admin.example 1 600 600 600 60\n"
			   "$NS 600 ns.example\n"
			   ":127.0.0.2:Listed, see http://bl.example/$\n";

static double
cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
fill_path(char path[PATH_SIZE], const char *folder, unsigned list)
{
	if (list < LISTS)
		snprintf(path, PATH_SIZE, "%s/bl%u.example", folder, list + 1);
	else
		snprintf(path, PATH_SIZE, "%s/names.example", folder);
}

/*
 * The address of an entry of a list that has count of them.  Every other list has them in
 * their order, as most have that are published; the others have not.
 */
static uint32_t
address_of(unsigned list, size_t entry, size_t count)
{
	uint32_t dice = (uint32_t)crowd_mix((uint64_t)list << 32 | entry);

	if (list % 2 != 0)
		return LOWEST + dice % SPAN;
	return LOWEST + (uint32_t)(entry * SPAN / count) + dice % (uint32_t)(SPAN / count);
}

static const char *
text_of(uint32_t addr, char text[IPADDR_STRLEN])
{
	snprintf(text, IPADDR_STRLEN, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255,
	    addr >> 8 & 255, addr & 255);
	return text;
}

/* Mostly single addresses; some networks, ranges, what is not listed, other codes. */
static void
write_entry(FILE *file, uint32_t addr, unsigned dice)
{
	char text[IPADDR_STRLEN], last[IPADDR_STRLEN];
	unsigned bits = 2 + dice % 7;

	text_of(addr, text);
	if (dice < 80) {
		fprintf(file, "%s/%u\n", text_of(addr >> bits << bits, text), 32 - bits);
	} else if (dice < 110) {
		fprintf(file, "%s-%s\n", text, text_of(addr | 1023, last));
	} else if (dice < 130) {
		fprintf(file, "!%s\n", text);
	} else if (dice < 180) {
		fprintf(file, "%s :127.0.0.%u:seen sending spam\n", text, 3 + dice % 3);
	} else {
		fprintf(file, "%s\n", text);
	}
}

/* Between five and sixteen letters, and a top-level domain; a few have a name of their own below
 * them. */
static void
write_name(FILE *file, uint64_t number)
{
	static const char *const top[] = {
	    "com", "net", "org", "info", "top", "shop", "co.uk", "de"};
	uint64_t dice = crowd_mix(number), letters = crowd_mix(dice);
	char name[NAME_SIZE];
	unsigned len = 5 + (unsigned)(dice % 12);

	for (unsigned i = 0; i < len; i++, letters /= 26)
		name[i] = (char)('a' + letters % 26);
	name[len] = '\0';
	fprintf(file, "%s%s.%s\n", dice >> 32 & 1 ? "." : "", name, top[dice >> 33 & 7]);
}

static FILE *
create(const char *folder, unsigned list)
{
	char path[PATH_SIZE];
	FILE *file;

	fill_path(path, folder, list);
	if ((file = fopen(path, "w")) == NULL)
		perror(path);
	else
		fputs(head, file);
	return file;
}

static int
write_files(const char *folder, size_t entries, size_t names)
{
	size_t each = entries / LISTS;
	FILE *file;

	for (unsigned list = 0; list < LISTS; list++) {
		if ((file = create(folder, list)) == NULL)
			return 1;
		fputs(list < 2 ? "127.0.0.2\n28.64.0.0/10\n" : "127.0.0.2\n", file);
		for (size_t i = 0; i < each; i++)
			write_entry(file, address_of(list, i, each),
			    (unsigned)(crowd_mix(i ^ list) >> 32) % 1000);
		if (fclose(file) != 0)
			return 1;
	}
	if ((file = create(folder, LISTS)) == NULL)
		return 1;
	for (size_t i = 0; i < names; i++)
		write_name(file, i);
	return fclose(file) == 0 ? 0 : 1;
}

static void
complain(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	(void)arg;
	fprintf(stderr, "%s:%u: %s\n", file, line, why);
	if (fatal)
		exit(1);
}

static struct datalist *
load(const char *folder, unsigned list)
{
	struct datalist *loaded = datalist_new();
	char path[PATH_SIZE];
	struct data_reading reading;
	const struct data_source source = {
	    .format = list < LISTS ? DATA_IP4SET : DATA_DNSET, .nfiles = 1, .file = {path}};

	fill_path(path, folder, list);
	if (loaded == NULL ||
	    !datalist_read(loaded, &source, time(NULL), complain, NULL, &reading))
		exit(1);
	return loaded;
}

/* Half of them are somewhere, the others begin an entry of some list. */
static struct ipaddr
address(uint64_t number, size_t each)
{
	uint64_t dice = crowd_mix(~number);
	uint32_t addr = LOWEST + (uint32_t)dice % SPAN;
	struct ipaddr out = {.bits = 32};

	if (dice >> 63 != 0)
		addr =
		    address_of((unsigned)(dice >> 32) % LISTS, (dice & INT32_MAX) % each, each);
	for (unsigned i = 0; i < 4; i++)
		out.byte[i] = (uint8_t)(addr >> (24 - 8 * i));
	return out;
}

/* What it takes to make the addresses, which is none of the lists' business. */
static double
without_lists(size_t each)
{
	double begin = cpu_seconds();
	unsigned sum = 0;

	for (uint64_t i = 0; i < LOOKUPS; i++)
		sum += address(i, each).byte[3];
	return sum > 0 ? cpu_seconds() - begin : 0;
}

/* Each address in one list, each time another one: all are equally far away. */
static double
in_one(struct datalist *const list[LISTS], size_t each)
{
	double begin = cpu_seconds();
	struct codeset codes;
	unsigned found = 0;

	for (uint64_t i = 0; i < LOOKUPS; i++) {
		const struct ipaddr addr = address(i, each);

		datalist_find(list[i % LISTS], &addr, &codes);
		found += codes.n > 0;
	}
	return found > 0 ? cpu_seconds() - begin : 0;
}

static double
in_all(struct datalist *const list[LISTS], size_t each, size_t *found)
{
	double begin = cpu_seconds();
	struct codeset codes;

	*found = 0;
	for (uint64_t i = 0; i < LOOKUPS; i++) {
		const struct ipaddr addr = address(i, each);
		unsigned n = 0;

		for (unsigned step = 1; step <= DATALIST_FETCH_STEPS; step++)
			for (unsigned k = 0; k < LISTS; k++)
				datalist_fetch(list[k], &addr, step);
		for (unsigned k = 0; k < LISTS; k++) {
			datalist_find(list[k], &addr, &codes);
			n += codes.n;
		}
		*found += n > 0;
	}
	return cpu_seconds() - begin;
}

static double
nanoseconds(double seconds)
{
	return seconds / LOOKUPS * 1e9;
}

static void
measure_addresses(const char *folder)
{
	struct datalist *list[LISTS];
	double begin = cpu_seconds(), loaded, bare;
	size_t entries = 0, bytes = 0, found;
	struct rusage usage;

	for (unsigned i = 0; i < LISTS; i++) {
		list[i] = load(folder, i);
		entries += datalist_count(list[i]);
		bytes += datalist_bytes(list[i]);
	}
	loaded = cpu_seconds() - begin;
	getrusage(RUSAGE_SELF, &usage);
	bare = without_lists(entries / LISTS);
	printf("{\"entries\":%zu,\"load\":%.4f,\"bytes\":%.2f,\"peak\":%ld,\"one_ns\":%.1f",
	    entries, loaded, (double)bytes / (double)entries, usage.ru_maxrss * 1024,
	    nanoseconds(in_one(list, entries / LISTS) - bare));
	printf(",\"all_ns\":%.1f", nanoseconds(in_all(list, entries / LISTS, &found) - bare));
	printf(",\"found\":%.4f", (double)found / LOOKUPS);
	for (unsigned i = 0; i < LISTS; i++)
		datalist_unref(&list[i]);
}

static void
measure_names(const char *folder)
{
	double begin = cpu_seconds();
	struct datalist *names = load(folder, LISTS);

	printf(",\"names\":%zu,\"names_load\":%.4f,\"names_bytes\":%.2f}\n",
	    datalist_count(names), cpu_seconds() - begin,
	    (double)datalist_bytes(names) / (double)datalist_count(names));
	datalist_unref(&names);
}

int
main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "write") == 0)
		return write_files(
		    argv[2], strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10));
	if (argc != 3 || strcmp(argv[1], "load") != 0) {
		fprintf(stderr,
		    "usage: bench_data write FOLDER ENTRIES NAMES\n"
		    "       bench_data load FOLDER\n");
		return 64;
	}
	measure_addresses(argv[2]);
	measure_names(argv[2]);
	return 0;
}

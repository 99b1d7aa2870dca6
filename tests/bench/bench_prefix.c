/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench_prefix.c - how long a file of random networks takes to load, what it
 * takes of memory, and how long a lookup takes.  Prints a line of JSON for IPv4
 * and one for IPv6, and judges nothing.
 *
 *	bench_prefix [NETWORKS [FILE]]
 *
 * A FILE is written instead, for a daemon to load: of IPv4 networks from
 * 128.0.0.0 up, where no client of a measurement is.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/ipaddr.h"
#include "base/prefix.h"
#include "conf/netfile.h"

#define LOOKUPS 2000000
#define SAMPLES 65536 /* addresses looked up, again and again */

static uint64_t state = 88172645463325252U;

static uint32_t
next_random(void)
{
	state = state * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(state >> 32);
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Addresses as they are in use: all over IPv4, in 2000::/8 of IPv6. */
static struct ipaddr
random_address(unsigned bits)
{
	struct ipaddr addr = {.bits = (uint8_t)bits};
	unsigned i;

	for (i = 0; i < bits / 8; i++)
		addr.byte[i] = (uint8_t)(next_random() >> 24);
	if (bits == 128)
		addr.byte[0] = 0x20;
	return addr;
}

/* Mostly hosts, or subnets of 64 bits; some wider networks around them. */
static void
write_networks(FILE *file, unsigned bits, size_t count, uint8_t first)
{
	unsigned usual = bits == 32 ? 32 : 64;
	char text[IPADDR_STRLEN];

	while (count-- > 0) {
		struct ipaddr addr = random_address(bits);
		unsigned len = next_random() % 4 != 0 ? usual : usual - next_random() % 17, i;

		addr.byte[0] |= first;
		for (i = len; i < bits; i++)
			addr.byte[i / 8] &= (uint8_t) ~(0x80U >> i % 8);
		fprintf(file, "%s/%u seen sending spam\n", ipaddr_format(&addr, text), len);
	}
}

static double
time_lookups(const struct prefix_set *set, unsigned bits, double *share)
{
	static struct ipaddr samples[SAMPLES];
	struct prefix_match match;
	size_t i, found = 0;
	double start;

	for (i = 0; i < SAMPLES; i++)
		samples[i] = random_address(bits);
	start = seconds();
	for (i = 0; i < LOOKUPS; i++)
		found += prefix_find(set, &samples[i % SAMPLES], &match);
	start = seconds() - start;
	*share = (double)found / LOOKUPS;
	return start / LOOKUPS * 1e9;
}

static int
measure(const char *path, unsigned bits)
{
	struct prefix_set *set = prefix_new();
	double start = seconds(), read, sealed, lookup, share;
	struct report *report = report_new(stderr);
	const struct place named = {path, 0};
	bool good = set != NULL && report != NULL;

	if (good) {
		netfile_read(set, path, NETLINE_DENY, &named, report);
		good = report_mistakes(report) == 0;
	}
	report_free(report);
	if (!good) {
		prefix_free(set);
		return 1;
	}
	read = seconds();
	if (!prefix_seal(set)) {
		fprintf(stderr, "memory is out\n");
		prefix_free(set);
		return 1;
	}
	sealed = seconds();
	lookup = time_lookups(set, bits, &share);
	printf("{\"networks\":%zu,\"bits\":%u,\"load\":%.4f,\"read\":%.4f,\"seal\":%.4f,"
	       "\"bytes\":%.2f,\"found\":%.4f,\"lookup_ns\":%.1f}\n",
	    prefix_count(set), bits, sealed - start, read - start, sealed - read,
	    (double)prefix_bytes(set) / (double)prefix_count(set), share, lookup);
	prefix_free(set);
	return 0;
}

static int
write_file(const char *path, size_t count)
{
	FILE *file = fopen(path, "w");

	if (file == NULL) {
		perror(path);
		return 1;
	}
	write_networks(file, 32, count, 128);
	return fclose(file) == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	int status = 0;
	unsigned bits;

	if (argc > 2)
		return write_file(argv[2], count);
	for (bits = 32; bits <= 128; bits += 96) {
		char path[] = "/tmp/bench_prefix.XXXXXX";
		int fd = mkstemp(path);
		FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

		if (file == NULL) {
			perror(path);
			return 1;
		}
		write_networks(file, bits, count, 0);
		fclose(file);
		status |= measure(path, bits);
		unlink(path);
	}
	return status;
}

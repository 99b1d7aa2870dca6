/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * draw.c - orders in which clients come.  A Zipf order is a table of sums,
 * searched by halves.
 */
#include "config.h"

#include "draw.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum order { ORDER_COLD, ORDER_LOOP, ORDER_UNIFORM, ORDER_ZIPF, ORDER_FILE };

struct draw {
	enum order order;
	unsigned listed, ipv6;
	uint64_t first, count;
	double *sum;            /* ORDER_ZIPF: the chance of all up to each */
	struct client *clients; /* ORDER_FILE */
};

static bool
read_file(struct draw *d, const char *path)
{
	FILE *file = fopen(path, "r");
	size_t room = 0;
	char line[128];

	if (file == NULL)
		return false;
	while (fgets(line, sizeof(line), file) != NULL) {
		struct client c = {.bits = strchr(line, ':') != NULL ? 128 : 32};

		line[strcspn(line, " \t\n")] = '\0';
		if (d->count == room) {
			struct client *more;

			room = room * 2 + 1024;
			more = realloc(d->clients, room * sizeof(*more));
			if (more == NULL)
				break;
			d->clients = more;
		}
		if (inet_pton(c.bits == 32 ? AF_INET : AF_INET6, line, c.byte) != 1)
			break;
		d->clients[d->count++] = c;
	}
	room = (size_t)feof(file);
	fclose(file);
	return room != 0 && d->count > 0;
}

static bool
sum_up(struct draw *d, double exponent)
{
	double total = 0;

	d->sum = calloc(d->count, sizeof(d->sum[0]));
	if (d->sum == NULL)
		return false;
	for (uint64_t i = 0; i < d->count; i++)
		d->sum[i] = total += pow((double)i + 1, -exponent);
	return true;
}

/* The numbers after the colons: a count, and perhaps the first. */
static bool
read_numbers(struct draw *d, const char *text)
{
	unsigned long long count, first = 0;
	int n = sscanf(text, "%llu:%llu", &count, &first);

	if (n < 1 || count == 0)
		return false;
	d->count = count;
	d->first = first;
	return true;
}

static bool
parse(struct draw *d, const char *spec)
{
	const char *rest = spec + strcspn(spec, ":");
	size_t word = (size_t)(rest - spec);
	char *end;

	rest += *rest == ':';
	if (strncmp(spec, "cold", word) == 0) {
		d->order = ORDER_COLD;
		d->first = strtoull(rest, &end, 10);
		return *end == '\0';
	}
	if (strncmp(spec, "file", word) == 0) {
		d->order = ORDER_FILE;
		return read_file(d, rest);
	}
	if (strncmp(spec, "zipf", word) == 0) {
		double exponent = strtod(rest, &end);

		d->order = ORDER_ZIPF;
		return *end == ':' && read_numbers(d, end + 1) && sum_up(d, exponent);
	}
	d->order = strncmp(spec, "loop", word) == 0 ? ORDER_LOOP : ORDER_UNIFORM;
	return (d->order == ORDER_LOOP || strncmp(spec, "uniform", word) == 0) &&
	    read_numbers(d, rest);
}

struct draw *
draw_new(const char *spec, unsigned listed, unsigned ipv6)
{
	struct draw *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->listed = listed;
	d->ipv6 = ipv6;
	if (parse(d, spec))
		return d;
	draw_free(d);
	return NULL;
}

void
draw_free(struct draw *d)
{
	if (d == NULL)
		return;
	free(d->sum);
	free(d->clients);
	free(d);
}

double
draw_fraction(uint64_t *dice)
{
	return (double)(crowd_mix((*dice)++) >> 11) / 9007199254740992.0;
}

static uint64_t
rank(const struct draw *d, double fraction)
{
	double wanted = fraction * d->sum[d->count - 1];
	uint64_t low = 0, high = d->count - 1;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (d->sum[middle] > wanted)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct client
draw_next(const struct draw *d, uint64_t session, uint64_t *dice)
{
	uint64_t number = session;

	switch (d->order) {
	case ORDER_FILE:
		return d->clients[session % d->count];
	case ORDER_COLD:
		break;
	case ORDER_LOOP:
		number = session % d->count;
		break;
	case ORDER_UNIFORM:
		number = (uint64_t)(draw_fraction(dice) * (double)d->count);
		break;
	case ORDER_ZIPF:
		number = rank(d, draw_fraction(dice));
		break;
	}
	return crowd_client(d->first + number, d->listed, d->ipv6);
}

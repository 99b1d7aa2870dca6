/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fetch.c - asks for a page again and again, each time by a connection of its own, as nginx
 * does; and says how often that went well, as JSON.
 *
 *	fetch PORT PATH REQUESTS AT_ONCE
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE_MAX 64
#define REQUEST_MAX 512

static struct sockaddr_in where = {.sin_family = AF_INET};
static char request[REQUEST_MAX];
static atomic_long left, good;
static atomic_llong bytes;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Bytes of an answer that is good; 0: it is none. */
static long
fetch(void)
{
	char text[32768];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	long got = 0, n;

	if (fd < 0)
		return 0;
	if (connect(fd, (const struct sockaddr *)&where, sizeof(where)) == 0 &&
	    send(fd, request, strlen(request), MSG_NOSIGNAL) > 0)
		while ((n = recv(fd, text + got, sizeof(text) - (size_t)got, 0)) > 0)
			got += n;
	close(fd);
	return got > 12 && memcmp(text, "HTTP/1.1 200", 12) == 0 ? got : 0;
}

static void *
work(void *arg)
{
	while (atomic_fetch_sub(&left, 1) > 0) {
		long n = fetch();

		atomic_fetch_add(&good, n > 0);
		atomic_fetch_add(&bytes, n);
	}
	return arg;
}

int
main(int argc, char **argv)
{
	pthread_t thread[AT_ONCE_MAX];
	long count, at_once;
	double begin, seconds;

	if (argc != 5 || (at_once = strtol(argv[4], NULL, 10)) < 1 || at_once > AT_ONCE_MAX ||
	    (count = strtol(argv[3], NULL, 10)) < 1)
		return 1;
	where.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	snprintf(request, sizeof(request),
	    "GET %s HTTP/1.1\r\nHost: mx.example\r\nAccept-Language: de, en;q=0.5\r\n"
	    "User-Agent: bench\r\nConnection: close\r\n\r\n",
	    argv[2]);
	atomic_store(&left, count);
	begin = now();
	for (long i = 0; i < at_once; i++)
		if (pthread_create(&thread[i], NULL, work, NULL) != 0)
			return 1;
	for (long i = 0; i < at_once; i++)
		pthread_join(thread[i], NULL);
	seconds = now() - begin;
	printf("{\"requests\": %ld, \"good\": %ld, \"bytes\": %lld, \"rate\": %.1f}\n", count,
	    atomic_load(&good), atomic_load(&bytes) / (count > 0 ? count : 1),
	    (double)count / seconds);
	return 0;
}

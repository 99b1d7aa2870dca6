/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bare.c - lookups with nothing round them: a socket for each client, a question
 * sent for each list, an answer read for each.  No time-outs, no retries, no
 * sharing: the floor of what a lookup costs.  Prints one line of JSON.
 *
 *	bare PORT CLIENTS AT_ONCE FIRST ZONE...
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "crowd.h"
#include "histogram.h"

#define PACKET 512

struct job {
	unsigned port, nzones;
	unsigned long clients, first;
	char **zones;
	atomic_ulong begun, answers, lost;
};

static unsigned char *
put_label(unsigned char *out, const char *text, size_t len)
{
	*out++ = (unsigned char)len;
	memcpy(out, text, len);
	return out + len;
}

/* A question for the A records of a name. */
static size_t
ask(unsigned char *out, unsigned id, const char *name)
{
	static const unsigned char head[12] = {[2] = 1, [5] = 1};
	unsigned char *at = out + sizeof(head);

	memcpy(out, head, sizeof(head));
	out[0] = (unsigned char)(id >> 8);
	out[1] = (unsigned char)id;
	while (*name != '\0') {
		size_t len = strcspn(name, ".");

		at = put_label(at, name, len);
		name += len + (name[len] == '.');
	}
	memcpy(at, "\0\0\1\0\1", 5);
	return (size_t)(at + 5 - out);
}

static int
open_socket(unsigned port)
{
	struct sockaddr_in where = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct timeval patience = {.tv_sec = 2};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&where, sizeof(where)) != 0) {
		perror("bare");
		exit(71);
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static void
look_up(struct job *job, int fd, const struct client *c)
{
	unsigned char packet[PACKET];
	char name[128];
	ssize_t n;

	for (unsigned i = 0; i < job->nzones; i++) {
		snprintf(name, sizeof(name), "%u.%u.%u.%u.%s", c->byte[3], c->byte[2],
		    c->byte[1], c->byte[0], job->zones[i]);
		(void)send(fd, packet, ask(packet, i + 1, name), 0);
	}
	for (unsigned i = 0; i < job->nzones; i++) {
		n = recv(fd, packet, sizeof(packet), 0);
		if (n < 12 || packet[0] != 0 || packet[1] == 0 || packet[1] > job->nzones)
			atomic_fetch_add(&job->lost, 1);
		else
			atomic_fetch_add(&job->answers, 1);
	}
}

static void *
run(void *arg)
{
	struct job *job = arg;
	unsigned long number;

	while ((number = atomic_fetch_add(&job->begun, 1)) < job->clients) {
		struct client c = crowd_client(job->first + number, 0, 0);
		int fd = open_socket(job->port);

		look_up(job, fd, &c);
		close(fd);
	}
	return NULL;
}

static void
print(struct job *job, int64_t began)
{
	struct rusage used;
	double cpu, seconds = (double)(now_ns() - began) / 1e9;
	unsigned long answers = atomic_load(&job->answers);

	getrusage(RUSAGE_SELF, &used);
	cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	printf("{\"lookups\":%lu,\"lost\":%lu,\"seconds\":%.6f,\"rate\":%.1f,\"cpu\":%.6f,"
	       "\"cpu_us\":%.3f}\n",
	    answers, atomic_load(&job->lost), seconds, (double)answers / seconds, cpu,
	    answers > 0 ? cpu / (double)answers * 1e6 : 0.0);
}

int
main(int argc, char **argv)
{
	static struct job job;
	unsigned at_once = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	pthread_t *threads = calloc(at_once + 1, sizeof(*threads));
	int64_t began = now_ns();

	if (argc < 6 || argc > 5 + 255 || threads == NULL) {
		fprintf(stderr, "usage: bare PORT CLIENTS AT_ONCE FIRST ZONE...\n");
		return 64;
	}
	job.port = (unsigned)strtoul(argv[1], NULL, 10);
	job.clients = strtoul(argv[2], NULL, 10);
	job.first = strtoul(argv[4], NULL, 10);
	job.zones = argv + 5;
	job.nzones = (unsigned)argc - 5;
	for (unsigned i = 0; i < at_once; i++)
		if (pthread_create(&threads[i], NULL, run, &job) != 0)
			return 71;
	for (unsigned i = 0; i < at_once; i++)
		pthread_join(threads[i], NULL);
	print(&job, began);
	free(threads);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* test_batch.c - packets that go and come together, over real sockets of loopback. */
#include "config.h"

#include "dns/batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "tap.h"

/* What has come, as "1:a 2:b ", a packet each with its length. */
static char came[256];
static struct strbuf sb;
static unsigned refused;

static void
take(void *arg, const unsigned char *packet, size_t len, bool cut)
{
	(void)arg;
	strbuf_addf(&sb, "%zu:%c%s ", len, packet[0], cut ? "-" : "");
}

static void
refuse(void *owner)
{
	refused += *(unsigned *)owner;
}

/* Two sockets, each connected with the other one. */
static void
make_pair(int fd[2])
{
	struct sockaddr_in at[2];
	socklen_t len = sizeof(at[0]);

	for (int i = 0; i < 2; i++) {
		at[i] = (struct sockaddr_in){
		    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		fd[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)bind(fd[i], (struct sockaddr *)&at[i], sizeof(at[i]));
		(void)getsockname(fd[i], (struct sockaddr *)&at[i], &len);
	}
	for (int i = 0; i < 2; i++)
		(void)connect(fd[i], (struct sockaddr *)&at[!i], sizeof(at[0]));
}

static void
add(struct dnsbatch *b, int fd, const char *text, unsigned *owner)
{
	struct dnspacket *p = &b->packet[b->n++];

	p->fd = fd;
	p->owner = owner;
	p->len = strlen(text);
	memcpy(p->data, text, p->len);
}

static const char *
received(int fd)
{
	strbuf_init(&sb, came, sizeof(came));
	while (dnsbatch_receive(fd, take, NULL) > 0)
		continue;
	return came;
}

static void
test_send(void)
{
	static struct dnsbatch b;
	static unsigned one = 1, ten = 10;
	int first[2], second[2];

	make_pair(first);
	make_pair(second);
	add(&b, first[0], "a", &one);
	add(&b, second[0], "bb", &one);
	add(&b, first[0], "ccc", &ten);
	add(&b, first[0], "d", &one);
	dnsbatch_forget(&b, &ten);
	dnsbatch_send(&b, refuse);
	same_num((long long)b.n, 0, "all of it is sent");
	same_str(received(first[1]), "1:a 1:d ", "in order, but for who was forgotten");
	same_str(received(second[1]), "2:b ", "and to each socket its own");
	same_num(refused, 0, "nothing was refused");
	ok(dnsbatch_receive(first[1], take, NULL) < 0 && errno == EAGAIN, "there is no more");
	for (int i = 0; i < 2; i++) {
		close(first[i]);
		close(second[i]);
	}
}

static void
test_refused(void)
{
	static struct dnsbatch b;
	static unsigned one = 1, ten = 10;
	int fd[2];

	make_pair(fd);
	add(&b, -1, "a", &one);
	add(&b, fd[0], "b", &one);
	add(&b, -1, "c", &ten);
	refused = 0;
	dnsbatch_send(&b, refuse);
	same_num(refused, 11, "each that cannot be sent is told");
	same_str(received(fd[1]), "1:b ", "the others are sent");
	close(fd[1]);
	add(&b, fd[0], "d", &one);
	add(&b, fd[0], "e", &one);
	refused = 0;
	dnsbatch_send(&b, refuse);
	same_num(refused, 0, "an error of one that was sent before is not that of the next");
	close(fd[0]);
}

static void
test_receive(void)
{
	static const char large[5000] = "x";
	int fd[2];

	make_pair(fd);
	for (int i = 0; i < DNSBATCH_RECEIVED + 1; i++)
		(void)!send(fd[0], "y", 1, 0);
	strbuf_init(&sb, came, sizeof(came));
	same_num(dnsbatch_receive(fd[1], take, NULL), DNSBATCH_RECEIVED, "as many as may be");
	same_num(dnsbatch_receive(fd[1], take, NULL), 1, "and the rest");
	(void)!send(fd[0], large, sizeof(large), 0);
	same_str(received(fd[1]), "4096:x- ", "one that is too large is cut");
	close(fd[0]);
	close(fd[1]);
}

int
main(void)
{
	test_send();
	test_refused();
	test_receive();
	return done();
}

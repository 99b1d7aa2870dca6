/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "fakes/heldport.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <unistd.h>

/* A port that is free for UDP may be somebody's for TCP. */
#define TRIES 20

/* Let others share its port.  A free port is asked for without: else it can be one that
 * another test shares. */
static void
share(int fd)
{
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
}

/* Bound to the port, or to a free one if it is 0; -1: it cannot be. */
static int
bind_socket(int type, uint16_t port, bool shared)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (shared)
		share(fd);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	close(fd);
	return -1;
}

int
heldport_socket(const struct heldport *p, int type)
{
	return bind_socket(type, p->port, true);
}

/* A socket of UDP that has a peer hears nobody else: as it is its own, nobody. */
static bool
connect_to_itself(struct heldport *p)
{
	struct sockaddr_in sa;
	socklen_t size = sizeof(sa);

	if (getsockname(p->udp, (struct sockaddr *)&sa, &size) != 0)
		return false;
	p->port = ntohs(sa.sin_port);
	return connect(p->udp, (const struct sockaddr *)&sa, size) == 0;
}

bool
heldport_take(struct heldport *p)
{
	for (int i = 0; i < TRIES; i++) {
		*p = (struct heldport){.udp = bind_socket(SOCK_DGRAM, 0, false), .tcp = -1};
		if (p->udp >= 0 && connect_to_itself(p))
			p->tcp = bind_socket(SOCK_STREAM, p->port, false);
		if (p->tcp >= 0) {
			share(p->udp);
			share(p->tcp);
			return true;
		}
		heldport_release(p);
	}
	return false;
}

void
heldport_release(struct heldport *p)
{
	if (p->udp >= 0)
		close(p->udp);
	if (p->tcp >= 0)
		close(p->tcp);
	p->udp = p->tcp = -1;
}

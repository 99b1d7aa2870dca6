/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/wire.h - what the daemon and the process that evaluates sender policies say
 * to each other, each message one packet of a SOCK_SEQPACKET socket.
 * Pure.
 *
 *	daemon: CHECK                      worker: ASK
 *	daemon: ANSWER                     worker: ASK or RESULT
 *
 * Nothing else is in order.  Either side may have been taken over: what is not
 * exactly one of these messages is none.
 */
#ifndef RELAYGUARD_SPF_WIRE_H
#define RELAYGUARD_SPF_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "dns/record.h"
#include "dns/wire.h"
#include "verdict/result.h"

#define SPFWIRE_MAX (32 * 1024) /* bytes of a packet */
#define SPFWIRE_NAME_MAX 255    /* of a name or a HELO, without NUL */
#define SPFWIRE_SENDER_MAX 768  /* of a sender */
#define SPFWIRE_REASON_MAX 63   /* of a reason */

enum spf_verb { SPF_CHECK, SPF_ASK, SPF_ANSWER, SPF_RESULT, SPF_VERBS };

struct spf_check {
	struct ipaddr client; /* there is one */
	const char *helo;     /* as the client said it; no control byte; "" if it said none */
	const char *sender;   /* "local@domain", no control byte; "": the null sender */
	const char *receiver; /* our host's name, for %{r}; printable, no space, not "" */
};

struct spf_ask {
	enum dns_type type;
	const char *name; /* 1 to 255 bytes of 0x20 to 0x7e: whatever a macro made */
};

/*
 * A: 4 bytes, AAAA: 16, in network order.  MX, PTR: a name of up to 255 bytes of
 * 0x21 to 0x7e; TXT: any bytes but NUL.  There are records only where the status
 * is DNS_FOUND; cut is not sent.
 */
struct spf_answer {
	enum dns_type type; /* as it was asked for */
	enum dns_status status;
	uint32_t ttl;
	struct dns_records records;
};

struct spf_outcome {
	enum spf_result result; /* not SPF_UNCHECKED */
	const char
	    *reason; /* a word for the log, printable, nothing of the sender's; may be "" */
};

/* The number is the check's, which the daemon chooses; all that belongs to it has it. */
struct spf_message {
	enum spf_verb verb;
	uint32_t number;
	union {
		struct spf_check check;
		struct spf_ask ask;
		struct spf_answer answer;
		struct spf_outcome outcome;
	} as;
};

/*
 * Write a message into a packet; its length, or 0: it is none that could be
 * read, as a text in it is too long or has a byte that it may not have.
 */
size_t spfwire_write(unsigned char packet[SPFWIRE_MAX], const struct spf_message *);

/*
 * Read a packet.  What the message points to is in the packet; texts, and the
 * data of records that are texts, end in NUL.  False: it is no message.
 */
bool spfwire_read(struct spf_message *, const unsigned char *packet, size_t len);

#endif

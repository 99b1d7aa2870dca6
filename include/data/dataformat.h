/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/dataformat.h - the kinds of data sets, by rbldnsd's words where it has them.  Pure.
 */
#ifndef RELAYGUARD_DATA_DATAFORMAT_H
#define RELAYGUARD_DATA_DATAFORMAT_H

enum data_format {
	DATA_IP4SET,
	DATA_IP4TRIE,
	DATA_IP4TSET,
	DATA_IP6TRIE,
	DATA_IP6TSET,
	DATA_DNSET,
	DATA_GENERIC,  /* its A records */
	DATA_COMBINED, /* sections, each of them one of the above */
	DATA_CIDR,     /* a network or an address a line, or Spamhaus's objects of JSON */
	DATA_FORMATS
};

/* What the configuration and rbldnsd call a format: "ip4set". */
const char *data_format_name(enum data_format);

/* The format of that name; DATA_FORMATS: there is none. */
enum data_format data_format_parse(const char *name);

#endif

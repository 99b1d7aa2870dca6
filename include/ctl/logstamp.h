/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/logstamp.h - the time at the beginning of a line of a log: as it is written there, as if
 * it were UTC, in seconds since 1970.  Pure.
 */
#ifndef RELAYGUARD_CTL_LOGSTAMP_H
#define RELAYGUARD_CTL_LOGSTAMP_H

#include <stdint.h>

/* The stamp of a line, of RFC 3164, RFC 5424 or journalctl; 0: it has none.  One without a
 * year is of the year before now (as below), not of the day after tomorrow. */
int64_t logstamp_read(const char *line, int64_t now);

/* The time of day here, as logs have it. */
int64_t logstamp_now(void);

/* Seconds since 1970 of a day and time, 1970 to 9999; -1: there is no such time. */
int64_t logstamp_seconds(int year, int month, int day, int hour, int minute, int second);

#endif

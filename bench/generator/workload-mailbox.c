/*
 * w2: senders store messages for users who are away (store), who then all log in and fetch them (drain).
 *
 * `store` writes which message ids the server acknowledged to --ackfile; `drain` reads it and counts acknowledged
 * messages that did not come back. With --killat the server gets SIGKILL at that acknowledgement (or when the time is
 * up), so that a restart and a drain show what an acknowledgement was worth. `prep` logs every user in once, for
 * servers that queue only for sessions they have seen.
 */
#include "measure.h"
#include "options.h"
#include "workload.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_SENDER 900000
/* A drain is over when everyone is online and nothing has come for this long. */
#define QUIET_SECONDS 6

static uint8_t *acknowledged;
static uint8_t *received;
static uint64_t duplicates;
/* Acknowledged messages that came back. What was stored without us knowing comes too and must not end the drain. */
static uint64_t recovered;
static double last_event;
static int killed;

static size_t message_count(void) {
	return (size_t)options.users * options.per;
}

/* ── prep ─────────────────────────────────────────────────────────────────────────────────────────────────────── */

static int run_prepare(void) {
	double seconds = connect_users(options.base, options.users, 100);
	printf(",\"online\":%d,\"secs\":%.2f,\"per_s\":%.0f", counters.online, seconds, counters.online / seconds);
	goodbye_all();
	return 1;
}

/* ── store ────────────────────────────────────────────────────────────────────────────────────────────────────── */

/* Message g goes from sender g mod senders to user g mod users. */
static void fill_window(connection *c) {
	if (c->phase != PHASE_ONLINE) return;
	while (c->outstanding < (uint32_t)options.window && !killed) {
		uint64_t message = c->sent * options.senders + c->index;
		if (message >= message_count()) {
			if (protocol->flush_acks && c->outstanding) protocol->flush_acks(c);
			return;
		}
		c->sent++;
		uint32_t user = message % options.users;
		uint32_t id = user * options.per + message / options.users;
		char to[USER_NAME_BYTES];
		char body[BODY_MAX];
		snprintf(to, sizeof to, "u%u", options.base + user);
		size_t length = make_body(body, id, c->index);
		protocol->send(c, to, body, length, id);
		c->outstanding++;
		counters.sent++;
	}
}

static void kill_server(void) {
	killed = 1;
	kill(options.pid, SIGKILL);
}

static void on_stored(connection *c, uint32_t id) {
	acknowledged[id] = 1;
	c->outstanding--;
	last_event = now_seconds();
	if (options.killat && counters.acked >= (uint64_t)options.killat && !killed) kill_server();
	fill_window(c);
}

static void write_ackfile(void) {
	FILE *file = fopen(options.ackfile, "w");
	if (!file || fwrite(acknowledged, 1, message_count(), file) != message_count()) {
		perror(options.ackfile);
		exit(1);
	}
	fclose(file);
}

static int run_store(void) {
	acknowledged = calloc(1, message_count());
	connect_users(FIRST_SENDER, options.senders, 20);
	if (counters.online < options.senders) return 0;

	struct usage from = usage_now();
	for (int i = 0; i < options.senders; i++) fill_window(connections[i]);
	while (counters.acked < message_count() && counters.failed < options.senders) {
		if (now_seconds() >= from.at + options.seconds) {
			if (options.killat && !killed) kill_server();
			break;
		}
		pump(50);
	}
	struct usage to = usage_now();
	double rss = server_memory_mb("VmRSS");
	if (killed || counters.acked >= message_count()) to.at = last_event;
	write_ackfile();

	double seconds = to.at - from.at;
	printf(",\"sent\":%llu,\"acked\":%llu", (unsigned long long)counters.sent, (unsigned long long)counters.acked);
	printf(",\"secs\":%.2f,\"acked_per_s\":%.0f", seconds, counters.acked / seconds);
	printf(",\"srv_cpu_s_per_10k\":%.3f", killed ? 0 : server_cpu_per_10k(from, to, counters.acked));
	printf(",\"srv_cpu_pct\":%.0f", killed ? 0 : server_cpu_percent(from, to));
	printf(",\"gen_cpu_pct\":%.0f,\"rss_mb\":%.1f,\"killed\":%d", generator_cpu_percent(from, to), rss, killed);
	return 1;
}

/* ── drain ────────────────────────────────────────────────────────────────────────────────────────────────────── */

static void on_drained(connection *c, struct stamp stamp) {
	(void)c;
	last_event = now_seconds();
	if (stamp.id >= message_count()) return;
	if (received[stamp.id]) duplicates++;
	else recovered += acknowledged[stamp.id];
	received[stamp.id] = 1;
}

static uint64_t read_ackfile(void) {
	FILE *file = fopen(options.ackfile, "r");
	if (!file || fread(acknowledged, 1, message_count(), file) != message_count()) {
		fprintf(stderr, "%s is missing or short\n", options.ackfile);
		exit(1);
	}
	fclose(file);
	uint64_t expected = 0;
	for (size_t i = 0; i < message_count(); i++) expected += acknowledged[i];
	return expected;
}

static int run_drain(void) {
	acknowledged = calloc(1, message_count());
	received = calloc(1, message_count());
	uint64_t expected = read_ackfile();

	struct usage from = usage_now();
	last_event = from.at;
	double login_seconds = connect_users(options.base, options.users, options.seconds);
	double all_online = now_seconds();
	while (recovered < expected && now_seconds() < from.at + options.seconds) {
		pump(50);
		double last = last_event > all_online ? last_event : all_online;
		if (now_seconds() > last + QUIET_SECONDS) break;
	}
	struct usage to = usage_now();

	uint64_t lost = 0;
	uint64_t unacknowledged = 0;
	for (size_t i = 0; i < message_count(); i++) {
		lost += acknowledged[i] && !received[i];
		unacknowledged += received[i] && !acknowledged[i];
	}
	double seconds = last_event - from.at;
	printf(",\"acked\":%llu,\"received\":%llu", (unsigned long long)expected,
		(unsigned long long)(counters.received - duplicates));
	printf(",\"lost_acked\":%llu,\"dup\":%llu,\"unacked_but_got\":%llu", (unsigned long long)lost,
		(unsigned long long)duplicates, (unsigned long long)unacknowledged);
	printf(",\"online\":%d,\"login_s\":%.2f,\"secs\":%.2f", counters.online, login_seconds, seconds);
	printf(",\"drained_per_s\":%.0f", counters.received / (seconds + 1e-9));
	printf(",\"srv_cpu_pct\":%.0f,\"gen_cpu_pct\":%.0f", server_cpu_percent(from, to), generator_cpu_percent(from, to));
	printf(",\"rss_mb\":%.1f", server_memory_mb("VmRSS"));
	goodbye_all();
	return 1;
}

const struct workload workload_prepare = {.name = "prep", .run = run_prepare};
const struct workload workload_store = {.name = "store", .run = run_store, .acked = on_stored};
const struct workload workload_drain = {.name = "drain", .run = run_drain, .received = on_drained};

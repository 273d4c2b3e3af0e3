/* What a workload is, and what the core gives it. */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "generator.h"

/* What the first bytes of a body say. */
struct stamp {
	uint64_t sent_at; /* monotonic nanoseconds */
	uint32_t id;
	uint32_t sender; /* connection number */
};

struct workload {
	const char *name;
	/* Runs to the end and prints its JSON fields; returns 1 if it could be measured. */
	int (*run)(void);
	/* Each may be NULL. */
	void (*received)(connection *c, struct stamp stamp);
	void (*acked)(connection *c, uint32_t id);
};

extern const struct workload workload_pairs, workload_prepare, workload_store, workload_drain, workload_idle,
	workload_group;

struct counters {
	int online;
	int failed;
	int joined;
	int errors;
	uint64_t received;
	uint64_t sent;
	uint64_t acked;
	const char *failure;     /* the last one */
	const char *first_error; /* a refused message */
};
extern struct counters counters;
extern connection **connections;
extern int connection_count;
extern const struct workload *workload;
/* Latencies count only while this is set. */
extern int measuring;

/* Logs in users base..base+count-1, at most --inflight handshakes at once; returns the seconds it took. */
double connect_users(int base, int count, double limit_seconds);
/* Waits for input at most this long, handles it and flushes output. */
void pump(int milliseconds);
void pump_for(double seconds);
void goodbye_all(void);

/* Writes a stamped body of --body bytes; returns its length. */
size_t make_body(char *body, uint32_t id, uint32_t sender);
#define BODY_MAX 65536

#endif

/*
 * Neutral load generator for message servers: the interface between its core and a protocol.
 *
 * A driver turns a few verbs into its protocol (log in, send to a user, join a group, send to a group) and reports
 * back through the lg_* calls. One thread, one epoll set.
 *
 * A body starts with '@', 16 hex digits of monotonic nanoseconds, 8 of a message id and 8 of the sender's connection
 * number. It must arrive unchanged; a driver that wraps it unwraps it before lg_received.
 */
#ifndef GENERATOR_H
#define GENERATOR_H

#include <stddef.h>
#include <stdint.h>

#define DRIVER_STATE_WORDS 10
#define USER_NAME_BYTES 24

enum phase { PHASE_CONNECTING, PHASE_HANDSHAKE, PHASE_ONLINE, PHASE_CLOSED };

typedef struct connection connection;
struct connection {
	int fd;
	int index;                  /* the generator's number of this connection */
	char user[USER_NAME_BYTES]; /* account name, "u<N>" */
	enum phase phase;

	uint32_t state[DRIVER_STATE_WORDS]; /* free for the driver */
	void *driver_data;                  /* free for the driver */

	uint8_t *unparsed; /* input that the driver has not consumed yet */
	size_t unparsed_length;

	char *out; /* output not yet written to the socket */
	size_t out_length;
	size_t out_offset;
	size_t out_capacity;
	int out_queued;   /* in the list of connections to flush */
	int wants_output; /* epoll tells us when the socket is writable */

	uint32_t outstanding; /* sent, not yet delivered or acknowledged: what the window counts */
	uint64_t sent;        /* messages this connection has sent */
};

typedef struct driver {
	const char *name;
	/* TCP is up: start logging in; ends with lg_online. */
	void (*open)(connection *c);
	/* Parses input; returns how many bytes it consumed. */
	size_t (*input)(connection *c, uint8_t *bytes, size_t length);
	void (*send)(connection *c, const char *to, const char *body, size_t length, uint32_t id);
	/* Ends with lg_joined. */
	void (*join)(connection *c, const char *group);
	void (*group_send)(connection *c, const char *group, const char *body, size_t length, uint32_t id);
	/* Optional: ask the server for acknowledgements that it still owes. */
	void (*flush_acks)(connection *c);
	/* Optional: a polite goodbye. */
	void (*goodbye)(connection *c);
} driver;

extern const driver driver_xmpp, driver_mqtt, driver_raw, driver_troth;

/* Driver to core. */
void lg_write(connection *c, const void *bytes, size_t length);
void lg_printf(connection *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lg_online(connection *c);
void lg_joined(connection *c);
void lg_received(connection *c, const char *body, size_t length);
/* The server took responsibility for message `id`. */
void lg_acked(connection *c, uint32_t id);
/* The connection is of no more use. */
void lg_fail(connection *c, const char *why);
/* The connection has done its work: it is closed and stays counted as online. */
void lg_finish(connection *c);
/* A message was refused; the connection stays. */
void lg_error(connection *c, const char *why);

#endif

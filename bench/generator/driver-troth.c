/*
 * Our own protocol: WebSocket, one binary message = one Frame. Every connection logs in as a device does, by an
 * Ed25519 signature over the server's challenge. Entries are acknowledged cumulatively, as a client acknowledges them
 * after its local transaction. Conversations and memberships are seeded, so a join is done when it is asked for.
 */
#include "options.h"
#include "troth-identity.h"
#include "troth-wire.h"
#include "websocket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOGIN_LABEL "troth/v1/login"
/* bench/seed.ts seeds every conversation in this epoch. */
#define SEEDED_EPOCH 1
#define STORE_GENERATION 1
/* Cumulative acknowledgement after so many entries of one log, and always at the end of what a read brought. */
#define ACK_EVERY 16
/* Sends of one log that may wait for their answers (protocol/limits.ts allows 16). */
#define ID_RING 64
#define ANSWERED UINT32_MAX
#define NORMAL_CLOSURE 1000

/* One log as this device knows it. */
struct log {
	uint8_t id[ID_BYTES];
	char peer[USER_NAME_BYTES]; /* whom a send addresses; empty for a log that we only read */
	int is_group;
	uint32_t client_seq;       /* our last number here */
	uint32_t ids[ID_RING];     /* message ids by client_seq */
	uint32_t head;             /* last entry received */
	uint32_t unacknowledged;   /* entries received since the last Ack */
};

/* c->driver_data */
struct session {
	int upgraded;
	uint8_t device[ID_BYTES];
	struct log *logs;
	int log_count;
	int log_capacity;
	int last_log; /* where the last search ended: senders go round their logs in order */
};

static struct session *session_of(connection *c) {
	return c->driver_data;
}

static struct log *add_log(struct session *s, const uint8_t id[ID_BYTES]) {
	if (s->log_count == s->log_capacity) {
		s->log_capacity = s->log_capacity ? 2 * s->log_capacity : 1;
		s->logs = realloc(s->logs, s->log_capacity * sizeof *s->logs);
	}
	struct log *log = &s->logs[s->log_count++];
	memset(log, 0, sizeof *log);
	memcpy(log->id, id, ID_BYTES);
	return log;
}

static struct log *find_log(struct session *s, const uint8_t id[ID_BYTES]) {
	for (int i = 0; i < s->log_count; i++) {
		int at = (s->last_log + i) % s->log_count;
		if (memcmp(s->logs[at].id, id, ID_BYTES) == 0) {
			s->last_log = at;
			return &s->logs[at];
		}
	}
	return NULL;
}

static struct log *log_to(connection *c, const char *peer, int is_group) {
	struct session *s = session_of(c);
	for (int i = 0; i < s->log_count; i++) {
		int at = (s->last_log + i) % s->log_count;
		if (strcmp(s->logs[at].peer, peer) == 0) {
			s->last_log = at;
			return &s->logs[at];
		}
	}
	uint8_t id[ID_BYTES];
	if (is_group) bench_id(id, "group", peer, NULL);
	else bench_id(id, "direct", c->user, peer);
	struct log *log = find_log(s, id);
	if (!log) log = add_log(s, id);
	snprintf(log->peer, sizeof log->peer, "%s", peer);
	log->is_group = is_group;
	return log;
}

/* Writes a Frame around `body`, whose bytes are copied. */
static void write_frame(connection *c, enum frame_body kind, const uint8_t *body, size_t length) {
	static uint8_t frame[BUFSIZ + (1 << 17)];
	uint8_t *end = put_bytes(frame, kind, body, length);
	websocket_write(c, WEBSOCKET_BINARY, frame, end - frame);
}

/* ── Logging in ───────────────────────────────────────────────────────────────────────────────────────────────── */

static void troth_open(connection *c) {
	struct session *s = calloc(1, sizeof *s);
	bench_id(s->device, "device", c->user, NULL);
	c->driver_data = s;
	websocket_upgrade(c, STREAM_PATH, options.host, options.port, SUBPROTOCOL);
}

/* The bytes of a LoginStatement (identity.proto) for this challenge. */
static size_t make_statement(connection *c, const struct field *challenge, uint8_t *statement) {
	char origin[64];
	int origin_length = snprintf(origin, sizeof origin, "http://%s:%d", options.host, options.port);
	uint8_t *end = put_bytes(statement, LOGIN_CHALLENGE, challenge->bytes, challenge->length);
	end = put_bytes(end, LOGIN_DEVICE_ID, session_of(c)->device, ID_BYTES);
	end = put_bytes(end, LOGIN_ORIGIN, origin, origin_length);
	return end - statement;
}

static void handle_challenge(connection *c, struct cursor body) {
	struct field challenge;
	uint8_t covered[512] = LOGIN_LABEL;
	uint8_t signature[SIGNATURE_BYTES];
	if (next_field(&body, &challenge) != 1 || challenge.tag != CHALLENGE_CHALLENGE || challenge.length > 64) {
		lg_fail(c, "malformed challenge");
		return;
	}
	/* A signature covers label || 0x00 || statement (protocol/labels.ts). */
	uint8_t *statement = covered + sizeof LOGIN_LABEL;
	size_t statement_length = make_statement(c, &challenge, statement);
	if (!bench_sign(signature, c->user, covered, sizeof LOGIN_LABEL + statement_length)) {
		lg_fail(c, "cannot sign");
		return;
	}
	uint8_t login[512];
	uint8_t hello[768];
	uint8_t *login_end = put_bytes(login, SIGNED_STATEMENT, statement, statement_length);
	login_end = put_bytes(login_end, SIGNED_SIGNATURE, signature, sizeof signature);
	uint8_t *end = put_number(hello, HELLO_PROTOCOL_VERSION, PROTOCOL_VERSION);
	end = put_bytes(end, HELLO_LOGIN, login, login_end - login);
	end = put_bytes(end, HELLO_DEVICE_ID, session_of(c)->device, ID_BYTES);
	end = put_number(end, HELLO_GENERATION, STORE_GENERATION);
	write_frame(c, FRAME_HELLO, hello, end - hello);
}

/* ── Receiving ────────────────────────────────────────────────────────────────────────────────────────────────── */

static void acknowledge(connection *c, struct log *log) {
	uint8_t ack[ID_BYTES + 16];
	uint8_t *end = put_bytes(ack, ACK_LOG, log->id, ID_BYTES);
	end = put_number(end, ACK_SEQ, log->head);
	log->unacknowledged = 0;
	write_frame(c, FRAME_ACK, ack, end - ack);
}

static void note_received(connection *c, const uint8_t id[ID_BYTES], uint32_t seq) {
	struct session *s = session_of(c);
	struct log *log = find_log(s, id);
	if (!log) log = add_log(s, id);
	log->head = seq;
	if (++log->unacknowledged >= ACK_EVERY) acknowledge(c, log);
}

static void acknowledge_all(connection *c) {
	struct session *s = session_of(c);
	for (int i = 0; i < s->log_count; i++) {
		if (s->logs[i].unacknowledged) acknowledge(c, &s->logs[i]);
	}
}

/*
 * Our own entries come back to us as to every member. Those of a group count as a delivery, as with the echo of a
 * chat room; those of a direct conversation only get their acknowledgement.
 */
static int counts_as_delivery(struct session *s, const uint8_t *log_id, const uint8_t *sender) {
	if (memcmp(sender, s->device, ID_BYTES) != 0) return 1;
	struct log *log = find_log(s, log_id);
	return log && log->is_group;
}

static void handle_entry(connection *c, struct cursor body) {
	struct field field;
	struct field log = {0};
	struct field sender = {0};
	struct field payload = {0};
	uint32_t seq = 0;
	uint32_t kind = 0;
	while (next_field(&body, &field) == 1) {
		switch (field.tag) {
		case ENTRY_LOG:
			log = field;
			break;
		case ENTRY_SEQ:
			seq = field.number;
			break;
		case ENTRY_KIND:
			kind = field.number;
			break;
		case ENTRY_SENDER_DEVICE:
			sender = field;
			break;
		case ENTRY_PAYLOAD:
			payload = field;
			break;
		}
	}
	if (log.length != ID_BYTES) {
		lg_fail(c, "malformed entry");
		return;
	}
	note_received(c, log.bytes, seq);
	if (kind != ENTRY_KIND_MESSAGE || sender.length != ID_BYTES) return;
	size_t length;
	const uint8_t *text = private_message_body(payload.bytes, payload.length, &length);
	if (text && counts_as_delivery(session_of(c), log.bytes, sender.bytes)) lg_received(c, (const char *)text, length);
}

static void handle_send_ok(connection *c, struct cursor body) {
	struct field field;
	const uint8_t *log_id = NULL;
	uint32_t client_seq = 0;
	while (next_field(&body, &field) == 1) {
		if (field.tag == SEND_OK_LOG && field.length == ID_BYTES) log_id = field.bytes;
		if (field.tag == SEND_OK_CLIENT_SEQ) client_seq = field.number;
	}
	struct log *log = log_id ? find_log(session_of(c), log_id) : NULL;
	if (!log) {
		lg_error(c, "SendOk for an unknown log");
		return;
	}
	uint32_t *id = &log->ids[client_seq % ID_RING];
	if (*id == ANSWERED) {
		lg_error(c, "a second SendOk for one message");
		return;
	}
	uint32_t acknowledged = *id;
	*id = ANSWERED;
	lg_acked(c, acknowledged);
}

/* "code 51: client_seq is not the next number" */
static void describe_error(struct cursor body, char *text, size_t size) {
	struct field field;
	unsigned code = 0;
	struct field message = {0};
	while (next_field(&body, &field) == 1) {
		if (field.tag == ERROR_CODE) code = field.number;
		if (field.tag == ERROR_MESSAGE) message = field;
	}
	snprintf(text, size, "code %u: %.*s", code, (int)message.length, (const char *)message.bytes);
}

static void handle_send_refused(connection *c, struct cursor body) {
	struct field field;
	char text[200] = "refused without a reason";
	while (next_field(&body, &field) == 1) {
		if (field.tag != SEND_REFUSED_ERROR) continue;
		struct cursor error = {.at = field.bytes, .end = field.bytes + field.length};
		describe_error(error, text, sizeof text);
	}
	lg_error(c, text);
}

static void handle_gap(connection *c, struct cursor body) {
	struct field field;
	const uint8_t *log_id = NULL;
	uint32_t to = 0;
	while (next_field(&body, &field) == 1) {
		if (field.tag == GAP_LOG && field.length == ID_BYTES) log_id = field.bytes;
		if (field.tag == GAP_TO) to = field.number;
	}
	lg_error(c, "a gap in a log");
	if (log_id) note_received(c, log_id, to);
}

static void handle_ping(connection *c, struct cursor body) {
	struct field sent_at;
	uint8_t pong[16];
	int known = next_field(&body, &sent_at) == 1 && sent_at.tag == PING_SENT_AT;
	uint8_t *end = put_number(pong, PONG_SENT_AT, known ? sent_at.number : 0);
	write_frame(c, FRAME_PONG, pong, end - pong);
}

static void handle_frame(connection *c, const uint8_t *bytes, size_t length) {
	struct cursor cursor = {.at = bytes, .end = bytes + length};
	struct field field;
	if (next_field(&cursor, &field) != 1) {
		lg_fail(c, "malformed frame");
		return;
	}
	struct cursor body = {.at = field.bytes, .end = field.bytes + field.length};
	switch (field.tag) {
	case FRAME_CHALLENGE:
		handle_challenge(c, body);
		break;
	case FRAME_ATTACHED:
		lg_online(c);
		break;
	case FRAME_ENTRY:
		handle_entry(c, body);
		break;
	case FRAME_SEND_OK:
		handle_send_ok(c, body);
		break;
	case FRAME_SEND_REFUSED:
		handle_send_refused(c, body);
		break;
	case FRAME_GAP:
		handle_gap(c, body);
		break;
	case FRAME_PING:
		handle_ping(c, body);
		break;
	case FRAME_ERROR: {
		char text[200];
		describe_error(body, text, sizeof text);
		lg_error(c, text);
		break;
	}
	}
}

static void handle_close(connection *c, const struct websocket_frame *frame) {
	char text[200];
	int code = frame->length >= 2 ? frame->payload[0] << 8 | frame->payload[1] : 0;
	int reason_length = frame->length > 2 ? (int)frame->length - 2 : 0;
	snprintf(text, sizeof text, "closed by server: %d %.*s", code, reason_length, (const char *)frame->payload + 2);
	lg_fail(c, text);
}

static size_t troth_input(connection *c, uint8_t *bytes, size_t length) {
	size_t offset = 0;
	struct session *s = session_of(c);
	if (!s->upgraded) {
		long used = websocket_upgraded(bytes, length);
		if (used < 0) lg_fail(c, "the upgrade to WebSocket was refused");
		if (used <= 0) return 0;
		s->upgraded = 1;
		offset = used;
	}
	while (c->phase != PHASE_CLOSED) {
		struct websocket_frame frame;
		int complete = websocket_read(bytes + offset, length - offset, &frame);
		if (complete < 0) lg_fail(c, "malformed WebSocket frame");
		if (complete <= 0) break;
		offset += frame.size;
		if (frame.opcode == WEBSOCKET_BINARY) handle_frame(c, frame.payload, frame.length);
		else if (frame.opcode == WEBSOCKET_PING) websocket_write(c, WEBSOCKET_PONG, frame.payload, frame.length);
		else if (frame.opcode == WEBSOCKET_CLOSE) handle_close(c, &frame);
	}
	if (c->phase != PHASE_CLOSED) acknowledge_all(c);
	return offset;
}

/* ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────── */

static void send_to(connection *c, struct log *log, const char *body, size_t length, uint32_t id) {
	static uint8_t payload[1 << 17];
	static uint8_t send[1 << 17];
	uint32_t client_seq = ++log->client_seq;
	log->ids[client_seq % ID_RING] = id;
	uint8_t *payload_end = put_private_message(payload, log->id, SEEDED_EPOCH, client_seq, body, length);
	uint8_t *end = put_bytes(send, SEND_LOG, log->id, ID_BYTES);
	end = put_number(end, SEND_CLIENT_SEQ, client_seq);
	end = put_number(end, SEND_EPOCH, SEEDED_EPOCH);
	end = put_bytes(end, SEND_PAYLOAD, payload, payload_end - payload);
	write_frame(c, FRAME_SEND, send, end - send);
}

static void troth_send(connection *c, const char *to, const char *body, size_t length, uint32_t id) {
	send_to(c, log_to(c, to, 0), body, length, id);
}

static void troth_join(connection *c, const char *group) {
	log_to(c, group, 1);
	lg_joined(c);
}

static void troth_group_send(connection *c, const char *group, const char *body, size_t length, uint32_t id) {
	send_to(c, log_to(c, group, 1), body, length, id);
}

static void troth_goodbye(connection *c) {
	uint8_t code[] = {NORMAL_CLOSURE >> 8, NORMAL_CLOSURE & 255};
	websocket_write(c, WEBSOCKET_CLOSE, code, sizeof code);
}

const driver driver_troth = {
	.name = "troth",
	.open = troth_open,
	.input = troth_input,
	.send = troth_send,
	.join = troth_join,
	.group_send = troth_group_send,
	.goodbye = troth_goodbye,
};

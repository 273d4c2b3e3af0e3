/*
 * The frames of protocol/proto/troth/v1/stream.proto and entry.proto, written and read by hand. Field numbers stand
 * here once; a name is <message>_<field>.
 */
#ifndef TROTH_WIRE_H
#define TROTH_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define ID_BYTES 16
#define SUBPROTOCOL "troth.v1"
#define STREAM_PATH "/stream"
#define PROTOCOL_VERSION 1

enum frame_body {
	FRAME_SEND = 1,
	FRAME_SEND_OK = 2,
	FRAME_ENTRY = 3,
	FRAME_ACK = 4,
	FRAME_SEND_REFUSED = 5,
	FRAME_GAP = 6,
	FRAME_CHALLENGE = 12,
	FRAME_HELLO = 13,
	FRAME_ATTACHED = 14,
	FRAME_PING = 16,
	FRAME_PONG = 17,
	FRAME_ERROR = 18,
};

enum { CHALLENGE_CHALLENGE = 1 };
enum { SIGNED_STATEMENT = 1, SIGNED_SIGNATURE = 2 };
enum { LOGIN_CHALLENGE = 1, LOGIN_DEVICE_ID = 2, LOGIN_ORIGIN = 3 };
enum { HELLO_PROTOCOL_VERSION = 1, HELLO_LOGIN = 2, HELLO_DEVICE_ID = 3, HELLO_GENERATION = 5 };
enum { SEND_LOG = 1, SEND_CLIENT_SEQ = 2, SEND_EPOCH = 3, SEND_PAYLOAD = 4 };
enum { SEND_OK_LOG = 1, SEND_OK_CLIENT_SEQ = 2 };
enum { SEND_REFUSED_ERROR = 3 };
enum { ENTRY_LOG = 1, ENTRY_SEQ = 2, ENTRY_KIND = 4, ENTRY_SENDER_DEVICE = 6, ENTRY_PAYLOAD = 9 };
enum { ENTRY_KIND_MESSAGE = 1 };
enum { ACK_LOG = 1, ACK_SEQ = 2 };
enum { GAP_LOG = 1, GAP_TO = 3 };
enum { ERROR_CODE = 1, ERROR_MESSAGE = 2 };
enum { PING_SENT_AT = 1, PONG_SENT_AT = 1 };
enum { AUTHENTICATED_CLIENT_SEQ = 1, AUTHENTICATED_FRANKING_COMMITMENT = 2 };

/* ── Protocol buffers ─────────────────────────────────────────────────────────────────────────────────────────── */

/* One field as it was read; `bytes` and `length` for texts, bytes and messages, `number` for varints. */
struct field {
	uint32_t tag;
	uint64_t number;
	const uint8_t *bytes;
	size_t length;
};

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
};

/* Reads the next field: 1, 0 at the end, -1 if malformed. */
int next_field(struct cursor *cursor, struct field *field);

/* These return the place after what they wrote. The caller provides the room. */
uint8_t *put_number(uint8_t *at, uint32_t tag, uint64_t number);
uint8_t *put_bytes(uint8_t *at, uint32_t tag, const void *bytes, size_t length);

/* ── MLS ──────────────────────────────────────────────────────────────────────────────────────────────────────── */

/* Room for everything around the body in `put_private_message`. */
#define PRIVATE_MESSAGE_OVERHEAD 160

/*
 * An MLSMessage with an application PrivateMessage (RFC 9420 sections 6 and 6.3) whose `ciphertext` is the body as it
 * is: the server cannot tell, and the generator spends its CPU on load instead of encryption. Returns the place after.
 */
uint8_t *put_private_message(uint8_t *at, const uint8_t group[ID_BYTES], uint64_t epoch, uint32_t client_seq,
	const char *body, size_t length);
/* Finds the `ciphertext`; NULL if the payload is not such a message. */
const uint8_t *private_message_body(const uint8_t *payload, size_t length, size_t *body_length);

#endif

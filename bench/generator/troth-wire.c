#include "troth-wire.h"

#include <string.h>

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

/* ── Protocol buffers ─────────────────────────────────────────────────────────────────────────────────────────── */

static int read_varint(struct cursor *cursor, uint64_t *number) {
	*number = 0;
	for (int shift = 0; shift < 64 && cursor->at < cursor->end; shift += 7) {
		uint8_t byte = *cursor->at++;
		*number |= (uint64_t)(byte & 127) << shift;
		if (!(byte & 128)) return 1;
	}
	return 0;
}

int next_field(struct cursor *cursor, struct field *field) {
	uint64_t key;
	if (cursor->at >= cursor->end) return 0;
	if (!read_varint(cursor, &key)) return -1;
	*field = (struct field){.tag = key >> 3};
	uint64_t length;
	switch (key & 7) {
	case WIRE_VARINT:
		return read_varint(cursor, &field->number) ? 1 : -1;
	case WIRE_64:
		length = 8;
		break;
	case WIRE_32:
		length = 4;
		break;
	case WIRE_BYTES:
		if (!read_varint(cursor, &length)) return -1;
		break;
	default:
		return -1;
	}
	if (length > (uint64_t)(cursor->end - cursor->at)) return -1;
	field->bytes = cursor->at;
	field->length = length;
	cursor->at += length;
	return 1;
}

static uint8_t *put_varint(uint8_t *at, uint64_t number) {
	while (number >= 128) {
		*at++ = number | 128;
		number >>= 7;
	}
	*at++ = number;
	return at;
}

uint8_t *put_number(uint8_t *at, uint32_t tag, uint64_t number) {
	at = put_varint(at, tag << 3 | WIRE_VARINT);
	return put_varint(at, number);
}

uint8_t *put_bytes(uint8_t *at, uint32_t tag, const void *bytes, size_t length) {
	at = put_varint(at, tag << 3 | WIRE_BYTES);
	at = put_varint(at, length);
	memcpy(at, bytes, length);
	return at + length;
}

/* ── MLS ──────────────────────────────────────────────────────────────────────────────────────────────────────── */

enum { MLS_VERSION_10 = 1, WIRE_FORMAT_PRIVATE_MESSAGE = 2, CONTENT_TYPE_APPLICATION = 1 };
#define EPOCH_BYTES 8
#define FRANKING_COMMITMENT_BYTES 32
/* Leaf index, generation and reuse guard, and the tag of the AEAD. */
#define SENDER_DATA_BYTES (12 + 16)

/* RFC 9420 section 2.1.2: the length of a vector in 1, 2 or 4 bytes. */
static uint8_t *put_vector(uint8_t *at, const void *bytes, size_t length) {
	if (length < 1 << 6) {
		*at++ = length;
	} else if (length < 1 << 14) {
		*at++ = 0x40 | length >> 8;
		*at++ = length;
	} else {
		*at++ = 0x80 | length >> 24;
		*at++ = length >> 16;
		*at++ = length >> 8;
		*at++ = length;
	}
	memcpy(at, bytes, length);
	return at + length;
}

static const uint8_t *read_vector(struct cursor *cursor, size_t *length) {
	if (cursor->at >= cursor->end) return NULL;
	int digits = 1 << (*cursor->at >> 6);
	if (digits > 4 || cursor->end - cursor->at < digits) return NULL;
	size_t value = *cursor->at & 0x3F;
	for (int i = 1; i < digits; i++) value = value << 8 | cursor->at[i];
	cursor->at += digits;
	if (value > (size_t)(cursor->end - cursor->at)) return NULL;
	const uint8_t *bytes = cursor->at;
	cursor->at += value;
	*length = value;
	return bytes;
}

uint8_t *put_private_message(uint8_t *at, const uint8_t group[ID_BYTES], uint64_t epoch, uint32_t client_seq,
	const char *body, size_t length) {
	uint8_t commitment[FRANKING_COMMITMENT_BYTES];
	uint8_t sender_data[SENDER_DATA_BYTES];
	uint8_t authenticated[FRANKING_COMMITMENT_BYTES + 16];
	memset(commitment, 0xC0, sizeof commitment);
	memset(sender_data, 0x5D, sizeof sender_data);
	uint8_t *end = put_number(authenticated, AUTHENTICATED_CLIENT_SEQ, client_seq);
	end = put_bytes(end, AUTHENTICATED_FRANKING_COMMITMENT, commitment, sizeof commitment);

	*at++ = 0;
	*at++ = MLS_VERSION_10;
	*at++ = 0;
	*at++ = WIRE_FORMAT_PRIVATE_MESSAGE;
	at = put_vector(at, group, ID_BYTES);
	for (int i = EPOCH_BYTES - 1; i >= 0; i--) *at++ = epoch >> (8 * i);
	*at++ = CONTENT_TYPE_APPLICATION;
	at = put_vector(at, authenticated, end - authenticated);
	at = put_vector(at, sender_data, sizeof sender_data);
	return put_vector(at, body, length);
}

const uint8_t *private_message_body(const uint8_t *payload, size_t length, size_t *body_length) {
	struct cursor cursor = {.at = payload, .end = payload + length};
	const uint8_t head[] = {0, MLS_VERSION_10, 0, WIRE_FORMAT_PRIVATE_MESSAGE};
	size_t ignored;
	if (length < sizeof head || memcmp(payload, head, sizeof head) != 0) return NULL;
	cursor.at += sizeof head;
	if (!read_vector(&cursor, &ignored)) return NULL;
	if (cursor.end - cursor.at < EPOCH_BYTES + 1) return NULL;
	cursor.at += EPOCH_BYTES + 1;
	if (!read_vector(&cursor, &ignored) || !read_vector(&cursor, &ignored)) return NULL;
	return read_vector(&cursor, body_length);
}

/*
 * XMPP client to server over plain TCP: SASL PLAIN, resource binding, presence. --sm 1 adds XEP-0198
 * acknowledgements, --reg 1 registers the account (XEP-0077) instead of logging in. A group is the room
 * <name>@muc.<domain>.
 */
#define _GNU_SOURCE
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* c->state */
enum {
	DEPTH,         /* 0 before the stream header, 1 after */
	AUTHENTICATED,
	BOUND,
	JOINING,       /* 1 asked, 2 in the room */
	SM_ON,         /* XEP-0198 is enabled */
	SM_SENT,       /* stanzas we sent, as the server counts them */
	SM_ACKED,      /* of these acknowledged */
	SM_HANDLED,    /* stanzas we got */
	SM_UNREQUESTED /* stanzas since we last asked for an acknowledgement */
};

#define RING 8192
#define NO_MESSAGE UINT32_MAX
/* We ask for an acknowledgement every so many stanzas. */
#define REQUEST_EVERY 10
#define EXCERPT_BYTES 200

/* message ids by stanza number, in c->driver_data */
static void note_stanza(connection *c, uint32_t id) {
	((uint32_t *)c->driver_data)[c->state[SM_SENT]++ % RING] = id;
}

/* ── Looking into a stanza ────────────────────────────────────────────────────────────────────────────────────── */

/* A complete stanza; `open` is the length of its opening tag. */
struct stanza {
	char *text;
	size_t length;
	size_t open;
};

static int starts_with(const struct stanza *s, const char *tag) {
	size_t length = strlen(tag);
	if (s->length <= length || memcmp(s->text, tag, length) != 0) return 0;
	char next = s->text[length];
	return next == ' ' || next == '>' || next == '/';
}

static char *find(const char *text, size_t length, const char *needle) {
	return memmem(text, length, needle, strlen(needle));
}

/* An attribute of the opening tag, in either kind of quotes. */
static int has_attribute(const struct stanza *s, const char *name, const char *value) {
	const char *end = s->text + s->open;
	const size_t name_length = strlen(name);
	const size_t value_length = strlen(value);
	for (const char *at = s->text; (at = find(at, end - at, name)) != NULL; at++) {
		const char *quote = at + name_length + 1;
		if ((size_t)(end - at) < name_length + value_length + 3 || quote[-1] != '=') continue;
		if (*quote != '\'' && *quote != '"') continue;
		if (memcmp(quote + 1, value, value_length) == 0 && quote[1 + value_length] == *quote) return 1;
	}
	return 0;
}

/* The beginning of a stanza, fit to stand in a JSON string. */
static void excerpt(const char *text, size_t length, char *out) {
	snprintf(out, EXCERPT_BYTES, "%.*s", (int)length, text);
	for (char *c = out; *c; c++) {
		if (*c == '"') *c = '\'';
	}
}

static void report_error(connection *c, const struct stanza *s) {
	char text[EXCERPT_BYTES];
	char *error = find(s->text, s->length, "<error");
	const char *from = error ? error : s->text;
	excerpt(from, s->text + s->length - from, text);
	lg_error(c, text);
}

static void fail_with(connection *c, const struct stanza *s) {
	char text[EXCERPT_BYTES];
	excerpt(s->text, s->length, text);
	lg_fail(c, text);
}

/* ── Logging in ───────────────────────────────────────────────────────────────────────────────────────────────── */

static void open_stream(connection *c) {
	c->state[DEPTH] = 0;
	lg_printf(c,
		"<?xml version='1.0'?><stream:stream to='%s' xmlns='jabber:client' "
		"xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
		options.domain);
}

static void base64(const uint8_t *bytes, int length, char *out) {
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (int i = 0; i < length; i += 3) {
		uint32_t second = i + 1 < length ? bytes[i + 1] : 0;
		uint32_t third = i + 2 < length ? bytes[i + 2] : 0;
		uint32_t value = (uint32_t)bytes[i] << 16 | second << 8 | third;
		*out++ = digits[value >> 18];
		*out++ = digits[value >> 12 & 63];
		*out++ = i + 1 < length ? digits[value >> 6 & 63] : '=';
		*out++ = i + 2 < length ? digits[value & 63] : '=';
	}
	*out = 0;
}

/* SASL PLAIN (RFC 4616): NUL user NUL password. */
static void authenticate(connection *c) {
	uint8_t message[128];
	char encoded[256];
	int user_length = strlen(c->user);
	int password_length = strlen(options.password);
	message[0] = 0;
	memcpy(message + 1, c->user, user_length);
	message[1 + user_length] = 0;
	memcpy(message + 2 + user_length, options.password, password_length);
	base64(message, 2 + user_length + password_length, encoded);
	lg_printf(c, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>", encoded);
}

static void handle_features(connection *c) {
	if (c->state[AUTHENTICATED]) {
		lg_printf(c, "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
					 "<resource>r</resource></bind></iq>");
	} else if (options.register_) {
		lg_printf(c,
			"<iq type='set' id='reg'><query xmlns='jabber:iq:register'><username>%s</username>"
			"<password>%s</password></query></iq>",
			c->user, options.password);
	} else {
		authenticate(c);
	}
}

static void become_present(connection *c) {
	lg_printf(c, "<presence/>");
}

static void handle_registered(connection *c, const struct stanza *s) {
	int refused = has_attribute(s, "type", "error") && !find(s->text, s->length, "conflict");
	if (refused) {
		fail_with(c, s);
		return;
	}
	lg_online(c);
	lg_printf(c, "</stream:stream>");
	lg_finish(c);
}

static void handle_bound(connection *c, const struct stanza *s) {
	if (has_attribute(s, "type", "error")) {
		lg_fail(c, "bind refused");
		return;
	}
	c->state[BOUND] = 1;
	if (options.sm) lg_printf(c, "<enable xmlns='urn:xmpp:sm:3'/>");
	else become_present(c);
}

static void handle_enabled(connection *c) {
	c->state[SM_ON] = 1;
	c->driver_data = malloc(RING * sizeof(uint32_t));
	/* The presence that follows counts as a stanza. */
	note_stanza(c, NO_MESSAGE);
	become_present(c);
}

/* Servers ask for our version, time and the like; an empty result keeps them content. */
static void answer_query(connection *c, const struct stanza *s) {
	char id[64] = "";
	char *attribute = find(s->text, s->open, " id=");
	if (attribute) {
		char *value = attribute + 5;
		char *end = memchr(value, attribute[4], s->text + s->open - value);
		if (end && (size_t)(end - value) < sizeof id) memcpy(id, value, end - value);
	}
	if (c->state[SM_ON]) note_stanza(c, NO_MESSAGE);
	lg_printf(c, "<iq type='result' id='%s'/>", id);
}

/* ── Stanzas ──────────────────────────────────────────────────────────────────────────────────────────────────── */

static void handle_message(connection *c, const struct stanza *s) {
	if (has_attribute(s, "type", "error")) {
		report_error(c, s);
		return;
	}
	char *body = find(s->text, s->length, "<body>");
	if (!body) return;
	body += strlen("<body>");
	char *end = find(body, s->text + s->length - body, "</body>");
	if (end) lg_received(c, body, end - body);
}

static void handle_acknowledgement(connection *c, const struct stanza *s) {
	char *attribute = find(s->text, s->length, "h=");
	if (!attribute) return;
	uint32_t handled = strtoul(attribute + 3, NULL, 10);
	while (c->state[SM_ACKED] != handled && c->state[SM_ACKED] != c->state[SM_SENT]) {
		uint32_t id = ((uint32_t *)c->driver_data)[c->state[SM_ACKED]++ % RING];
		if (id != NO_MESSAGE) lg_acked(c, id);
	}
}

static void handle_presence(connection *c, const struct stanza *s) {
	if (has_attribute(s, "type", "error")) {
		report_error(c, s);
	} else if (c->phase == PHASE_HANDSHAKE) {
		lg_online(c);
	} else if (c->state[JOINING] == 1 && find(s->text, s->length, "muc#user")) {
		int about_us = find(s->text, s->length, "code='110'") || find(s->text, s->length, "code=\"110\"");
		if (!about_us) return;
		c->state[JOINING] = 2;
		lg_joined(c);
	}
}

static void handle_query(connection *c, const struct stanza *s) {
	if (find(s->text, s->open, "'reg'") || find(s->text, s->open, "\"reg\"")) handle_registered(c, s);
	else if (!c->state[BOUND] && has_attribute(s, "id", "bind")) handle_bound(c, s);
	else if (has_attribute(s, "type", "get")) answer_query(c, s);
}

static void handle_stanza(connection *c, char *text, size_t length) {
	char *tag_end = memchr(text, '>', length);
	struct stanza s = {.text = text, .length = length, .open = tag_end ? (size_t)(tag_end - text) : length};
	int counted = starts_with(&s, "<message") || starts_with(&s, "<presence") || starts_with(&s, "<iq");
	if (c->state[SM_ON] && counted) c->state[SM_HANDLED]++;

	if (starts_with(&s, "<message")) handle_message(c, &s);
	else if (starts_with(&s, "<a")) handle_acknowledgement(c, &s);
	else if (starts_with(&s, "<r")) lg_printf(c, "<a xmlns='urn:xmpp:sm:3' h='%u'/>", c->state[SM_HANDLED]);
	else if (starts_with(&s, "<presence")) handle_presence(c, &s);
	else if (starts_with(&s, "<stream:features")) handle_features(c);
	else if (starts_with(&s, "<success")) {
		c->state[AUTHENTICATED] = 1;
		open_stream(c);
	} else if (starts_with(&s, "<failure") || starts_with(&s, "<stream:error")) fail_with(c, &s);
	else if (starts_with(&s, "<iq")) handle_query(c, &s);
	else if (starts_with(&s, "<enabled")) handle_enabled(c);
	else if (starts_with(&s, "<failed")) lg_fail(c, "stream management refused");
}

/* ── Splitting the stream ─────────────────────────────────────────────────────────────────────────────────────── */

/* Counts tags to find where a stanza ends; an incomplete one is scanned again from its start. */
static size_t xmpp_input(connection *c, uint8_t *bytes, size_t length) {
	char *text = (char *)bytes;
	char *end = text + length;
	char *at = text;
	char *stanza = text;
	uint32_t depth = c->state[DEPTH];
	while (at < end) {
		char *open = memchr(at, '<', end - at);
		if (!open) {
			if (depth <= 1) stanza = end;
			break;
		}
		char *close = memchr(open, '>', end - open);
		if (depth <= 1) stanza = open;
		if (!close) break;
		at = close + 1;
		if (open[1] == '?') {
			stanza = at;
			continue;
		}
		if (open[1] == '/') {
			if (depth == 1) {
				lg_fail(c, "stream closed");
				return length;
			}
			depth--;
		} else if (depth == 0) {
			depth = 1;
			c->state[DEPTH] = 1;
			stanza = at;
			continue;
		} else if (close[-1] != '/') {
			depth++;
		}
		if (depth == 1) {
			handle_stanza(c, stanza, at - stanza);
			stanza = at;
			if (c->phase == PHASE_CLOSED) return length;
			/* After authentication the stream starts anew. */
			if (c->state[DEPTH] == 0) depth = 0;
		}
	}
	return stanza - text;
}

/* ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────── */

static void request_acknowledgement(connection *c) {
	c->state[SM_UNREQUESTED] = 0;
	lg_printf(c, "<r xmlns='urn:xmpp:sm:3'/>");
}

static void count_message(connection *c, uint32_t id) {
	if (!c->state[SM_ON]) return;
	note_stanza(c, id);
	if (++c->state[SM_UNREQUESTED] >= REQUEST_EVERY) request_acknowledgement(c);
}

static void xmpp_send(connection *c, const char *to, const char *body, size_t length, uint32_t id) {
	lg_printf(c, "<message to='%s@%s' type='chat' id='%x'><body>%.*s</body></message>", to, options.domain, id,
		(int)length, body);
	count_message(c, id);
}

static void xmpp_join(connection *c, const char *group) {
	c->state[JOINING] = 1;
	lg_printf(c,
		"<presence to='%s@muc.%s/%s'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>"
		"</presence>",
		group, options.domain, c->user);
}

static void xmpp_group_send(connection *c, const char *group, const char *body, size_t length, uint32_t id) {
	lg_printf(c, "<message to='%s@muc.%s' type='groupchat' id='%x'><body>%.*s</body></message>", group,
		options.domain, id, (int)length, body);
	count_message(c, id);
}

static void xmpp_flush_acks(connection *c) {
	if (c->state[SM_UNREQUESTED]) request_acknowledgement(c);
}

static void xmpp_goodbye(connection *c) {
	lg_printf(c, "</stream:stream>");
}

const driver driver_xmpp = {
	.name = "xmpp",
	.open = open_stream,
	.input = xmpp_input,
	.send = xmpp_send,
	.join = xmpp_join,
	.group_send = xmpp_group_send,
	.flush_acks = xmpp_flush_acks,
	.goodbye = xmpp_goodbye,
};

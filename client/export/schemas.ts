/**
 * The shape of every JSON file of an export, as JSON Schema (draft 2020-12). They lie in the export itself, and a test
 * holds what is written against them.
 */
const DRAFT = "https://json-schema.org/draft/2020-12/schema";
const ID = { type: "string", pattern: "^[0-9a-f]{32}$" } as const;
const TIME = { type: "string", format: "date-time", description: "UTC" } as const;
const TEXT = { type: "string" } as const;
const COUNT = { type: "integer", minimum: 0 } as const;
const FLAG = { type: "boolean" } as const;

type Schema = Readonly<Record<string, unknown>>;

/** All properties that can be there; nothing else. */
function record(title: string, properties: Readonly<Record<string, Schema>>, required: readonly string[]): Schema {
	return { title, type: "object", properties, required, additionalProperties: false };
}

function list(items: Schema): Schema {
	return { type: "array", items };
}

const MEMBER = record("Member", { account: ID, role: { enum: ["member", "admin"] } }, ["account", "role"]);

const BUSINESS = record(
	"What a business said its message is",
	{
		purpose: { enum: ["service", "utility", "authentication", "marketing"] },
		consentId: TEXT,
		template: record("Template", { id: TEXT, version: COUNT, name: TEXT }, ["id", "version", "name"]),
	},
	["purpose"],
);

const MESSAGE = record(
	"One line of a conversation, as this device shows it",
	{
		type: {
			enum: [
				...["text", "gap", "unreadable", "created", "added", "removed", "left", "renamed"],
				...["keys-changed", "number-changed", "forked", "restarted"],
			],
		},
		id: { ...ID, description: "chosen by the sender; unique in its conversation" },
		seq: { ...COUNT, description: "its number in the conversation's log on the server" },
		time: TIME,
		from: { ...ID, description: "the account; its name stands in people.json" },
		text: TEXT,
		replyTo: { ...ID, description: "id of the message this answers" },
		business: BUSINESS,
		delivery: { enum: ["waiting", "stored", "delivered", "read", "failed"], description: "own messages" },
		failed: { ...TEXT, description: "why it could not be sent" },
		reason: { enum: ["expired", "cap", "restored", "missing", "before"], description: "of a gap" },
		count: { ...COUNT, description: "entries that this device will never have" },
		code: { ...TEXT, description: "why it could not be read" },
		who: list(ID),
		name: { ...TEXT, description: "what it was renamed to" },
		what: { enum: ["key", "devices", "number", "unlisted", "left-out"] },
		phone: TEXT,
	},
	["type", "time"],
);

const CONVERSATION = record(
	"Conversation",
	{
		id: ID,
		kind: { enum: ["direct", "group"] },
		title: TEXT,
		members: list(MEMBER),
		ended: { ...FLAG, description: "this device is no longer in it" },
		messages: { ...COUNT, description: "elements of its messages.json" },
		lastActivity: TIME,
		files: record("Files", { messages: TEXT, transcript: TEXT }, ["messages", "transcript"]),
	},
	["id", "kind", "title", "members", "ended", "messages", "lastActivity", "files"],
);

const PERSON = record("Person", { account: ID, name: TEXT, phone: TEXT, blocked: FLAG, self: FLAG }, [
	"account",
	"blocked",
	"self",
]);

const DEVICE = record("Device", { device: ID, own: FLAG, name: TEXT, kind: TEXT, added: TIME, lastAttached: TIME }, [
	"device",
	"own",
	"added",
]);

const ACCOUNT = record(
	"Account",
	{
		account: ID,
		device: ID,
		phone: TEXT,
		name: TEXT,
		server: TEXT,
		settings: { type: "object", description: "as the app has them" },
		acceptedTerms: COUNT,
		devices: list(DEVICE),
		standing: { type: "object", description: "where the account stands with terms and sharing, as the server said" },
		limits: list({ type: "object" }),
	},
	["account", "device", "phone", "name", "server", "settings"],
);

const SHARE = {
	title: "Something that was shared, or recalled",
	type: "object",
	properties: {
		n: COUNT,
		kind: { enum: ["share", "recall", "unreadable"] },
		purpose: TEXT,
		recipient: TEXT,
		fields: list(TEXT),
		generation: COUNT,
		timeMs: { type: "number" },
		state: TEXT,
		proof: { type: "object" },
		alarms: list(TEXT),
	},
	required: ["n", "kind", "purpose", "recipient", "fields", "timeMs", "state", "proof", "alarms"],
} as const;

const MANIFEST = record(
	"What is in this export",
	{
		format: { const: "troth-export/2" },
		made: TIME,
		account: ID,
		server: TEXT,
		conversations: COUNT,
		messages: COUNT,
		people: COUNT,
		receipts: COUNT,
		missing: { ...list(TEXT), description: "what the server was to say and could not be asked for" },
		files: list(TEXT),
	},
	["format", "made", "account", "server", "conversations", "messages", "people", "receipts", "missing", "files"],
);

const named = (name: string, schema: Schema): Schema => ({
	$schema: DRAFT,
	$id: `urn:troth:export:2:${name}`,
	...schema,
});

/** By the name of the file without its `.json`. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
	manifest: named("manifest", MANIFEST),
	account: named("account", ACCOUNT),
	people: named("people", list(PERSON)),
	conversations: named("conversations", list(CONVERSATION)),
	messages: named("messages", list(MESSAGE)),
	shares: named("shares", {
		title: "What the public log holds about this account, and whether it is all",
		type: "object",
		properties: { shares: list(SHARE), holes: list(COUNT), end: { type: "object" } },
		required: ["shares", "holes", "end"],
	}),
	server: named("server", {
		title: "What the server's records hold about this account",
		type: "object",
		properties: { atMs: { type: "number" }, sections: list({ type: "object" }) },
		required: ["atMs", "sections"],
	}),
};

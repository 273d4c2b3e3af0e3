/**
 * Makes real samples for the corpus: `node tests/fuzz/collect.ts`. What is kept stays; only what is missing is added.
 * Two people on a real messenger talk, and what goes over the wire is kept; the rest comes from the code that writes it.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { toFile } from "@troth/client/archive/archive-file.ts";
import { newHeader, sealHead } from "@troth/client/archive/cipher.ts";
import { newRecoveryCode } from "@troth/client/archive/recovery-code.ts";
import { codeOf as consentCodeOf } from "@troth/client/beside/consent-secret.ts";
import { wrapContent } from "@troth/client/content/envelope.ts";
import { writeContactLink } from "@troth/client/finding/contact-link.ts";
import { codeOf as linkCodeOf } from "@troth/client/linking/link-code.ts";
import { DeviceLists, engine, groupOf, NO_DATA } from "@troth/client/mls/_people.ts";
import type { MlsGroup } from "@troth/client/mls/engine.ts";
import { Middleman } from "@troth/client/stories/_lying.ts";
import { startWorld, until } from "@troth/client/stories/_people.ts";
import { writeCursor } from "@troth/family/graph/paging.ts";
import {
	type AccountId,
	ArchiveLock,
	CommitBundleSchema,
	ContentSchema,
	type DeviceId,
	encodeEntry,
	encodeSendFrame,
	FrameSchema,
	fromHex,
	SignedSchema,
	TermsAcceptanceSchema,
} from "@troth/protocol";
import {
	ed25519NoteSigner,
	encodeEntryBundle,
	formatCheckpoint,
	formatIndexEntry,
	formatNote,
	formatProof,
	formatSignatureLine,
	shareRecordBytes,
} from "@troth/transparency";
import { keepInCorpus, type Sample } from "./_corpus.ts";
import { contractMessages, TOKENS } from "./_decoders.ts";
import { filled, someBytes as random } from "./_filled.ts";

const encoder = new TextEncoder();
const texts = (...samples: readonly string[]): readonly Sample[] =>
	samples.map((text, i) => ({ name: `sample-${i + 1}`, bytes: encoder.encode(text) }));
const bytes = (...samples: readonly Uint8Array[]): readonly Sample[] =>
	samples.map((sample, i) => ({ name: `sample-${i + 1}`, bytes: sample }));

// ── What two devices say to each other ──────────────────────────────────────────────────────────────────────────

{
	await using world = await startWorld();
	const man = new Middleman();
	const [alice, bob] = [await world.person("Alice", { ports: man.between }), await world.person("Bob")];
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "Hello");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);
	await bob.say(chat, "Hello to you");
	await until("alice has it", async () => (await alice.texts(chat)).length === 2);
	const frames = [...man.sent, ...man.received];
	const oneOfEach = [...new Map(frames.map((frame) => [frame.body.case, frame])).values()];
	keepInCorpus(
		"frames",
		oneOfEach.map((frame) => ({ name: String(frame.body.case), bytes: toBinary(FrameSchema, frame) })),
	);
	const entries = frames.flatMap(({ body }) => (body.case === "entry" ? [body.value] : []));
	keepInCorpus(
		"entries",
		bytes(
			...entries
				.slice(0, 3)
				.map((entry) => encodeEntry({ ...entry, timeMs: Number(entry.timeMs), frankingTag: entry.stamp?.frankingTag })),
		),
	);
	keepInCorpus("safety codes", texts((await alice.device.safetyNumber(bob.account)).code));
}

// ── MLS ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const people = new DeviceLists();
const [alice, bob, carla] = [await people.person("alice"), await people.person("bob"), await people.person("carla")];
const [atAlice] = (await groupOf(people, alice, bob)) as [MlsGroup, MlsGroup];
const carlas = await carla.newKeyPackage();
const commit = await engine.commit(
	atAlice,
	{ add: [carlas.message], remove: [], authenticatedData: NO_DATA },
	people.authority,
);
const { message } = await engine.encrypt(atAlice, encoder.encode("Hello"), random(40));
const welcome = commit.welcome ?? NO_DATA;
keepInCorpus("mls messages", [
	{ name: "private", bytes: message },
	{ name: "commit", bytes: commit.commit },
	{ name: "welcome", bytes: welcome },
	{ name: "key-package", bytes: carlas.message },
]);
keepInCorpus("key packages", bytes(carlas.message));
keepInCorpus("welcomes", bytes(welcome));
keepInCorpus("message headers", bytes(message));
const bundle = {
	commit: commit.commit,
	welcome,
	groupInfo: commit.groupInfo,
	ratchetTree: commit.ratchetTree,
	clientSeq: 1,
};
keepInCorpus("commit bundles", bytes(toBinary(CommitBundleSchema, create(CommitBundleSchema, bundle))));

// ── Contents, lists, statements ─────────────────────────────────────────────────────────────────────────────────

const content = create(ContentSchema, {
	messageId: random(16),
	clientSeq: 7,
	witness: { seq: 6, hash: random(32) },
	sentAtMs: 1n,
	profile: { name: "Alice", changedAtMs: 1n },
	body: { case: "text", value: { text: "Hello", replyTo: random(16) } },
});
const envelope = wrapContent(content, random(32));
keepInCorpus("envelopes", bytes(envelope.plaintext));
keepInCorpus("authenticated data", bytes(envelope.authenticatedData));
keepInCorpus("ids", bytes(random(16), random(32), NO_DATA));

const { signDeviceList } = await import("@troth/client/identity/device-list.ts");
const identity = await engine.generateSigningKeys();
const list = await signDeviceList(engine, identity, {
	account: "11".repeat(16) as AccountId,
	version: 3,
	issuedAtMs: 7,
	devices: [{ device: "22".repeat(16) as DeviceId, signatureKey: "33".repeat(32), addedAtMs: 5 }],
});
keepInCorpus("device lists", bytes(list.statement));
keepInCorpus("signed", bytes(toBinary(SignedSchema, list)));
const accepted = toBinary(TermsAcceptanceSchema, filled(TermsAcceptanceSchema) as never);
keepInCorpus(
	"statements",
	bytes(toBinary(SignedSchema, create(SignedSchema, { statement: accepted, signature: random(64) }))),
);
keepInCorpus("hot frames", bytes(encodeSendFrame({ log: random(16), clientSeq: 4, epoch: 2, payload: random(300) })));
const sealed = contractMessages().find(({ typeName }) => typeName === "troth.v1.SealedForEpoch");
if (sealed === undefined) throw new TypeError("the contract has no sealed values");
const inside = create(sealed, { epoch: 3, nonce: random(12), ciphertext: random(60) } as never);
keepInCorpus("sealed", bytes(toBinary(sealed, inside)));
const detail = contractMessages().find(({ typeName }) => typeName === "troth.v1.ErrorDetail");
if (detail !== undefined) keepInCorpus("error details", bytes(toBinary(detail, filled(detail))));

// ── Logs ────────────────────────────────────────────────────────────────────────────────────────────────────────

const signer = ed25519NoteSigner("log.example", random(32));
const checkpoint = formatCheckpoint({ origin: "log.example", size: 5, root: random(32) });
const signature = signer.sign(checkpoint);
const note = formatNote({ text: checkpoint, signatures: [signature] });
keepInCorpus("checkpoints", texts(checkpoint));
keepInCorpus("notes", texts(note));
keepInCorpus("signature lines", texts(formatSignatureLine(signature)));
keepInCorpus("verifier keys", texts(signer.vkey));
const proof = formatProof({
	index: 3,
	hashes: [random(32), random(32), random(32)],
	checkpoint: note,
	extra: random(9),
});
keepInCorpus("proofs", texts(proof));
keepInCorpus("share proofs", texts(proof));
keepInCorpus("tile paths", texts("tile/0/x001/234", "tile/entries/000.p/17"));
keepInCorpus("entry bundles", bytes(encodeEntryBundle([random(97), random(3), random(0)])));
keepInCorpus(
	"index entries",
	texts(
		formatIndexEntry({ origin: "log.example", size: 5, shareRoot: random(32), bits: 0, root: random(32), atMs: 1 }),
	),
);
keepInCorpus(
	"share records",
	bytes(
		shareRecordBytes({
			v: 1,
			kind: "share",
			recipient: "family",
			subject: "0".repeat(32),
			purpose: "friend_suggestions",
			fields: ["phone_number"],
			policyHash: "a".repeat(64),
			purposeHash: "b".repeat(64),
			generation: 1,
			grant: "c".repeat(64),
			t: 1_800_000_000_000,
			answers: "",
		}),
	),
);

// ── Policies, APIs, codes, addresses ────────────────────────────────────────────────────────────────────────────

const policies = join(import.meta.dirname, "..", "..", "policies");
const optIn = await readFile(join(policies, "opt-in.json"), "utf8");
keepInCorpus("policies", texts(optIn));
keepInCorpus("published policies", texts(optIn));
keepInCorpus("promises", texts(await readFile(join(policies, "promises.json"), "utf8")));
keepInCorpus(
	"session tokens",
	texts(
		TOKENS.issue({
			account: "11".repeat(16) as AccountId,
			device: "22".repeat(16) as DeviceId,
		}).token,
	),
);
keepInCorpus(
	"cloud api messages",
	texts(
		JSON.stringify({ messaging_product: "whatsapp", to: "15550100001", type: "text", text: { body: "Hello" } }),
		JSON.stringify({
			messaging_product: "whatsapp",
			to: "15550100001",
			type: "template",
			template: {
				name: "hello",
				language: { code: "en" },
				components: [{ type: "body", parameters: [{ type: "text", text: "Alice" }] }],
			},
		}),
		JSON.stringify({ messaging_product: "whatsapp", status: "read", message_id: "wamid.1" }),
	),
);
keepInCorpus(
	"marketing api json",
	texts(
		JSON.stringify({ name: "List", schema: ["PHONE"], data: [["15550100001"]], n: 12345678901234567890n.toString() }),
	),
);
keepInCorpus("marketing api forms", texts("access_token=abc&fields=id,name&limit=25&after=MTIz&summary=true"));
keepInCorpus(
	"marketing api batches",
	texts(
		`batch=${encodeURIComponent(JSON.stringify([{ method: "POST", relative_url: "act_1/ads", body: 'name=A&targeting={"age_min":18}' }]))}`,
	),
);
keepInCorpus("marketing api batched bodies", texts('name=A & B&targeting={"geo":{"countries":["US"]}}&status=PAUSED'));
keepInCorpus("cursors", texts(writeCursor("123")));
keepInCorpus("phone numbers", texts("+1 555 010 0001", "0049 (0) 89 123456"));
keepInCorpus("usernames", texts("@alice.b_1"));
keepInCorpus("link codes", texts(linkCodeOf(random(32)), `https://troth.example/#/link/${linkCodeOf(random(32))}`));
const head = sealHead(random(32), newHeader(random, { lock: ArchiveLock.CODE, iterations: 210_000 }));
keepInCorpus("archive heads", bytes(head));
const pieces: Uint8Array[] = [];
const archive = async function* () {
	yield* [head, random(70), random(5)];
};
for await (const piece of toFile(archive())) pieces.push(piece);
keepInCorpus("archive files", bytes(new Uint8Array(Buffer.concat(pieces))));
keepInCorpus("recovery codes", texts(newRecoveryCode(random), newRecoveryCode(random, "key")));
keepInCorpus("consent codes", texts(consentCodeOf("0123456789abcdef0123456789abcdef")));
keepInCorpus(
	"contact links",
	texts(writeContactLink("https://troth.example", fromHex("11".repeat(16)) ?? random(16), "22".repeat(20))),
);
keepInCorpus("connect addresses", texts("https://family.example/connect/00ff"));
keepInCorpus(
	"routes",
	texts(
		`#/chat/${"ab".repeat(16)}/safety/${"cd".repeat(16)}`,
		"?to=https://family.example/connect/00ff",
		"#/settings/devices",
	),
);
keepInCorpus(
	"vcards",
	texts(
		"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bob Example\r\nTEL;TYPE=cell:+15550100002\r\nNOTE;ENCODING=QUOTED-PRINTABLE:=C3=A9t=\r\n=C3=A9\r\nEND:VCARD\r\n",
	),
);
keepInCorpus(
	"command lines",
	texts("send\n--to\n+15550100002\nhello", "verify\n+15550100002\n--code\nabc", "operator\nrollout\n--watch"),
);

/**
 * Every decoder of bytes and texts that come from outside, with the errors it may end in. `registry.test.ts` finds the
 * ones that are missing here.
 */
import { createHmac } from "node:crypto";
import { create, type DescMessage, type DescService, fromBinary, toBinary } from "@bufbuild/protobuf";
import { PolicyError, PromisesError, parsePolicy, parsePromises, readPublishedPolicy } from "@troth/bridge";
import { decodeStatement } from "@troth/bridge/asking/own-statement.ts";
import { CloudError } from "@troth/business/cloud/errors.ts";
import { readMessageRequest } from "@troth/business/cloud/message-body.ts";
import { ArchiveError } from "@troth/client/archive/archive-error.ts";
import { fromFile } from "@troth/client/archive/archive-file.ts";
import { readHead } from "@troth/client/archive/cipher.ts";
import { parseCode } from "@troth/client/archive/recovery-code.ts";
import { readCode as readConsentCode } from "@troth/client/beside/consent-secret.ts";
import { readConnectAddress } from "@troth/client/consent/connect-address.ts";
import { readAuthenticatedData, unwrapContent } from "@troth/client/content/envelope.ts";
import { Unreadable } from "@troth/client/content/unreadable.ts";
import { readContactLink } from "@troth/client/finding/contact-link.ts";
import { cutCards } from "@troth/client/finding/vcard-lines.ts";
import { decodeDeviceList, decodeSigned } from "@troth/client/identity/device-list.ts";
import { readSafetyCode } from "@troth/client/identity/safety-code.ts";
import { readCode as readLinkCode } from "@troth/client/linking/link-code.ts";
import { decodeMessage } from "@troth/client/mls/decoding.ts";
import { MlsRefusal } from "@troth/client/mls/engine.ts";
import { createMlsEngine } from "@troth/client/mls/mls-engine.ts";
import { nodeCryptoProvider } from "@troth/client/mls/provider.node.ts";
import { decodeSealed } from "@troth/client/signals/sealed.ts";
import { runTroth } from "@troth/client/troth/run.ts";
import { readBatch, readBatchedBody } from "@troth/family/graph/batch.ts";
import { readToken } from "@troth/family/graph/credentials.ts";
import { readFields } from "@troth/family/graph/fields.ts";
import { GraphError } from "@troth/family/graph/graph-error.ts";
import { readPage } from "@troth/family/graph/paging.ts";
import { mergeParameters, parseJson, readForm, readJsonBody } from "@troth/family/graph/parameters.ts";
import { parseNumber } from "@troth/family/phone/numbers.ts";
import { possibleNumber } from "@troth/messenger/accounts/phone-numbers.ts";
import { parseBundle } from "@troth/messenger/conversations/bundle.ts";
import { readMessageHeader } from "@troth/messenger/delivery/message-header.ts";
import { Tokens } from "@troth/messenger/sessions/tokens.ts";
import * as contract from "@troth/protocol";
import {
	AuthenticatedDataSchema,
	CommitBundleSchema,
	decodeEntry,
	type Envelope,
	EnvelopeSchema,
	FrameError,
	FrameSchema,
	fromErrorDetail,
	Refusal,
	readBlobId,
	readHotFrame,
	readId,
	readUsername,
	SignedSchema,
	TermsAcceptanceSchema,
} from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import {
	decodeEntryBundle,
	openShareProof,
	ProofError,
	parseCheckpoint,
	parseIndexEntry,
	parseNote,
	parseProof,
	parseSignatureLines,
	parseTilePath,
	parseVerifierKey,
	readShareRecord,
} from "@troth/transparency";
import { parseRoute, routeOfPath } from "../../web/app/routing/routes.ts";
import type { Form } from "./_mutate.ts";

type ErrorClass = abstract new (...args: never[]) => Error;

export interface Decoder {
	readonly name: string;
	readonly form: Form;
	/** Reads the input. What it returns is of no interest; what it throws has to be one of `errors`. */
	decode(input: Uint8Array): unknown;
	readonly errors: readonly ErrorClass[];
	/** The exported functions this covers, as `folder/file.ts name`. */
	readonly covers: readonly string[];
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A decoder of text. */
function ofText(
	name: string,
	decode: (input: string) => unknown,
	errors: readonly ErrorClass[],
	covers: readonly string[],
	form: Form = "text",
): Decoder {
	return { name, form, errors, covers, decode: (input) => decode(text(input)) };
}

function ofBytes(
	name: string,
	decode: (input: Uint8Array) => unknown,
	errors: readonly ErrorClass[],
	covers: readonly string[],
	form: Form = "protobuf",
): Decoder {
	return { name, form, errors, covers, decode };
}

/** What the generated code throws on bytes that are none: RangeError where they end, Error where they make no sense. */
class ProtobufError extends Error {}

/** Decodes, and encodes what came out: a message that was accepted can be passed on. */
function message(schema: DescMessage, input: Uint8Array): unknown {
	let decoded: ReturnType<typeof fromBinary>;
	try {
		decoded = fromBinary(schema, input);
	} catch (error) {
		// Text that is no UTF-8 ends in a TypeError of the platform's decoder.
		if (!(error instanceof Error) || (error instanceof TypeError && !/utf-8/i.test(error.message))) throw error;
		throw new ProtobufError(error.message);
	}
	return fromBinary(schema, toBinary(schema, decoded));
}

/** Messages of every method, in both directions, and those that are signed or sealed inside others. */
export function contractMessages(): readonly DescMessage[] {
	const found = new Map<string, DescMessage>();
	for (const value of Object.values(contract) as readonly unknown[]) {
		if (typeof value !== "object" || value === null || !("kind" in value)) continue;
		if (value.kind === "message") found.set((value as DescMessage).typeName, value as DescMessage);
		if (value.kind !== "service") continue;
		for (const { input, output } of (value as DescService).methods)
			for (const schema of [input, output]) found.set(schema.typeName, schema);
	}
	return [...found.values()].sort((a, b) => (a.typeName < b.typeName ? -1 : 1));
}

const engine = createMlsEngine(nodeCryptoProvider);
/** Of the samples' day: a kept token is as good as it was. */
export const TOKENS = new Tokens(new ManualClock(), new Uint8Array(32));
const GROUP = new Uint8Array(16).fill(0x67);
const NOBODY = { log: "log.example+00000000+AQ==", witnesses: [], quorum: 0 };

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
}

/** Words of a command line, one per line; the command only says how it is used. */
async function commandLine(input: string): Promise<number> {
	const words = input.split("\n").slice(0, 40);
	const silent = () => {};
	const code = await runTroth([...words.filter((word) => word !== "--"), "--help"], {
		print: silent,
		complain: silent,
		ask: async () => "",
		interactive: false,
		home: "/nowhere",
		passphrase: undefined,
	});
	if (code !== 0 && code !== 2) throw new TypeError(`it was run: ${code}`);
	return code;
}

/** Everything but the messages of the contract, which are decoders each by itself. */
const NAMED: readonly Decoder[] = [
	ofBytes("hot frames", readHotFrame, [FrameError], ["protocol/frames.ts readHotFrame"]),
	ofBytes("entries", decodeEntry, [FrameError], ["protocol/frames.ts decodeEntry"]),
	ofBytes("frames", (input) => message(FrameSchema, input), [ProtobufError], []),
	ofBytes(
		"error details",
		(input) => fromErrorDetail(message(contract.ErrorDetailSchema, input) as never),
		[ProtobufError],
		["protocol/errors.ts fromErrorDetail"],
	),
	ofBytes(
		"ids",
		(input) => [readId(input), readBlobId(input)],
		[],
		["protocol/ids.ts readId", "protocol/ids.ts readBlobId"],
		"bytes",
	),
	ofBytes(
		"envelopes",
		(input) => {
			const { frankingKey, content } = message(EnvelopeSchema, input) as Envelope;
			// The commitment holds, so that what lies inside is looked at.
			const frankingCommitment = createHmac("sha256", frankingKey).update(content).digest();
			return unwrapContent(input, create(AuthenticatedDataSchema, { frankingCommitment }));
		},
		[Unreadable, ProtobufError],
		["client/content/envelope.ts unwrapContent"],
	),
	ofBytes("authenticated data", readAuthenticatedData, [Unreadable], []),
	ofBytes("device lists", decodeDeviceList, [], ["client/identity/device-list.ts decodeDeviceList"]),
	ofBytes("signed", decodeSigned, [Error], ["client/identity/device-list.ts decodeSigned"]),
	ofBytes("sealed", decodeSealed, [], ["client/signals/sealed.ts decodeSealed"]),
	ofBytes(
		"statements",
		(input) => decodeStatement(TermsAcceptanceSchema, message(SignedSchema, input) as never),
		[Refusal, ProtobufError],
		["bridge/asking/own-statement.ts decodeStatement"],
	),
	ofBytes(
		"mls messages",
		(input) => decodeMessage(input, "mls_public_message", "mls_private_message", "mls_welcome", "mls_key_package"),
		[MlsRefusal],
		["client/mls/decoding.ts decodeMessage", "client/mls/decoding.ts decodeAll"],
		"bytes",
	),
	ofBytes("key packages", (input) => engine.readKeyPackage(input), [MlsRefusal], [], "bytes"),
	ofBytes("welcomes", (input) => engine.findKeyPackage(input, new Set()), [MlsRefusal], [], "bytes"),
	ofBytes(
		"message headers",
		(input) => readMessageHeader(input, GROUP, 1),
		[Refusal],
		["messenger/delivery/message-header.ts readMessageHeader"],
		"bytes",
	),
	ofBytes(
		"commit bundles",
		(input) => parseBundle(message(CommitBundleSchema, input) as never, GROUP),
		[Refusal, ProtobufError],
		["messenger/conversations/bundle.ts parseBundle"],
	),
	ofBytes("archive heads", readHead, [ArchiveError], [], "bytes"),
	ofBytes(
		"archive files",
		async (input) => {
			for await (const part of fromFile(inPieces(input)))
				if (part.length > input.length) throw new TypeError("more came out");
		},
		[ArchiveError],
		["client/archive/archive-file.ts fromFile"],
		"bytes",
	),
	ofBytes(
		"entry bundles",
		decodeEntryBundle,
		[ProofError],
		["transparency/tiles/entry-bundle.ts decodeEntryBundle"],
		"bytes",
	),
	ofBytes("share records", readShareRecord, [], ["transparency/shares/share-record.ts readShareRecord"], "json"),
	ofBytes(
		"share proofs",
		(proof) =>
			openShareProof(
				{ record: proof, salt: proof.slice(0, 32), chain: proof.slice(0, 32), context: proof.slice(0, 32), proof },
				NOBODY,
			),
		[ProofError],
		["transparency/shares/share-proof.ts openShareProof"],
		"text",
	),
	ofText("notes", parseNote, [ProofError], ["transparency/note/signed-note.ts parseNote"]),
	ofText("signature lines", parseSignatureLines, [], ["transparency/note/signed-note.ts parseSignatureLines"]),
	ofText("verifier keys", parseVerifierKey, [ProofError], ["transparency/note/verifier-key.ts parseVerifierKey"]),
	ofText(
		"checkpoints",
		parseCheckpoint,
		[ProofError],
		[
			"transparency/checkpoint/checkpoint.ts parseCheckpoint",
			"transparency/checkpoint/checkpoint.ts parseDecimal",
			"transparency/checkpoint/checkpoint.ts parseTreeHash",
			"transparency/note/base64.ts fromBase64",
		],
	),
	ofText("proofs", parseProof, [ProofError], ["transparency/proof/tlog-proof.ts parseProof"]),
	ofText("tile paths", parseTilePath, [], ["transparency/tiles/tile-path.ts parseTilePath"]),
	ofText("index entries", parseIndexEntry, [], ["transparency/chain-index/chain-index.ts parseIndexEntry"]),
	ofText("policies", parsePolicy, [PolicyError], ["bridge/policy/policy.ts parsePolicy"], "json"),
	ofText("published policies", readPublishedPolicy, [PolicyError], [], "json"),
	ofText("promises", parsePromises, [PromisesError], ["bridge/policy/promises.ts parsePromises"], "json"),
	ofText("session tokens", (input) => TOKENS.read(input), [], []),
	ofText(
		"cloud api messages",
		(input) => readMessageRequest(parseJson(input)),
		[CloudError, GraphError],
		["business/cloud/read-body.ts readBody", "family/graph/parameters.ts parseJson"],
		"json",
	),
	ofText(
		"marketing api json",
		(input) => mergeParameters(readJsonBody(input)),
		[GraphError],
		["family/graph/parameters.ts readJsonBody"],
		"json",
	),
	ofText(
		"marketing api forms",
		(input) => {
			const parameters = mergeParameters(readForm(input));
			return [readToken(parameters, input), readFields(parameters), readPage(parameters)];
		},
		[GraphError],
		["family/graph/credentials.ts readToken", "family/graph/fields.ts readFields"],
	),
	ofText("marketing api batches", (input) => readBatch(mergeParameters(readForm(input))), [GraphError], []),
	ofText("marketing api batched bodies", readBatchedBody, [], ["family/graph/batch.ts readBatchedBody"]),
	ofText("cursors", (input) => readPage(new Map([["after", input]])), [GraphError], []),
	ofText(
		"phone numbers",
		(input) => [possibleNumber(input), parseNumber(input, "DE")],
		[],
		["family/phone/numbers.ts parseNumber"],
	),
	ofText("usernames", readUsername, [], []),
	ofText("safety codes", readSafetyCode, [], ["client/identity/safety-code.ts readSafetyCode"]),
	ofText("link codes", readLinkCode, [], ["client/linking/link-code.ts readCode"]),
	ofText("recovery codes", parseCode, [ArchiveError], ["client/archive/recovery-code.ts parseCode"]),
	ofText("consent codes", readConsentCode, [], ["client/beside/consent-secret.ts readCode"]),
	ofText("contact links", readContactLink, [], []),
	ofText(
		"connect addresses",
		(input) => readConnectAddress(input, [{ id: "family", url: "https://family.example" } as never]),
		[],
		[],
	),
	ofText(
		"routes",
		(input) => [parseRoute(input), routeOfPath("/link-family", input)],
		[],
		["web/app/routing/routes.ts parseRoute"],
	),
	ofText("vcards", cutCards, [], []),
	ofText("command lines", commandLine, [], []),
];

/** The contract's messages share one file of what once broke them: a line's name begins with the type. */
export const CONTRACT = "contract messages";

/** The register, in groups that are tried out together. */
export function decoders(): ReadonlyMap<string, readonly Decoder[]> {
	const messages = contractMessages().map((schema) =>
		ofBytes(schema.typeName, (input) => message(schema, input), [ProtobufError], []),
	);
	const groups = new Map<string, readonly Decoder[]>(NAMED.map((decoder) => [decoder.name, [decoder]]));
	return groups.set(CONTRACT, messages);
}

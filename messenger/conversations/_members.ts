/** People with real MLS groups, on a server that really checks them. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { CommitResult, LeafAuthority, MlsGroup, NewKeyPackage, SigningKeys } from "@troth/client/mls/engine.ts";
import { createMlsEngine } from "@troth/client/mls/mls-engine.ts";
import { nodeCryptoProvider } from "@troth/client/mls/provider.node.ts";
import {
	AuthenticatedDataSchema,
	type CommitBundle,
	CommitBundleSchema,
	CommitPayloadSchema,
	CommitToConversationRequestSchema,
	type ConversationId,
	ConversationKind,
	CreateConversationRequestSchema,
	type Entry,
	EntryKind,
	GetConversationRequestSchema,
	ID_BYTES,
	idBytes,
	isRefusal,
	LeaveConversationRequestSchema,
	type Refusal,
	type RefusalCode,
	readBlobId,
	toHex,
	WelcomePayloadSchema,
} from "@troth/protocol";
import { ed25519Key } from "@troth/protocol/ed25519.ts";
import { newDevice, type TestDevice } from "../_identities.ts";
import type { Session } from "../context.ts";
import type { TestClient } from "../delivery/_client.ts";
import type { TestPerson, TestWorld } from "../delivery/_world.ts";
import { RateLimits } from "../rate-limits/rate-limits.ts";
import { commitToConversation } from "./commit-to-conversation.ts";
import type { ConversationContext } from "./conversation-context.ts";
import { createConversation } from "./create-conversation.ts";
import { getConversation } from "./get-conversation.ts";
import { leaveConversation } from "./leave-conversation.ts";

/** Nobody here was acted upon. */
function contextOf({ context, clock }: TestWorld): ConversationContext {
	return { ...context, limits: { restriction: async () => undefined }, rateLimits: new RateLimits(clock) };
}

export const engine = createMlsEngine(nodeCryptoProvider);
/** As in a large group: additions come without an UpdatePath. */
const sparing = createMlsEngine(nodeCryptoProvider, 0);

export interface Change {
	readonly add?: readonly MlsDevice[];
	readonly remove?: readonly MlsDevice[];
	/** Without an UpdatePath. */
	readonly sparing?: boolean;
}

/** One device with its keys and its states of groups. */
export class MlsDevice implements TestDevice {
	readonly device = newDevice().device;
	readonly signer: TestDevice["signer"];
	readonly keys: SigningKeys;
	readonly world: TestWorld;
	readonly groups = new Map<ConversationId, MlsGroup>();
	readonly packages = new Map<string, NewKeyPackage>();
	/** The last number used in each conversation. */
	readonly numbers = new Map<ConversationId, number>();
	person!: TestPerson;

	constructor(world: TestWorld) {
		this.world = world;
		const privateKey = new Uint8Array(randomBytes(32));
		this.signer = ed25519Key(privateKey);
		this.keys = { publicKey: this.signer.publicKey, privateKey };
	}

	get session(): Session {
		return { account: this.person.account, device: this.device };
	}

	async newKeyPackage(nowMs = this.world.clock.now()): Promise<NewKeyPackage> {
		const made = await engine.newKeyPackage(this.session, this.keys, nowMs, false);
		this.packages.set(made.ref, made);
		return made;
	}

	group(chat: ConversationId): MlsGroup {
		return this.groups.get(chat) ?? assert.fail("no state of this group");
	}

	nextNumber(chat: ConversationId): number {
		return (this.numbers.get(chat) ?? 0) + 1;
	}

	// ── Commits ──────────────────────────────────────────────────────────────────────────────────────────────────

	/** Makes a commit from the present state, without sending it. */
	async make(
		chat: ConversationId,
		{ add = [], remove = [], sparing: spares = false }: Change = {},
	): Promise<CommitResult> {
		const group = this.group(chat);
		const packages = await Promise.all(add.map(async (device) => (await device.newKeyPackage()).message));
		const leaves = remove.map(({ device }) => engine.members(group).find((member) => member.device === device)?.leaf);
		return (spares ? sparing : engine).commit(
			group,
			{
				add: packages,
				remove: leaves.map((leaf) => leaf ?? assert.fail("not in the group")),
				authenticatedData: authenticated(this.nextNumber(chat)),
			},
			trusting,
		);
	}

	async send(chat: ConversationId, bundle: CommitBundle) {
		const request = create(CommitToConversationRequestSchema, { conversation: idBytes(chat), bundle });
		return commitToConversation(contextOf(this.world), request, this.session);
	}

	/** Makes a commit, sends it and goes on from it. */
	async commit(chat: ConversationId, change: Change = {}): Promise<CommitResult> {
		const made = await this.make(chat, change);
		await this.send(chat, bundleOf(made, this.nextNumber(chat)));
		this.adopt(chat, made);
		return made;
	}

	adopt(chat: ConversationId, made: CommitResult): void {
		this.groups.set(chat, made.next);
		this.numbers.set(chat, this.nextNumber(chat));
	}

	async makeFirst(chat: ConversationId, add: readonly MlsDevice[]): Promise<CommitResult> {
		this.groups.set(chat, await engine.createGroup(chat, await this.newKeyPackage(), this.keys));
		this.numbers.set(chat, 0);
		return this.make(chat, { add });
	}

	async create(chat: ConversationId, kind: "direct" | "group", add: readonly MlsDevice[], peer?: TestPerson) {
		const made = await this.makeFirst(chat, add);
		const answer = await this.sendFirst(chat, kind, bundleOf(made, 1), peer ?? add[0]?.person);
		this.adopt(chat, made);
		return { made, answer };
	}

	/** As `create`, in another one's place. */
	async replace(chat: ConversationId, replaces: ConversationId, kind: "direct" | "group", add: readonly MlsDevice[]) {
		const made = await this.makeFirst(chat, add);
		const answer = await this.sendFirst(chat, kind, bundleOf(made, 1), add[0]?.person, replaces);
		this.adopt(chat, made);
		return answer;
	}

	async sendFirst(
		chat: ConversationId,
		kind: "direct" | "group",
		bundle: CommitBundle,
		peer?: TestPerson,
		replaces?: ConversationId,
	) {
		const request = create(CreateConversationRequestSchema, {
			conversation: idBytes(chat),
			kind: kind === "direct" ? ConversationKind.DIRECT : ConversationKind.GROUP,
			...(kind === "direct" && peer !== undefined && { peerAccountId: idBytes(peer.account) }),
			...(replaces !== undefined && { replaces: idBytes(replaces) }),
			bundle,
		});
		return createConversation(contextOf(this.world), request, this.session);
	}

	get(chat: ConversationId) {
		const request = create(GetConversationRequestSchema, { conversation: idBytes(chat) });
		return getConversation(this.world.context, request, this.session);
	}

	leave(chat: ConversationId) {
		const request = create(LeaveConversationRequestSchema, { conversation: idBytes(chat) });
		return leaveConversation(this.world.context, request, this.session);
	}

	/** Makes an external commit from what the server knows, without sending it. */
	async makeJoin(chat: ConversationId): Promise<CommitResult> {
		const { conversation, groupInfo } = await this.get(chat);
		const tree = await this.blob(conversation?.tree?.sha256);
		const data = authenticated(this.nextNumber(chat));
		return engine.joinExternal(new Uint8Array(groupInfo ?? []), tree, await this.newKeyPackage(), data, trusting);
	}

	async joinByItself(chat: ConversationId): Promise<void> {
		const made = await this.makeJoin(chat);
		await this.send(chat, bundleOf(made, this.nextNumber(chat)));
		this.adopt(chat, made);
	}

	// ── Entries ──────────────────────────────────────────────────────────────────────────────────────────────────

	/** Joins by a Welcome entry of the device's own log. */
	async join(entry: Entry): Promise<ConversationId> {
		assert.equal(entry.kind, EntryKind.WELCOME);
		const payload = fromBinary(WelcomePayloadSchema, entry.payload);
		const chat = toHex(payload.conversation) as ConversationId;
		const welcome = await this.bulk(payload.welcome);
		const ref = engine.findKeyPackage(welcome, new Set(this.packages.keys())) ?? assert.fail("not for us");
		const secret = this.packages.get(ref)?.secret ?? assert.fail("no secret");
		this.groups.set(chat, await engine.join(welcome, secret, await this.blob(payload.tree?.sha256), trusting));
		this.numbers.set(chat, this.numbers.get(chat) ?? 0);
		return chat;
	}

	/** Applies one entry of a conversation; gives the text of a message. Own entries are skipped. */
	async apply(chat: ConversationId, entry: Entry): Promise<string | undefined> {
		if (toHex(entry.senderDevice) === this.device) return undefined;
		const payload =
			entry.kind === EntryKind.COMMIT
				? await this.bulk(fromBinary(CommitPayloadSchema, entry.payload).commit)
				: entry.payload;
		const result = await engine.process(this.group(chat), payload, trusting);
		this.groups.set(chat, result.next);
		return result.kind === "application" ? new TextDecoder().decode(result.plaintext) : undefined;
	}

	/** Encrypts and sends a text; resolves when it is stored. */
	async write(client: TestClient, chat: ConversationId, text: string): Promise<number> {
		const number = this.nextNumber(chat);
		const group = this.group(chat);
		const plaintext = new TextEncoder().encode(text);
		const { next, message } = await engine.encrypt(group, plaintext, authenticated(number));
		client.send(chat, number, message, engine.epoch(group));
		const ok = await client.next("sendOk");
		this.groups.set(chat, next);
		this.numbers.set(chat, number);
		return ok.seq;
	}

	async bulk(bulk: { readonly body: { case?: string | undefined; value?: unknown } } | undefined): Promise<Uint8Array> {
		const body = bulk?.body;
		if (body?.case === "inline") return body.value as Uint8Array;
		return this.blob((body?.value as { sha256: Uint8Array } | undefined)?.sha256);
	}

	async blob(sha256: Uint8Array | undefined): Promise<Uint8Array> {
		const id = readBlobId(sha256 ?? new Uint8Array()) ?? assert.fail("no blob id");
		return (await this.world.blobs.get(id)) ?? assert.fail("no such blob");
	}
}

/** The server is the one under test: what it lets pass has to be seen. */
const trusting: LeafAuthority = async () => true;

export function authenticated(clientSeq: number): Uint8Array {
	return toBinary(AuthenticatedDataSchema, create(AuthenticatedDataSchema, { clientSeq }));
}

export function bundleOf(
	{ commit, welcome, groupInfo, ratchetTree }: Omit<CommitResult, "next">,
	clientSeq: number,
): CommitBundle {
	const copy = (bytes: Uint8Array | undefined) => new Uint8Array(bytes ?? []);
	return create(CommitBundleSchema, {
		commit: copy(commit),
		welcome: copy(welcome),
		groupInfo: copy(groupInfo),
		ratchetTree: copy(ratchetTree),
		clientSeq,
	});
}

export async function mlsPerson(world: TestWorld, name: string): Promise<MlsDevice> {
	const device = new MlsDevice(world);
	device.person = await world.person(name, device);
	return device;
}

export async function mlsDeviceOf(world: TestWorld, person: TestPerson): Promise<MlsDevice> {
	const device = new MlsDevice(world);
	device.person = person;
	await world.linkDevice(person, device);
	return device;
}

/** The refusal of a call; fails where it was not refused, or with another code. */
export async function refused(code: RefusalCode, call: Promise<unknown>, message?: RegExp): Promise<Refusal> {
	const error = await call.then(
		() => assert.fail("it was not refused"),
		(reason: unknown) => reason,
	);
	assert.ok(isRefusal(error), `not a refusal: ${error instanceof Error ? error.stack : String(error)}`);
	assert.equal(error.code, code, `${error.code}: ${error.message}`);
	if (message !== undefined) assert.match(error.message, message);
	return error;
}

export function randomChat(): ConversationId {
	return toHex(randomBytes(ID_BYTES)) as ConversationId;
}

/** Alice's group with Bob, and a commit of hers that adds Carla. */
export async function scene(world: TestWorld) {
	const [alice, bob] = [await mlsPerson(world, "alice"), await mlsPerson(world, "bob")];
	const carla = await mlsPerson(world, "carla");
	const chat = randomChat();
	await alice.create(chat, "group", [bob]);
	const before = new Uint8Array((await alice.get(chat)).groupInfo ?? []);
	const made = await alice.make(chat, { add: [carla] });
	return { alice, bob, carla, chat, before, made };
}

export type Scene = Awaited<ReturnType<typeof scene>>;

/** Applies everything of a conversation that has come to a client and was not applied yet; gives the texts. */
export async function catchUp(device: MlsDevice, client: TestClient, chat: ConversationId, upTo: number, from = 1) {
	await client.until(() => client.entries.some((entry) => toHex(entry.log) === chat && entry.seq === upTo));
	const texts: string[] = [];
	for (const entry of client.entries) {
		if (toHex(entry.log) !== chat || entry.seq < from || entry.seq > upTo) continue;
		const text = await device.apply(chat, entry);
		if (text !== undefined) texts.push(text);
	}
	return texts;
}

export async function welcomed(device: MlsDevice, client: TestClient, count = 1): Promise<ConversationId> {
	const entries = await client.entriesOf(device.device, count);
	return device.join(entries[count - 1] ?? assert.fail("no Welcome"));
}

/** Named people with one device each, and the device lists that say who is who. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { AccountId, ConversationId, DeviceId } from "@troth/protocol";
import { toHex } from "@troth/protocol";
import {
	type CommitResult,
	type LeafAuthority,
	type LeafIdentity,
	type MlsErrorCode,
	type MlsGroup,
	MlsRefusal,
	type NewKeyPackage,
	type Processed,
	type SigningKeys,
} from "./engine.ts";
import { createMlsEngine } from "./mls-engine.ts";
import { nodeCryptoProvider } from "./provider.node.ts";

export const engine = createMlsEngine(nodeCryptoProvider);
/** As in a large group: additions come without an UpdatePath where more than two would have to be told it. */
export const sparing = createMlsEngine(nodeCryptoProvider, 2);
export const NOW_MS = Date.UTC(2026, 10, 22);
export const NO_DATA = new Uint8Array(0);

export const newConversation = () => toHex(randomBytes(16)) as ConversationId;
export const bytes = (text: string) => new TextEncoder().encode(text);
export const text = (data: Uint8Array) => new TextDecoder().decode(data);

export interface Person {
	readonly name: string;
	readonly identity: LeafIdentity;
	readonly keys: SigningKeys;
	newKeyPackage(): Promise<NewKeyPackage>;
}

/** Whom the account keys vouch for; `authority` is what an engine asks. */
export class DeviceLists {
	readonly #listed = new Set<string>();

	/** A device with keys of its own; listed by its account unless told otherwise. */
	async person(name: string, { listed = true } = {}): Promise<Person> {
		const identity = { account: toHex(randomBytes(16)) as AccountId, device: toHex(randomBytes(16)) as DeviceId };
		return this.as(name, identity, await engine.generateSigningKeys(), listed);
	}

	as(name: string, identity: LeafIdentity, keys: SigningKeys, listed: boolean): Person {
		if (listed) this.#listed.add(entry(identity, keys.publicKey));
		return { name, identity, keys, newKeyPackage: () => engine.newKeyPackage(identity, keys, NOW_MS, false) };
	}

	readonly authority: LeafAuthority = async (leaf) => this.#listed.has(entry(leaf, leaf.signatureKey));
}

function entry(identity: LeafIdentity, signatureKey: Uint8Array): string {
	return `${identity.account} ${identity.device} ${toHex(signatureKey)}`;
}

/** A group in which everybody has applied the commit that added them; states in the order of the people. */
export async function groupOf(lists: DeviceLists, creator: Person, ...others: readonly Person[]): Promise<MlsGroup[]> {
	const group = await engine.createGroup(newConversation(), await creator.newKeyPackage(), creator.keys);
	const packages = await Promise.all(others.map((person) => person.newKeyPackage()));
	const first = await engine.commit(
		group,
		{ add: packages.map(({ message }) => message), remove: [], authenticatedData: NO_DATA },
		lists.authority,
	);
	return [first.next, ...(await Promise.all(packages.map((own) => joined(lists, first, own))))];
}

export async function joined(lists: DeviceLists, commit: CommitResult, own: NewKeyPackage): Promise<MlsGroup> {
	assert.ok(commit.welcome);
	assert.equal(engine.findKeyPackage(commit.welcome, new Set([own.ref])), own.ref);
	return engine.join(commit.welcome, own.secret, commit.ratchetTree, lists.authority);
}

export async function readText(lists: DeviceLists, group: MlsGroup, message: Uint8Array) {
	const result = await engine.process(group, message, lists.authority);
	assert.ok(result.kind === "application");
	return { next: result.next, text: text(result.plaintext), sender: result.sender };
}

export async function applied(
	lists: DeviceLists,
	group: MlsGroup,
	commit: Uint8Array,
): Promise<Extract<Processed, { kind: "commit" }>> {
	const result = await engine.process(group, commit, lists.authority);
	assert.ok(result.kind === "commit");
	return result;
}

/** `step` ends in a refusal with this code, or one of these where several checks may come first. */
export async function refused(code: MlsErrorCode | readonly MlsErrorCode[], step: Promise<unknown>): Promise<void> {
	const codes = typeof code === "string" ? [code] : code;
	await assert.rejects(step, (error) => {
		assert.ok(error instanceof MlsRefusal, `not a refusal: ${String(error)}`);
		assert.ok(codes.includes(error.code), `expected ${codes.join(" or ")}, found ${error.code}: ${error.message}`);
		return true;
	});
}

/** Alice, bob and carla, who have just begun to talk. */
export async function threePeople() {
	const lists = new DeviceLists();
	const alice = await lists.person("alice");
	const bob = await lists.person("bob");
	const carla = await lists.person("carla");
	const [atAlice, atBob, atCarla] = (await groupOf(lists, alice, bob, carla)) as [MlsGroup, MlsGroup, MlsGroup];
	return { lists, alice, bob, carla, atAlice, atBob, atCarla };
}

/** Bytes from outside that are damaged, cut, invented, or signed by a member who means harm: always a refusal. */
import assert from "node:assert/strict";
import { suite as stories, test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import type { HPKECiphertext } from "ts-mls";
import { encode } from "ts-mls/codec/tlsEncoder.js";
import { encodeMlsMessage } from "ts-mls/message.js";
import { encryptSenderData, privateContentAADEncoder } from "ts-mls/privateMessage.js";
import { deriveKey, derivePrivateMessageNonce } from "ts-mls/secretTree.js";
import type { ReuseGuard } from "ts-mls/sender.js";
import type { UpdatePath } from "ts-mls/updatePath.js";
import { forgeCommit, suite } from "./_mallory.ts";
import { bytes, DeviceLists, engine, groupOf, NO_DATA, refused } from "./_people.ts";
import { type MlsGroup, MlsRefusal } from "./engine.ts";
import { stateOf } from "./group-state.ts";
import { ratchetTo } from "./message-ratchet.ts";
import { takeRatchet } from "./secret-tree.ts";

const RUNS = rounds(150);

const lists = new DeviceLists();
const [alice, bob, carla, dan] = [
	await lists.person("alice"),
	await lists.person("bob"),
	await lists.person("carla"),
	await lists.person("dan"),
];
const [atAlice, atBob, atCarla] = (await groupOf(lists, alice, bob, carla)) as [MlsGroup, MlsGroup, MlsGroup];
const daniel = await dan.newKeyPackage();
const application = await engine.encrypt(
	atBob,
	bytes("a message of some length, so that there is much to damage"),
	NO_DATA,
);
const added = await engine.commit(
	atBob,
	{ add: [daniel.message], remove: [engine.ownLeaf(atCarla)], authenticatedData: bytes("data") },
	lists.authority,
);
const welcome = added.welcome ?? NO_DATA;
const stored = engine.encodeGroup(atAlice);
const rejoining = await carla.newKeyPackage();
const external = await engine.joinExternal(added.groupInfo, added.ratchetTree, rejoining, NO_DATA, lists.authority);

/** The right bytes, damaged in one of the ways bytes are damaged, or any others. */
function damaged(right: Uint8Array): fc.Arbitrary<Uint8Array> {
	const at = fc.nat(Math.max(0, right.length - 1));
	const splice = (start: number, removed: number, inserted: Uint8Array) =>
		Uint8Array.from([...right.subarray(0, start), ...inserted, ...right.subarray(start + removed)]);
	return fc.oneof(
		at.map((length) => right.slice(0, length)),
		fc.tuple(at, fc.integer({ min: 1, max: 255 })).map(([position, mask]) => {
			const changed = Uint8Array.from(right);
			changed[position] = (changed[position] ?? 0) ^ mask;
			return changed;
		}),
		// The first bytes hold kinds and lengths: they get more than their share.
		fc.tuple(fc.nat(40), fc.nat(255)).map(([position, value]) => {
			const changed = Uint8Array.from(right);
			changed[position % right.length] = value;
			return changed;
		}),
		fc
			.tuple(at, fc.nat(20), fc.uint8Array({ maxLength: 20 }))
			.map(([start, removed, inserted]) => splice(start, removed, inserted)),
		fc.uint8Array({ maxLength: 400 }),
	);
}

interface Target {
	readonly right: Uint8Array;
	readonly run: (input: Uint8Array) => Promise<unknown>;
	/** Of what is still accepted: it has to be what the right bytes mean. Nothing is accepted where this is absent. */
	readonly harmless?: (result: unknown) => boolean;
}

const process_ = (input: Uint8Array) => engine.process(atAlice, input, lists.authority);
const sameEpoch = (expected: MlsGroup) => (result: unknown) =>
	Buffer.from(engine.epochAuthenticator(result as MlsGroup)).equals(engine.epochAuthenticator(expected));

const targets: Record<string, Target> = {
	"an application message": { right: application.message, run: process_ },
	"a commit": { right: added.commit, run: process_ },
	"an external commit": {
		right: external.commit,
		run: (input) => engine.process(added.next, input, lists.authority),
	},
	"a key package": { right: daniel.message, run: (input) => engine.readKeyPackage(input) },
	"a key package to add": {
		right: daniel.message,
		run: (input) => engine.commit(atAlice, { add: [input], remove: [], authenticatedData: NO_DATA }, lists.authority),
	},
	"a Welcome": {
		right: welcome,
		run: (input) => engine.join(input, daniel.secret, added.ratchetTree, lists.authority),
		harmless: sameEpoch(added.next),
	},
	"a Welcome to look into": {
		right: welcome,
		run: async (input) => engine.findKeyPackage(input, new Set([daniel.ref])),
		harmless: (ref) => ref === undefined || ref === daniel.ref,
	},
	"the tree of a Welcome": {
		right: added.ratchetTree,
		run: (input) => engine.join(welcome, daniel.secret, input, lists.authority),
		harmless: sameEpoch(added.next),
	},
	"a GroupInfo": {
		right: added.groupInfo,
		run: (input) => engine.joinExternal(input, added.ratchetTree, rejoining, NO_DATA, lists.authority),
	},
	"the tree of a GroupInfo": {
		right: added.ratchetTree,
		run: (input) => engine.joinExternal(added.groupInfo, input, rejoining, NO_DATA, lists.authority),
		harmless: () => true,
	},
	"a key package's secret": {
		right: daniel.secret,
		run: (input) => engine.join(welcome, input, added.ratchetTree, lists.authority),
		harmless: sameEpoch(added.next),
	},
	"a stored tree": {
		right: stored.tree,
		run: async (input) => engine.decodeGroup(input, stored.state),
		harmless: () => true,
	},
	"a stored state": {
		right: stored.state,
		run: async (input) => engine.decodeGroup(stored.tree, input),
		harmless: () => true,
	},
};

stories("damaged bytes are refused with a code, and change nothing", { timeout: 3_600_000 }, () => {
	for (const [name, { right, run, harmless }] of Object.entries(targets)) {
		test(name, async () => {
			await run(right);
			let refusals = 0;
			await fc.assert(
				fc.asyncProperty(damaged(right), async (input) => {
					fc.pre(!Buffer.from(input).equals(right));
					const given = Uint8Array.from(input);
					try {
						const result = await run(input);
						assert.ok(harmless?.(result), "damaged bytes were accepted");
					} catch (error) {
						if (!(error instanceof MlsRefusal)) throw error;
						refusals += 1;
					}
					assert.deepEqual(input, given);
				}),
				{ numRuns: RUNS },
			);
			assert.ok(refusals > RUNS / 4, `only ${refusals} of ${RUNS} were refused`);
			assert.deepEqual(engine.encodeGroup(atAlice), stored);
		});
	}
});

const someBytes = fc.uint8Array({ maxLength: 1300 });
const ciphertexts = (right: readonly HPKECiphertext[]) =>
	fc.array(
		fc.oneof(
			fc.constantFrom(...right, { kemOutput: NO_DATA, ciphertext: NO_DATA }),
			fc.record({ kemOutput: someBytes, ciphertext: someBytes }),
		),
		{ maxLength: 4 },
	);

/** A path that mallory signs although it is wrong. */
function wrongPath(right: UpdatePath): fc.Arbitrary<UpdatePath> {
	const node = fc
		.constantFrom(...right.nodes)
		.chain((original) =>
			fc
				.tuple(fc.oneof(fc.constant(original.hpkePublicKey), someBytes), ciphertexts(original.encryptedPathSecret))
				.map(([hpkePublicKey, encryptedPathSecret]) => ({ hpkePublicKey, encryptedPathSecret })),
		);
	const leafNode = fc
		.tuple(fc.constantFrom("none", "parentHash", "hpkePublicKey", "signature"), someBytes)
		.map(([field, value]) => (field === "none" ? right.leafNode : { ...right.leafNode, [field]: value }));
	return fc
		.tuple(fc.oneof(fc.array(node, { maxLength: 5 }), fc.constant(right.nodes)), leafNode)
		.filter(([nodes, leaf]) => nodes !== right.nodes || leaf !== right.leafNode)
		.map(([nodes, leaf]) => ({ nodes, leafNode: leaf }));
}

test("a member's signed commit with a wrong path is refused with a code", { timeout: 3_600_000 }, async () => {
	let path: UpdatePath | undefined;
	await forgeCommit(atCarla, {
		path: (made) => {
			path = made;
			return made;
		},
	});
	assert.ok(path);
	await fc.assert(
		fc.asyncProperty(wrongPath(path), async (wrong) => {
			const commit = await forgeCommit(atCarla, { path: () => wrong });
			await refused("InvalidCommit", engine.process(atAlice, commit, lists.authority));
		}),
		{ numRuns: RUNS },
	);
	assert.deepEqual(engine.encodeGroup(atAlice), stored);
});

test("a member's encrypted nonsense is refused with a code", { timeout: 3_600_000 }, async () => {
	const state = stateOf(atCarla);
	await fc.assert(
		fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (content) => {
			const { ratchet } = await takeRatchet(state.secretTree, state.privatePath.leafIndex, suite);
			const { generation } = ratchet;
			const { secret } = await ratchetTo(ratchet, generation, suite);
			const reuseGuard = suite.rng.randomBytes(4) as ReuseGuard;
			const key = await deriveKey(secret, generation, suite);
			const nonce = await derivePrivateMessageNonce(secret, generation, reuseGuard, suite);
			const header = {
				groupId: state.groupContext.groupId,
				epoch: state.groupContext.epoch,
				contentType: "application",
				authenticatedData: NO_DATA,
			} as const;
			const ciphertext = await suite.hpke.encryptAead(key, nonce, encode(privateContentAADEncoder)(header), content);
			const encryptedSenderData = await encryptSenderData(
				state.keySchedule.senderDataSecret,
				{ leafIndex: state.privatePath.leafIndex, generation, reuseGuard },
				header,
				ciphertext,
				suite,
			);
			const message = encodeMlsMessage({
				version: "mls10",
				wireformat: "mls_private_message",
				privateMessage: { ...header, encryptedSenderData, ciphertext },
			});
			await refused("Undecryptable", engine.process(atAlice, message, lists.authority));
		}),
		{ numRuns: RUNS },
	);
});

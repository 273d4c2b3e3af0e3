/**
 * Kill -9 of a client's process, before and after single writes of its SQLite store: between encrypting and keeping what
 * was encrypted, between keeping and sending, between sending and being told. Whatever left any of these processes is
 * looked at from outside: no generation of a ratchet carries two texts, and what was acknowledged is there once.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openProfile, registerProfile } from "@troth/client/device/open.node.ts";
import { decodeMessage } from "@troth/client/mls/decoding.ts";
import { stateOf } from "@troth/client/mls/group-state.ts";
import { readSender } from "@troth/client/mls/private-message.ts";
import { nodeCryptoProvider } from "@troth/client/mls/provider.node.ts";
import { SUITE } from "@troth/client/mls/suite.ts";
import { type Person, startWorld, until } from "@troth/client/stories/_people.ts";
import { type ConversationId, toHex } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import { seeded } from "../fuzz/_mutate.ts";
import { WireTap } from "./_wire-tap.ts";

const CHILD = join(import.meta.dirname, "_dying-client.ts");
const ALICE = "+15550109901";

/** Between encrypting and keeping it, between keeping and sending, before the answer is kept. */
const MOMENTS = [
	[2, "before"],
	[2, "after"],
	[3, "before"],
] as const;

/** Runs the client to its end or its death; gives the texts of which it said that they are stored. */
async function run(args: readonly string[]): Promise<{ readonly killed: boolean; readonly stored: readonly string[] }> {
	const child = spawn(process.execPath, [CHILD, ...args], { stdio: ["ignore", "pipe", "pipe"] });
	let told = "";
	let complaints = "";
	child.stdout.on("data", (bytes) => (told += bytes));
	child.stderr.on("data", (bytes) => (complaints += bytes));
	const signal = await new Promise<NodeJS.Signals | null>((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code, by) => (code === 0 || by === "SIGKILL" ? resolve(by) : reject(new Error(complaints))));
	});
	const stored = told.split("\n").flatMap((line) => (line.startsWith("stored ") ? [line.slice("stored ".length)] : []));
	return { killed: signal === "SIGKILL", stored };
}

/** Leaf and generation of a ciphertext, as a reader of its epoch finds them in the sender data. */
async function generationOf(bob: Person, chat: ConversationId, payload: Uint8Array): Promise<string> {
	const { engine } = bob.ports();
	const group = engine.decodeGroup(
		bob.data.get(`group-tree/${chat}`) ?? assert.fail("bob has no group"),
		bob.data.get(`group-state/${chat}`) ?? assert.fail("bob has no group"),
	);
	const { privateMessage } = decodeMessage(payload, "mls_private_message");
	const { keySchedule, secretTree, ratchetTree, groupContext } = stateOf(group);
	assert.equal(privateMessage.epoch, groupContext.epoch, "nobody commits here");
	const keys = { senderDataSecret: keySchedule.senderDataSecret, secretTree, ratchetTree, groupContext };
	const sender = await readSender(keys, privateMessage, await nodeCryptoProvider.getCiphersuiteImpl(SUITE));
	return `${sender.leafIndex}/${sender.generation}`;
}

test("a client that is killed at any write uses no generation twice, and loses nothing it was told is stored", {
	timeout: 600_000,
}, async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-dying-"));
	const dir = join(directory, "alice");
	await using world = await startWorld();
	await using tap = await WireTap.before(world.url);
	try {
		const bob = await world.person("Bob");
		await registerProfile({
			dir,
			server: tap.url,
			phone: ALICE,
			name: "Alice",
			code: async () => world.code(ALICE),
			acceptTerms: true,
		});
		let chat: ConversationId;
		{
			await using alice = await openProfile({ dir });
			await alice.caughtUp();
			chat = await alice.openDirect((await alice.find(bob.phone)).account);
		}
		await until("bob is in", () => bob.device.conversation(chat));

		const random = seeded(Math.floor(performance.timeOrigin) >>> 0);
		const stored: string[] = [];
		let killed = 0;
		for (let n = 0; n < rounds(3, 60); n++) {
			// A send is three writes or four: the row, what was encrypted, the answer, the entry that comes back.
			const [write, when] = MOMENTS[n] ?? [1 + Math.floor(random() * 8), random() < 0.5 ? "before" : "after"];
			const outcome = await run([dir, chat, String(write), when, `${n} one`, `${n} two`]);
			if (outcome.killed) killed++;
			stored.push(...outcome.stored);
		}
		assert.ok(killed > 0, "nobody died");
		{
			await using alice = await openProfile({ dir });
			const { id } = await alice.send(chat, "last");
			await alice.stored(chat, id ?? assert.fail("a sent message has an id"));
			stored.push("last");
		}
		await until("bob has the last", async () => (await bob.texts(chat)).includes("Alice: last"));

		const read = (await bob.texts(chat)).map((line) => line.replace("Alice: ", ""));
		assert.equal(new Set(read).size, read.length, "each is shown once");
		for (const text of stored) assert.ok(read.includes(text), `${text} was stored`);
		assert.deepEqual(
			(await bob.rows(chat)).filter(({ body }) => body.kind !== "text"),
			[],
			"nothing unreadable, no gap, no fork",
		);

		const left = tap.sent.flatMap(({ body }) => (body.case === "send" ? [body.value.payload] : []));
		const used = new Map<string, string>();
		for (const payload of left) {
			const generation = await generationOf(bob, chat, payload);
			const before = used.get(generation);
			assert.ok(before === undefined || before === toHex(payload), `generation ${generation} carried two texts`);
			used.set(generation, toHex(payload));
		}
		assert.ok(used.size >= read.length, `${used.size} generations, ${read.length} texts`);
	} finally {
		await rm(directory, { recursive: true });
	}
});

/**
 * Runs where a small file system is mounted on DIRECTORY: fills it, looks at what is told and what is kept, makes room
 * and goes on. Prints one line of JSON.
 *
 *     node _full-disk.ts DIRECTORY
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openProfile, registerProfile } from "@troth/client/device/open.node.ts";
import { StateFailed } from "@troth/client/state/local-state.ts";
import { Middleman } from "@troth/client/stories/_lying.ts";
import { startWorld, until } from "@troth/client/stories/_people.ts";
import { type Frame, fromErrorDetail } from "@troth/protocol";

const [directory = ""] = process.argv.slice(2);
const ballast = join(directory, "ballast");
const LONG = "x".repeat(60_000);
const fill = () => writeFileSync(ballast, Buffer.alloc(1024 * 1024, 1));

/** Alice sends until the server's disk is full; what waits is taken once there is room. */
async function server(): Promise<unknown> {
	fill();
	await using world = await startWorld({ directory: join(directory, "server") });
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	const refusals = () =>
		man.received.flatMap(({ body }: Frame) =>
			body.case === "sendRefused" && body.value.error ? [fromErrorDetail(body.value.error).code] : [],
		);
	const texts: string[] = [];
	const stored: string[] = [];
	const waiting: Promise<unknown>[] = [];
	for (let n = 0; refusals().length === 0; n++) {
		const text = `${n} ${LONG}`;
		const { id } = await alice.device.send(chat, text);
		texts.push(text);
		if (id === undefined) throw new TypeError("a sent message has an id");
		const taken = alice.device.stored(chat, id).then(() => stored.push(text));
		waiting.push(taken);
		// One after the other, until one is not taken.
		await until("taken or refused", () => stored.includes(text) || refusals().length > 0);
	}
	const refused = refusals()[0];
	const storedWhenFull = stored.length;
	rmSync(ballast);
	await Promise.all(waiting);
	await until("bob has all", async () => (await bob.texts(chat)).length === texts.length);
	const read = await bob.texts(chat);
	return {
		refused,
		some: storedWhenFull > 3,
		complete: read.join() === texts.map((text) => `Alice: ${text}`).join(),
	};
}

/** Alice's own disk is full: she is told at once, nothing of it is sent, and what was sent before stays. */
async function client(): Promise<unknown> {
	await using world = await startWorld();
	const bob = await world.person("Bob");
	const dir = join(directory, "alice");
	const phone = "+15550109902";
	const account = { dir, server: world.url, phone, name: "Alice", code: async () => world.code(phone) };
	await registerProfile({ ...account, acceptTerms: true });
	await using alice = await openProfile({ dir });
	await alice.caughtUp();
	const chat = await alice.openDirect((await alice.find(bob.phone)).account);
	fill();
	const accepted: string[] = [];
	let refused = "";
	for (let n = 0; refused === ""; n++) {
		const text = `${n} ${LONG}`;
		await alice.send(chat, text).then(
			() => accepted.push(text),
			(error: unknown) => {
				refused = error instanceof StateFailed ? error.code : String(error);
			},
		);
	}
	const when = accepted.length;
	const kept = (await alice.messages(chat, { limit: 1000 })).filter(({ body }) => body.kind === "text").length;
	rmSync(ballast);
	await alice.send(chat, "after");
	accepted.push("after");
	await until("bob has all", async () => (await bob.texts(chat)).includes("Alice: after"));
	const read = await bob.texts(chat);
	return {
		refused,
		some: when > 3,
		kept: kept === when,
		complete: read.join() === accepted.map((text) => `Alice: ${text}`).join(),
	};
}

const ofClient = await client();
rmSync(join(directory, "alice"), { recursive: true });
console.log(JSON.stringify({ client: ofClient, server: await server() }));

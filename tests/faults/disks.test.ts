/**
 * Disks that are full or slow, under the server and under a client: told in so many words, nothing is lost, and nothing
 * leaves before it is kept. (A slow store of the server: `messenger/delivery/sending.test.ts`.)
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { LocalStore } from "@troth/client/store/port.ts";
import { Middleman } from "@troth/client/stories/_lying.ts";
import { startWorld, until } from "@troth/client/stories/_people.ts";
import { toHex } from "@troth/protocol";

const CHILD = join(import.meta.dirname, "_full-disk.ts");

/** Runs a command where only it sees a small file system mounted on the directory. */
function onSmallDisk(directory: string, command: readonly string[]) {
	const script = `mount -t tmpfs -o size=6m tmpfs "$0" && exec "$@"`;
	return spawnSync("unshare", ["-rm", "sh", "-c", script, directory, ...command], { encoding: "utf8" });
}

test("a full disk, a client's and then the server's: each says so, and goes on when there is room", async (t) => {
	const directory = await mkdtemp(join(tmpdir(), "troth-full-"));
	try {
		if (onSmallDisk(directory, ["true"]).status !== 0) {
			t.skip("a file system can not be mounted in a namespace here (needs unshare and user namespaces)");
			return;
		}
		const { status, stdout, stderr } = onSmallDisk(directory, [process.execPath, CHILD, directory]);
		assert.equal(status, 0, stderr);
		assert.deepEqual(JSON.parse(stdout), {
			client: { refused: "STORE_FULL", some: true, kept: true, complete: true },
			server: { refused: "UNAVAILABLE", some: true, complete: true },
		});
	} finally {
		await rm(directory, { recursive: true });
	}
});

/** Writes wait in line while it is shut. */
class Gate {
	#open: Promise<void> = Promise.resolve();
	#release: () => void = () => {};
	waiting = 0;

	shut(): void {
		this.#open = new Promise((resolve) => {
			this.#release = resolve;
		});
	}

	open(): void {
		this.#release();
	}

	before(store: LocalStore): LocalStore {
		return {
			get: (key) => store.get(key),
			range: (from, to, options) => store.range(from, to, options),
			write: async (batch) => {
				this.waiting++;
				await this.#open;
				this.waiting--;
				await store.write(batch);
			},
			[Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
		};
	}
}

test("while the store hangs nothing leaves and nothing is acknowledged; then all of it, in order", async () => {
	await using world = await startWorld();
	const [gate, man] = [new Gate(), new Middleman()];
	const alice = await world.person("Alice", {
		ports: (ports) => man.between({ ...ports, store: gate.before(ports.store) }),
	});
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "one");
	await until("bob is in", async () => (await bob.texts(chat)).length === 1);
	await bob.say(chat, "two");
	await until("alice has it", async () => (await alice.texts(chat)).length === 2);

	gate.shut();
	man.sent.length = 0;
	const sending = ["three", "four", "five"].map((text) => alice.device.send(chat, text));
	const theirs = await bob.device.send(chat, "six");
	await bob.device.stored(chat, theirs.id ?? assert.fail("a sent message has an id"));
	const carries = ({ body }: (typeof man.received)[number]) =>
		body.case === "entry" && toHex(body.value.log) === chat && body.value.seq > 2;
	await until("it came to alice", () => man.received.some(carries));
	await until("her store is asked", () => gate.waiting > 0);
	assert.deepEqual(
		man.sent.flatMap(({ body }) => (body.case === "send" || body.case === "ack" ? [body.case] : [])),
		[],
		"neither texts nor acknowledgements",
	);
	gate.open();
	await Promise.all(sending);
	await until("bob has all", async () => (await bob.texts(chat)).length === 6);
	const own = (await bob.texts(chat)).filter((line) => line.startsWith("Alice: "));
	assert.deepEqual(own, ["Alice: one", "Alice: three", "Alice: four", "Alice: five"]);
	await until("alice has hers", async () => (await alice.texts(chat)).includes("Bob: six"));
	await until("delivered", async () => (await bob.rows(chat)).every(({ delivery }) => delivery?.state !== "stored"));
});

/**
 * `npm run bench:mls`: what the encryption costs a device on Node. Two people and messages of 200 bytes, beside libsignal
 * in the same run where npm can get it (into bench/run, never into our lockfile: AGPL-3.0); then a group of 1024 leaves,
 * or `--leaves N`. One thread. `--save` writes the figures into bench/results; `--messages N` for a shorter look.
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DeviceLists, engine, groupOf, NO_DATA, newConversation } from "@troth/client/mls/_people.ts";
import type { MlsGroup } from "@troth/client/mls/engine.ts";
import { type Figure, type Options, quantile, runFigures } from "./figures.ts";
import { findProgram, run } from "./processes.ts";

const PLAINTEXT = new Uint8Array(200).fill(0x61);
/** As long as the AuthenticatedData of a text. */
const AUTHENTICATED = new Uint8Array(40);
const MESSAGES = 4_000;
const ROUNDS = 5;
const KEY_PACKAGES = 500;
const LEAVES = 1024;
/** Of what is measured in the large group. */
const GROUP_ROUNDS = 7;
const INSTALL_MS = 180_000;
const PEER_MS = 300_000;

interface Sizes {
	readonly messages: number;
	readonly leaves: number;
}

async function* measured({ messages, leaves }: Sizes): AsyncGenerator<Figure> {
	yield* betweenTwo(messages);
	yield* libsignal(messages);
	yield* inLargeGroup(leaves);
}

async function* betweenTwo(messages: number): AsyncGenerator<Figure> {
	const lists = new DeviceLists();
	const [alice, bob] = [await lists.person("alice"), await lists.person("bob")];
	let [atAlice, atBob] = (await groupOf(lists, alice, bob)) as [MlsGroup, MlsGroup];
	const encrypted: number[] = [];
	const decrypted: number[] = [];
	// One round more than counts, which only warms up.
	for (let round = 0; round <= ROUNDS; round++) {
		const sent: Uint8Array[] = [];
		const encryptMs = await timed(async () => {
			for (let n = 0; n < messages; n++) {
				const { next, message } = await engine.encrypt(atAlice, PLAINTEXT, AUTHENTICATED);
				atAlice = next;
				sent.push(message);
			}
		});
		const decryptMs = await timed(async () => {
			for (const message of sent) atBob = (await engine.process(atBob, message, lists.authority)).next;
		});
		if (round === 0) continue;
		encrypted.push((messages * 1000) / encryptMs);
		decrypted.push((messages * 1000) / decryptMs);
	}
	yield { name: "encrypt, 200 bytes, X-Wing", value: quantile(encrypted, 0.5), unit: "/s", aim: 4_500 };
	yield { name: "decrypt, 200 bytes, X-Wing", value: quantile(decrypted, 0.5), unit: "/s", aim: 3_200 };
	const keysMs = await timed(async () => {
		for (let n = 0; n < KEY_PACKAGES; n++) await alice.newKeyPackage();
	});
	yield { name: "key packages", value: (KEY_PACKAGES * 1000) / keysMs, unit: "/s" };
}

async function* libsignal(messages: number): AsyncGenerator<Figure> {
	const folder = await installPeer();
	if (folder === undefined) {
		console.log("libsignal: npm can not get it here");
		return;
	}
	const args = [join(folder, "figures.mjs"), String(messages), String(ROUNDS), String(KEY_PACKAGES)];
	const { code, stdout, stderr } = await run({ command: process.execPath, args, cwd: folder }, PEER_MS);
	if (code !== 0) throw new Error(`libsignal: ${stderr}`);
	const { encrypt, decrypt, keys } = JSON.parse(stdout) as Readonly<Record<"encrypt" | "decrypt" | "keys", number>>;
	yield { name: "libsignal 0.103.0: encrypt, 200 bytes", value: encrypt, unit: "/s" };
	yield { name: "libsignal 0.103.0: decrypt, 200 bytes", value: decrypt, unit: "/s" };
	yield { name: "libsignal 0.103.0: pre-keys with Kyber", value: keys, unit: "/s" };
}

/** Where it lies; undefined where npm could not get it. */
async function installPeer(): Promise<string | undefined> {
	const folder = join(import.meta.dirname, "run", "libsignal");
	const sources = join(import.meta.dirname, "peers", "libsignal");
	await mkdir(folder, { recursive: true });
	for (const file of ["package.json", "figures.mjs"]) await copyFile(join(sources, file), join(folder, file));
	const installed = join(folder, "node_modules", "@signalapp", "libsignal-client", "package.json");
	if (existsSync(installed)) return folder;
	if (findProgram("npm") === undefined) return undefined;
	const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
	await run({ command: "npm", args, cwd: folder }, INSTALL_MS).catch(() => undefined);
	return existsSync(installed) ? folder : undefined;
}

async function* inLargeGroup(leaves: number): AsyncGenerator<Figure> {
	const lists = new DeviceLists();
	const alice = await lists.person("alice");
	const others = await Promise.all(Array.from({ length: leaves - 1 }, () => lists.person("member")));
	const packages = [];
	for (const person of others) packages.push(await person.newKeyPackage());
	const [own, latecomer] = [packages[0], await (await lists.person("latecomer")).newKeyPackage()];
	if (own === undefined) throw new RangeError("a group needs somebody else");
	const add = packages.map(({ message }) => message);
	const keyPackage = await alice.newKeyPackage();
	const startedMs = performance.now();
	const alone = await engine.createGroup(newConversation(), keyPackage, alice.keys);
	const first = await engine.commit(alone, { add, remove: [], authenticatedData: NO_DATA }, lists.authority);
	yield {
		name: `${leaves} leaves: create and add all`,
		value: (performance.now() - startedMs) / 1000,
		unit: "s",
		aim: 8,
	};
	if (first.welcome === undefined) throw new Error("nobody was welcomed");
	yield { name: `${leaves} leaves: the commit that adds all`, value: first.commit.length, unit: "B" };
	yield { name: `${leaves} leaves: its Welcome, for all of them`, value: first.welcome.length, unit: "B" };
	yield { name: `${leaves} leaves: the tree, fetched once`, value: first.ratchetTree.length, unit: "B" };
	const { welcome, ratchetTree } = first;
	let member = await engine.join(welcome, own.secret, ratchetTree, lists.authority);
	const join_ = () => engine.join(welcome, own.secret, ratchetTree, lists.authority);
	yield { name: `${leaves} leaves: join`, value: await middleMs(3, join_), unit: "ms" };

	let group = first.next;
	let sent: Uint8Array = NO_DATA;
	const encrypt = async () => {
		const { next, message } = await engine.encrypt(group, PLAINTEXT, AUTHENTICATED);
		group = next;
		sent = message;
	};
	yield { name: `${leaves} leaves: encrypt`, value: await middleMs(50, encrypt), unit: "ms", aim: 2 };
	const read = () => engine.process(member, sent, lists.authority);
	yield { name: `${leaves} leaves: decrypt`, value: await middleMs(50, read), unit: "ms" };

	// The first commit after all were added has a path to each of them; after it the path is filled.
	const update = { add: [], remove: [], authenticatedData: NO_DATA };
	const second = await engine.commit(group, update, lists.authority);
	yield { name: `${leaves} leaves: first update, which each downloads`, value: second.commit.length, unit: "B" };
	const process_ = () => engine.process(member, second.commit, lists.authority);
	yield { name: `${leaves} leaves: process that update`, value: await middleMs(GROUP_ROUNDS, process_), unit: "ms" };
	member = (await process_()).next;
	group = second.next;
	const addOne = () => engine.commit(group, { ...update, add: [latecomer.message] }, lists.authority);
	yield { name: `${leaves} leaves: add one`, value: await middleMs(GROUP_ROUNDS, addOne), unit: "ms", aim: 60 };
	yield {
		name: `${leaves} leaves: that commit, which each downloads`,
		value: (await addOne()).commit.length,
		unit: "B",
	};
	const [tree, state] = [engine.encodeGroup(group).tree.length, engine.encodeGroup(group).state.length];
	yield { name: `${leaves} leaves: written per epoch`, value: tree, unit: "B" };
	yield { name: `${leaves} leaves: written per message`, value: state, unit: "B" };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
	const startedMs = performance.now();
	await work();
	return performance.now() - startedMs;
}

/** Of so many times, after one that only warms up. */
async function middleMs(times: number, work: () => Promise<unknown>): Promise<number> {
	await work();
	const taken: number[] = [];
	for (let n = 0; n < times; n++) taken.push(await timed(work));
	return quantile(taken, 0.5);
}

function sizesOf(options: Options): Sizes {
	const number = (name: string, otherwise: number) => {
		const value = Number(options[name] ?? otherwise);
		if (!Number.isSafeInteger(value) || value < 2) throw new RangeError(`--${name} takes a number`);
		return value;
	};
	return { messages: number("messages", MESSAGES), leaves: number("leaves", LEAVES) };
}

await runFigures(
	(options) => {
		const sizes = sizesOf(options);
		return {
			kind: "mls",
			command: "npm run bench:mls",
			measured: ["protocol", "client/mls", "bench"],
			what: `MLS on Node: ${sizes.messages} messages of 200 bytes in each of ${ROUNDS} rounds, and a group of ${sizes.leaves} leaves`,
			figures: measured(sizes),
		};
	},
	["messages", "leaves"],
);

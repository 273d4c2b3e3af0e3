/**
 * Four people with accounts, one of whom has a second device with the history of the first; made once by the real
 * registration and the real linking. Every run begins with copies of their disks.
 */

import { createMlsEngine } from "../../client/mls/mls-engine.ts";
import { nodeCryptoProvider } from "../../client/mls/provider.node.ts";
import { temporarySecrets } from "../../messenger/secrets.ts";
import { Books, type Memory } from "./books.ts";
import { DeviceWitness } from "./device-witness.ts";
import { Dice } from "./dice.ts";
import { HintNetwork } from "./hint-network.ts";
import { Network } from "./network.ts";
import { Node } from "./node.ts";
import { Person, type PersonImage } from "./person.ts";
import { Scheduler } from "./scheduler.ts";
import { sealProcess } from "./sealing.ts";
import { type DiskImage, ServerDisk } from "./server-disk.ts";
import { Trace } from "./trace.ts";

export interface Town {
	readonly disk: DiskImage;
	readonly people: readonly PersonImage[];
	readonly memory: Memory;
	readonly nowMs: number;
}

const NAMES = ["Alice", "Bob", "Carla", "Dan"] as const;
const START_MS = Date.UTC(2026, 10, 22, 12);

/** The same town in every process. */
export async function buildTown(): Promise<Town> {
	const scheduler = new Scheduler(START_MS);
	const dice = new Dice("town");
	using _sealed = sealProcess(scheduler, new Dice("town's bytes"));
	const trace = new Trace(scheduler);
	const quiet = { fromDevice() {}, fromNode() {}, asked() {}, answered() {}, note() {} };
	const network = new Network(scheduler, dice, quiet);
	const books = new Books(scheduler);
	const devices = new DeviceWitness(books);
	const codes = new Map<string, string>();
	// Awaited here: the process is sealed until it is done.
	return await scheduler.run(
		(async () => {
			const empty = { logs: [], records: undefined, blobs: new Map(), secrets: temporarySecrets() };
			const disk = await ServerDisk.from(empty, scheduler, dice, { durable() {} });
			const hints = new HintNetwork(dice);
			const node = new Node("node-1", { scheduler, disk, hints, network, trace, codes, logged() {} });
			await node.start();
			const engine = devices.watched(createMlsEngine(nodeCryptoProvider));
			const around = {
				scheduler,
				dice,
				network,
				trace,
				codes,
				engine: () => engine,
				durable: devices.kept.bind(devices),
			};
			const people = NAMES.map((name, i) => new Person(name, `+1555010000${i + 1}`, around));
			for (const person of people) await person.register();
			for (const person of people)
				for (const other of people) if (other !== person) await person.device?.find(other.phone);
			await scheduler.sleep(30_000);
			await converse(people);
			await scheduler.sleep(30_000);
			const [alice] = people;
			const laptop = new Person("Laptop", alice?.phone ?? "", around);
			if (alice !== undefined) await laptop.join(alice);
			people.push(laptop);
			devices.kept(laptop, laptop.disk.data);
			await laptop.open();
			await laptop.device?.caughtUp();
			await scheduler.sleep(30_000);
			for (const person of people) await person.close();
			await node.stop();
			return {
				disk: disk.image(),
				people: people.map((person) => person.image()),
				memory: books.memory(),
				nowMs: scheduler.now(),
			};
		})(),
	);
}

/** A group of all, and a chat of the first two. */
async function converse([alice, bob, ...others]: readonly Person[]): Promise<void> {
	if (alice === undefined || bob === undefined) return;
	await alice.device?.createGroup(
		"Walks",
		[bob, ...others].map(({ account }) => account),
	);
	const chat = await bob.device?.openDirect(alice.account);
	const walks = (await alice.device?.conversations())?.find(({ kind }) => kind === "group")?.id;
	if (chat === undefined || walks === undefined) return;
	for (const number of [1, 2, 3]) {
		await bob.device?.send(chat, `Before ${number}`);
		await alice.device?.send(walks, `Earlier ${number}`);
	}
}

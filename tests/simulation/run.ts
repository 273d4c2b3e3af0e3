/** One run: a seed, a town, forty acts in which everything goes wrong, the healing, and the verdict. */
import { createMlsEngine } from "../../client/mls/mls-engine.ts";
import { nodeCryptoProvider } from "../../client/mls/provider.node.ts";
import { AGES } from "./ages.ts";
import { Blocks } from "./blocks.ts";
import { Books, type Violation } from "./books.ts";
import { DeviceWitness } from "./device-witness.ts";
import { Dice } from "./dice.ts";
import { DiskWitness } from "./disk-witness.ts";
import { Driver } from "./driver.ts";
import { HintNetwork } from "./hint-network.ts";
import type { Link, NetworkWatcher } from "./link.ts";
import { Network } from "./network.ts";
import { Node } from "./node.ts";
import { Person } from "./person.ts";
import { Scheduler } from "./scheduler.ts";
import { sealProcess } from "./sealing.ts";
import { ServerDisk } from "./server-disk.ts";
import { frameName, keptName, stepName } from "./story.ts";
import type { Town } from "./town.ts";
import { describe, Trace } from "./trace.ts";
import { judge, unsettled } from "./verdict.ts";
import { WireWitness } from "./wire-witness.ts";

export interface RunOptions {
	/** Acts before everything is healed. */
	readonly steps?: number;
	/** Gets the story, line by line. */
	readonly tell?: ((line: string) => void) | undefined;
}

export interface Outcome {
	readonly seed: number;
	readonly violations: readonly Violation[];
	/** Over everything that happened. */
	readonly hash: string;
	readonly events: number;
}

export const STEPS = 40;
/** Of so many runs one is restless. */
const RESTLESS_EVERY = 10;
/** So long after the healing everything has to have come to rest. */
const PATIENCE_MS = 15 * 60_000;
const LOOK_MS = 5_000;

export async function runSeed(seed: number, town: Town, options: RunOptions = {}): Promise<Outcome> {
	const scheduler = new Scheduler(town.nowMs);
	const trace = new Trace(scheduler, options.tell);
	const books = new Books(scheduler, town.memory);
	const dice = (part: string) => new Dice(`${seed} ${part}`);
	using _sealed = sealProcess(scheduler, dice("bytes"));
	const defect = (error: unknown) => books.broken("defect", describe(error));
	process.on("unhandledRejection", defect);
	try {
		await scheduler.run(play(seed, town, { scheduler, trace, books, dice }, options.steps ?? STEPS));
	} catch (error) {
		books.broken("liveness", describe(error));
	} finally {
		process.off("unhandledRejection", defect);
	}
	for (const { promise, what } of books.violations) trace.note("oracle", `promise ${promise}: ${what}`);
	return { seed, violations: books.violations, hash: trace.digest(), events: scheduler.count };
}

interface Stage {
	readonly scheduler: Scheduler;
	readonly trace: Trace;
	readonly books: Books;
	readonly dice: (part: string) => Dice;
}

async function play(seed: number, town: Town, stage: Stage, steps: number): Promise<void> {
	const { scheduler, trace, books, dice } = stage;
	const plan = dice("plan");
	const devices = new DeviceWitness(books);
	const disks = new DiskWitness(books);
	const people: Person[] = [];
	const network = new Network(
		scheduler,
		dice("network"),
		watcher(stage, devices, () => disk, people),
	);
	const around = {
		...{ scheduler, network, trace, dice: dice("devices"), codes: new Map<string, string>() },
		engine: () => devices.watched(createMlsEngine(nodeCryptoProvider)),
		durable(person: Person, batch: ReadonlyMap<string, Uint8Array | undefined>) {
			for (const [key, value] of batch) trace.note(person.name, "keeps", value, () => keptName(key, value));
			devices.kept(person, batch);
		},
	};
	const meet = (person: Person) => {
		people.push(person);
		books.meet(person);
		devices.kept(person, person.disk.data);
	};
	const newDevice = (name: string, owner: Person) => {
		const device = new Person(name, owner.phone, around);
		device.link.home = owner.link.home;
		return device;
	};
	for (const image of town.people) meet(Person.from(image, around));
	const disk = await ServerDisk.from(town.disk, scheduler, dice("disk"), {
		durable(steps) {
			trace.note("disk", `has ${steps.map(stepName).join(", ")}`);
			disks.durable(steps);
		},
	});
	const hints = new HintNetwork(dice("hints"));
	const nodeCount = plan.chance(0.3) ? 2 : 1;
	// There are runs in which not a single one arrives.
	if (nodeCount > 1) hints.loss = plan.pick([0, 0.3, 1]) ?? 0;
	const logged = (node: string, line: string) => judgeLine(stage, node, line, nodeCount > 1 || scheduler.skipped);
	const nodes = Array.from(
		{ length: nodeCount },
		(_, i) => new Node(`node-${i + 1}`, { scheduler, disk, hints, network, trace, logged, codes: new Map() }),
	);
	settle(people, nodes, plan);
	trace.note("seed", `${seed}: ${nodeCount} nodes, ${people.map(({ link }) => link.age).join(", ")}`);
	const world = { scheduler, trace, books, disk, hints, network, nodes, people, newDevice, meet };
	const driver = new Driver({ ...world, dice: dice("acts"), restless: seed % RESTLESS_EVERY === 0 });
	await driver.begin();
	for (let step = 0; step < steps; step++) await driver.step();
	await driver.heal();
	const untilMs = scheduler.now() + PATIENCE_MS;
	let why: string | undefined;
	do {
		await scheduler.sleep(LOOK_MS);
		why = unsettled(people, books);
	} while (why !== undefined && scheduler.now() < untilMs);
	if (why !== undefined) books.broken("liveness", why);
	await scheduler.sleep(LOOK_MS);
	await driver.end();
	const used = disk.peek("select device_id from last_resort_key_package where used_at_ms is not null");
	judge(
		people,
		books,
		(used as { device_id: string }[]).map(({ device_id }) => device_id),
	);
}

/** Everybody gets the node of their account, and an age for each device. */
function settle(people: readonly Person[], nodes: readonly Node[], plan: Dice): void {
	const homes = new Map<string, string>();
	for (const person of people) {
		const home = homes.get(person.account) ?? plan.pick(nodes)?.host.name ?? "";
		homes.set(person.account, home);
		person.link.home = home;
		person.link.age = plan.weighted(AGES);
	}
}

function watcher(
	{ trace, books }: Stage,
	devices: DeviceWitness,
	disk: () => ServerDisk,
	people: readonly Person[],
): NetworkWatcher {
	const blocks = new Blocks((account, blocked) => {
		const sql = "select 1 from block where account_id = ? and blocked_account_id = ?";
		return disk().peek(sql, [account, blocked]).length > 0;
	});
	const wires = new WireWitness(books, devices, blocks);
	const lastResort = () =>
		(disk().peek("select key_package from last_resort_key_package") as { key_package: Uint8Array }[]).map(
			(row) => row.key_package,
		);
	const at = (link: Link, look: (person: Person) => void) => {
		const person = people.find(({ name }) => name === link.device);
		if (person !== undefined) look(person);
	};
	return {
		fromDevice(link, frame) {
			trace.note(link.device, "sends", frame, () => frameName(frame));
			at(link, (person) => wires.fromDevice(person, frame));
		},
		fromNode(link, frame) {
			trace.note("server", `sends ${link.device}`, frame, () => frameName(frame));
			at(link, (person) => wires.fromNode(person, frame));
		},
		asked: (link, request) => at(link, (person) => wires.asked(person, request)),
		answered: (link, request, answer) => at(link, (person) => wires.answered(person, request, answer, lastResort)),
		note: (who, what, bytes) => trace.note(who, what, bytes),
	};
}

/** What a server writes for its operator: a failure that no fault explains is a defect. */
function judgeLine({ trace, books }: Stage, node: string, line: string, mayMiss: boolean): void {
	const event = JSON.parse(line) as { event: string; error?: string };
	if (!/failed/.test(event.event)) return;
	trace.note(node, `reports ${line}`);
	// The other node was faster with a log, or the retention job with a page that is being read: the device comes again.
	const overtaken = mayMiss && line.includes("entries are missing in the store");
	if (!overtaken && !/Store|Full|Moved|Refusal/.test(line)) books.broken("defect", `${node}: ${line}`);
}

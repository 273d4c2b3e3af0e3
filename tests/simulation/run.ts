/** One run: a seed, a town, a hundred acts in which everything goes wrong, the healing, and the verdict. */
import { createMlsEngine } from "../../client/mls/mls-engine.ts";
import { nodeCryptoProvider } from "../../client/mls/provider.node.ts";
import { Books, type Violation } from "./books.ts";
import { Dice } from "./dice.ts";
import { Driver } from "./driver.ts";
import { Network } from "./network.ts";
import { Node } from "./node.ts";
import { Person } from "./person.ts";
import { Scheduler } from "./scheduler.ts";
import { sealProcess } from "./sealing.ts";
import { HintNetwork, ServerDisk } from "./server-disk.ts";
import { frameName, keptName, stepName } from "./story.ts";
import type { Town } from "./town.ts";
import { describe, Trace } from "./trace.ts";
import { judge, unsettled } from "./verdict.ts";

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

async function play(seed: number, town: Town, { scheduler, trace, books, dice }: Stage, steps: number): Promise<void> {
	const plan = dice("plan");
	const network = new Network(scheduler, dice("network"), {
		fromDevice(link, frame) {
			trace.note(link.device, "sends", frame, () => frameName(frame));
			const person = people.find(({ name }) => name === link.device);
			if (person !== undefined) books.fromDevice(person, frame);
		},
		fromNode(link, frame) {
			trace.note("server", `sends ${link.device}`, frame, () => frameName(frame));
			const person = people.find(({ name }) => name === link.device);
			if (person !== undefined) books.fromNode(person.deviceId, frame);
		},
		answered: (_link, request, answer) =>
			books.answered(request, answer, () =>
				(disk.peek("select key_package from last_resort_key_package") as { key_package: Uint8Array }[]).map(
					(row) => row.key_package,
				),
			),
		note: (who, what, bytes) => trace.note(who, what, bytes),
	});
	const around = {
		...{ scheduler, network, trace, dice: dice("devices"), codes: new Map<string, string>() },
		engine: () => books.watched(createMlsEngine(nodeCryptoProvider)),
		durable(person: Person, batch: ReadonlyMap<string, Uint8Array | undefined>) {
			for (const [key, value] of batch) trace.note(person.name, "keeps", value, () => keptName(key, value));
			books.kept(person, batch);
		},
	};
	const people = town.people.map((image) => Person.from(image, around));
	for (const person of people) {
		books.meet(person);
		books.kept(person, person.disk.data);
	}
	const disk = await ServerDisk.from(town.disk, scheduler, dice("disk"), {
		durable(steps) {
			trace.note("disk", `has ${steps.map(stepName).join(", ")}`);
			books.durable(steps);
		},
	});
	const hints = new HintNetwork(dice("hints"));
	const nodeCount = plan.chance(0.3) ? 2 : 1;
	const logged = (node: string, line: string) => {
		const event = JSON.parse(line) as { event: string; error?: string };
		if (!/failed/.test(event.event)) return;
		trace.note(node, `reports ${line}`);
		// The other node was faster with a log, and this one finds out.
		const overtaken = nodeCount > 1 && line.includes("entries are missing in the store");
		if (!overtaken && !/Store|Full|Moved|Refusal/.test(line)) books.broken("defect", `${node}: ${line}`);
	};
	const nodes = Array.from(
		{ length: nodeCount },
		(_, i) => new Node(`node-${i + 1}`, { scheduler, disk, hints, network, trace, logged, codes: new Map() }),
	);
	for (const person of people) person.link.home = plan.pick(nodes)?.host.name ?? "";
	trace.note("seed", `${seed}: ${nodeCount} nodes`);
	const driver = new Driver({ scheduler, trace, books, disk, network, nodes, people, dice: dice("acts") });
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

/** `npm run bench`: measures our messenger and the peers that are installed, one after the other, in one run. */
import { mkdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Contender, Population } from "./contender.ts";
import { checkFloors } from "./floors.ts";
import { BuildToolsMissing, buildGenerator, type Measurement } from "./generator.ts";
import { describeMachine, describeRevision } from "./machine.ts";
import { BusyError, onlyOne } from "./only-one.ts";
import { type BenchOptions, readOptions, USAGE, UsageError } from "./options.ts";
import { aedes } from "./peers/aedes.ts";
import { ejabberd } from "./peers/ejabberd.ts";
import { mosquitto } from "./peers/mosquitto.ts";
import { nats } from "./peers/nats.ts";
import { prosody } from "./peers/prosody.ts";
import { killChildren } from "./processes.ts";
import {
	type BenchResult,
	type ContenderResult,
	type MeasurementName,
	RESULTS,
	resultFileName,
	type Settings,
	type Workload,
	writeResult,
} from "./results.ts";
import { seedOnce } from "./seeded.ts";
import { describeMeasurement, makeTable, toText } from "./table.ts";
import { troth } from "./troth.ts";
import { measure } from "./workloads.ts";

/** Seeds, live data and built programs. Never committed. */
const RUN = join(import.meta.dirname, "run");
const CACHE = join(RUN, "cache");
const PEERS: readonly Contender[] = [ejabberd, prosody, mosquitto, nats, aedes];
/** A load average from which on the machine is not quiet. */
const QUIET_LOAD = 0.7;
const POPULATION: Population = { users: 10_000, pairs: 200, mailboxes: 1000, senders: 20, members: 256 };
/** w1 and w4 share a server, w2 and w2kill each need their own. */
const GROUPS: readonly (readonly Workload[])[] = [["w1", "w4"], ["w2"], ["w2kill"], ["w3"]];

async function main(args: readonly string[]): Promise<void> {
	const options = readOptions(
		args,
		PEERS.map(({ name }) => name),
	);
	await using _lock = await onlyOne(join(RUN, "lock"));
	const startedAt = new Date().toISOString();
	const revision = await describeRevision();
	const machine = describeMachine();
	if (machine.loadBefore >= QUIET_LOAD)
		console.log(`The load average is ${machine.loadBefore}: other programs take time from what is measured here.`);
	const settings: Settings = { seconds: options.seconds, messagesPerUser: 100, storeSeconds: 8 };
	const generator = await buildGenerator(join(RUN, "bin"));
	await mkdir(CACHE, { recursive: true });

	const contenders: ContenderResult[] = [];
	for (const contender of [troth, ...chosenPeers(options)]) {
		contenders.push(await measureContender(contender, generator, settings, options.workloads));
	}
	const result: BenchResult = {
		version: 1,
		startedAt,
		...revision,
		command: ["npm run bench", ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
		machine,
		settings,
		population: POPULATION,
		contenders,
	};
	const path = options.json ?? join(RESULTS, resultFileName(result));
	await writeResult(path, result);
	console.log(`\n${toText(makeTable(result))}\n\n(×n: how many times better ours is)\n`);
	const floors = checkFloors(result);
	for (const { title, text, reached } of floors) console.log(`${reached ? "ok    " : "missed"}  ${title}: ${text}`);
	console.log(`Raw results: ${relative(process.cwd(), path)}`);
	if (options.check && floors.some(({ reached }) => !reached)) process.exitCode = 1;
}

function chosenPeers({ peers }: BenchOptions): readonly Contender[] {
	return peers === "installed" ? PEERS : PEERS.filter(({ name }) => peers.includes(name));
}

async function measureContender(
	contender: Contender,
	generator: string,
	settings: Settings,
	workloads: readonly Workload[],
): Promise<ContenderResult> {
	const { name, promise } = contender;
	const version = await contender.version(CACHE);
	if (version === undefined) {
		console.log(`${name}: not installed`);
		return { name, promise, version, measurements: {}, failures: {} };
	}
	const measurements: Partial<Record<MeasurementName, Measurement>> = {};
	const failures: Partial<Record<Workload, string>> = {};
	console.log(`${name} ${version}`);
	const live = join(RUN, "live");
	for (const group of GROUPS) {
		const asked = group.filter((workload) => workloads.includes(workload));
		if (asked.length === 0) continue;
		try {
			const seed = await seedOnce(contender, join(RUN, "seeds"), { generator, population: POPULATION });
			await measure(
				{
					contender,
					generator,
					seed,
					live,
					cache: CACHE,
					population: POPULATION,
					settings,
					onMeasured: (measurement, figures) => {
						measurements[measurement] = figures;
						console.log(`  ${measurement}: ${describeMeasurement(measurement, figures)}`);
					},
				},
				asked,
			);
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			for (const workload of asked) failures[workload] = reason;
			console.log(`  ${asked.join(", ")} failed: ${reason}`);
		}
	}
	await rm(live, { recursive: true, force: true });
	return { name, promise, version, measurements, failures };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
	process.once(signal, () => {
		killChildren();
		process.exitCode = 130;
		process.removeAllListeners();
		process.kill(process.pid, signal);
	});
}

try {
	await main(process.argv.slice(2));
} catch (error) {
	killChildren();
	if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
	else console.error(error instanceof BuildToolsMissing || error instanceof BusyError ? error.message : error);
	process.exitCode = error instanceof UsageError ? 2 : 1;
}

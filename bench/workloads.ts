/** What is run against each server, in which order, from which files. Every server goes through the same steps. */
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Contender, Population } from "./contender.ts";
import { generate, type Measurement } from "./generator.ts";
import { freePort, ServerProcess } from "./processes.ts";
import type { MeasurementName, Settings, Workload } from "./results.ts";

const PAIR_WINDOW = 16;
const GROUP_WINDOW = 4;
const MAILBOX_WINDOW = 50;
const DRAIN_SECONDS = 25;
const LOGIN_SECONDS = 40;
/** On top of what a workload may take by its own limits. */
const GRACE_MS = 40_000;
/** A server that has just begun to listen gets this long to finish starting. */
const WARM_UP_MS = 500;

export interface Bench {
	readonly contender: Contender;
	readonly generator: string;
	/** The contender's accounts. */
	readonly seed: string;
	/** Where its files lie while it runs; emptied at each fresh start. */
	readonly live: string;
	readonly cache: string;
	readonly population: Population;
	readonly settings: Settings;
	/** Called with each measurement as it is made. */
	readonly onMeasured: (name: MeasurementName, measurement: Measurement) => void;
}

/** Runs these workloads, w1 and w4 on one server where both are asked for. Rejects at the first that fails. */
export async function measure(bench: Bench, workloads: readonly Workload[]): Promise<void> {
	if (workloads.includes("w1") || workloads.includes("w4")) await online(bench, workloads);
	if (workloads.includes("w2")) await mailbox(bench);
	if (workloads.includes("w2kill")) await mailboxWithCrash(bench);
	if (workloads.includes("w3")) await idle(bench);
}

interface Running {
	readonly server: ServerProcess;
	readonly port: number;
}

async function startFresh(bench: Bench): Promise<Running> {
	await rm(bench.live, { recursive: true, force: true });
	await mkdir(bench.live, { recursive: true });
	await cp(bench.seed, bench.live, { recursive: true });
	return start(bench, await freePort());
}

async function start({ contender, live, cache }: Bench, port: number): Promise<Running> {
	const command = await contender.command(live, port, cache);
	const server = await ServerProcess.start(command, port, join(live, "server.log"));
	await pause(WARM_UP_MS);
	return { server, port };
}

interface Step {
	readonly workload: string;
	readonly options: Readonly<Record<string, number | string>>;
	readonly extra?: readonly string[];
	readonly limitMs: number;
}

async function generateStep(bench: Bench, { server, port }: Running, step: Step): Promise<Measurement> {
	const measurement = await generate({
		generator: bench.generator,
		driver: [...bench.contender.driver, ...(step.extra ?? [])],
		port,
		pid: server.pid,
		workload: step.workload,
		options: step.options,
		timeoutMs: step.limitMs + GRACE_MS,
	});
	if (measurement["ok"] !== 1) throw new Error(`not everyone could log in: ${measurement["why"]}`);
	return measurement;
}

async function online(bench: Bench, workloads: readonly Workload[]): Promise<void> {
	const { seconds } = bench.settings;
	const { pairs, members } = bench.population;
	const running = await startFresh(bench);
	await using _server = running.server;
	if (workloads.includes("w1")) {
		const options = { pairs, window: PAIR_WINDOW, secs: seconds };
		bench.onMeasured("w1", await generateStep(bench, running, { workload: "w1", options, limitMs: seconds * 1000 }));
	}
	if (workloads.includes("w4")) {
		const options = { members, window: GROUP_WINDOW, secs: seconds };
		bench.onMeasured("w4", await generateStep(bench, running, { workload: "group", options, limitMs: seconds * 1000 }));
	}
}

async function store(bench: Bench, running: Running, crash: boolean): Promise<Measurement> {
	const { mailbox } = bench.contender;
	const { messagesPerUser, storeSeconds } = bench.settings;
	const { mailboxes: users, senders } = bench.population;
	if (mailbox.prepare) {
		const options = { users };
		await generateStep(bench, running, {
			workload: "prep",
			options,
			extra: mailbox.store,
			limitMs: LOGIN_SECONDS * 1000,
		});
	}
	const options = {
		users,
		per: messagesPerUser,
		senders,
		window: MAILBOX_WINDOW,
		secs: storeSeconds,
		ackfile: ackFile(bench),
		killat: crash ? users * messagesPerUser : 0,
	};
	return generateStep(bench, running, {
		workload: "store",
		options,
		extra: mailbox.store,
		limitMs: storeSeconds * 1000,
	});
}

function drain(bench: Bench, running: Running): Promise<Measurement> {
	const options = {
		users: bench.population.mailboxes,
		per: bench.settings.messagesPerUser,
		secs: DRAIN_SECONDS,
		ackfile: ackFile(bench),
	};
	const extra = bench.contender.mailbox.drain;
	return generateStep(bench, running, { workload: "drain", options, extra, limitMs: DRAIN_SECONDS * 1000 });
}

function ackFile({ live }: Bench): string {
	return `${live}.acknowledged`;
}

async function mailbox(bench: Bench): Promise<void> {
	const running = await startFresh(bench);
	await using _server = running.server;
	bench.onMeasured("store", await store(bench, running, false));
	bench.onMeasured("drain", await drain(bench, running));
}

async function mailboxWithCrash(bench: Bench): Promise<void> {
	const running = await startFresh(bench);
	try {
		bench.onMeasured("killStore", await store(bench, running, true));
	} finally {
		await running.server.kill();
	}
	const again = await start(bench, running.port);
	await using _server = again.server;
	bench.onMeasured("killDrain", await drain(bench, again));
}

async function idle(bench: Bench): Promise<void> {
	const running = await startFresh(bench);
	await using _server = running.server;
	const options = { conns: bench.population.users, secs: LOGIN_SECONDS };
	bench.onMeasured(
		"w3",
		await generateStep(bench, running, { workload: "idle", options, limitMs: LOGIN_SECONDS * 1000 }),
	);
}

/**
 * The bridge beside an existing user database (ADR 0011): consent, sharing, recall and log for people whose accounts are
 * somebody else's. The host application says who somebody is and has the facts; the door, a process of its own, shares
 * them (`startBesideDoor`).
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@troth/protocol";
import type { LogSink } from "@troth/protocol/event-log.ts";
import { Jobs } from "@troth/protocol/jobs.ts";
import { partOf } from "@troth/storage";
import { openDoorClient } from "../asking/door-client.ts";
import { PublishedTerms } from "../asking/published-terms.ts";
import { Narrowing } from "../consent/narrowing.ts";
import { closeWeeks } from "../consent/usage-sums.ts";
import { type Door, type DoorOptions, startDoor } from "../door/index.ts";
import { type Policy, readPolicyFile } from "../policy/policy.ts";
import type { BesideContext, SharingFacts } from "./context.ts";
import { BesideEvents } from "./events.ts";
import { lintOffers, offersOf } from "./facts/offers.ts";
import { type FactsAt, openFacts } from "./facts/open-facts.ts";
import { SqlFacts } from "./facts/sql-facts.ts";
import { shareDeliveries } from "./host/deliveries.ts";
import { tellObjections } from "./host/objections.ts";
import { sweep } from "./host/sweep.ts";
import { sayWords } from "./host/words.ts";
import { HostFields } from "./host-fields.ts";
import { startEdge } from "./http/edge.ts";
import { openPolicyKey } from "./keys.ts";
import { type HostTokenOptions, HostTokens } from "./people/host-token.ts";
import { openBesideRecords } from "./records/open-records.ts";

export type { SharingFacts } from "./context.ts";
export type { FactsAt } from "./facts/open-facts.ts";
export { signHostEvent } from "./host/sign-host-event.ts";
export { besideKeys } from "./keys.ts";
export type { HostTokenOptions } from "./people/host-token.ts";

export interface BesideOptions {
	readonly clock: Clock;
	/** Of this service alone: its seed and its records. */
	readonly directory: string;
	/** 127.0.0.1 where it is left out. */
	readonly host?: string;
	/** Any free port where it is left out or 0. */
	readonly port?: number;
	/** What people know the host application as. */
	readonly title: string;
	/** A policy file: published where nothing is yet. */
	readonly policy: string;
	/** One that lies ready for the operator to publish. */
	readonly nextPolicy?: string;
	readonly facts: FactsAt;
	readonly tokens: HostTokenOptions;
	/** With what the host signs its calls. */
	readonly eventsSecret: string;
	/** Where the host hears of objections to labels; without it people are told to ask the host itself. */
	readonly objectionsUrl?: string;
	readonly operatorToken: string;
	readonly door: { readonly url: string; readonly token: string };
	readonly sharing: SharingFacts;
	/** Recipients with which the door has agreed on a key for names of numbers. */
	readonly numberKeys?: readonly string[];
	/** Smaller groups are in no sum; 10 where it is left out. */
	readonly countFloor?: number;
	/** The built embedded pages, and the origins of the host's pages that may frame them; without it there are none. */
	readonly pages?: { readonly root: string; readonly origins: readonly string[] };
	/** Ten minutes where it is left out. */
	readonly sweepEveryMs?: number;
	/** Lines of JSON; standard error where it is left out. */
	readonly log?: LogSink;
}

export interface Beside extends AsyncDisposable {
	/** Where it listens. */
	readonly url: string;
	/** Looks now whether everybody is still there and the same, and what is to be said of them without being asked for. */
	sweep(): Promise<void>;
}

const COUNT_FLOOR = 10;
const SWEEP_EVERY_MS = 10 * 60 * 1000;
/** A run that failed, or was cut off, is taken up again after this. */
const NARROWING_EVERY_MS = 10_000;

/**
 * Starts the service; resolves when it answers. Rejects with PolicyError (also for a policy that needs what the host does
 * not offer), FactsConfigError (the host's database shows
 * other things than it should), SeedError or StoreError, and where the port is taken. A host that does not answer is no
 * reason: it is asked again.
 */
export async function startBeside(options: BesideOptions): Promise<Beside> {
	const { clock, directory, door, sharing, title } = options;
	await using undo = new AsyncDisposableStack();
	const events = new BesideEvents(clock, options.log);
	await mkdir(directory, { recursive: true, mode: 0o700 });
	const policyKey = await openPolicyKey(directory);
	const records = undo.adopt(await openBesideRecords({ kind: "sqlite", path: recordsPath(directory) }), (db) =>
		db.destroy(),
	);
	const tokens = new HostTokens(clock, options.tokens);
	await tokens.ready();
	const facts = undo.use(openFacts(clock, options.facts));
	if (facts instanceof SqlFacts) await verifyLayout(facts, events);
	const offers = offersOf(options.facts, options.numberKeys ?? []);
	const lint = (policy: Policy) => lintOffers(policy, offers);
	const ground = { records: partOf(records), clock, policyKey, events, lint };
	const terms = await PublishedTerms.open(ground, {
		first: await readPolicyFile(options.policy),
		next: options.nextPolicy === undefined ? undefined : await readPolicyFile(options.nextPolicy),
	});
	const narrowing = undo.use(new Narrowing({ clock, records: partOf(records), terms, events }));
	const context: BesideContext = {
		...{ clock, events, records, terms, narrowing, policyKey, facts, tokens, sharing, title },
		door: openDoorClient(door),
		objections:
			options.objectionsUrl === undefined ? undefined : { url: options.objectionsUrl, secret: options.eventsSecret },
	};
	const jobs = undo.use(new Jobs(clock, events));
	const { app, url } = await startEdge(context, {
		host: options.host ?? "127.0.0.1",
		port: options.port ?? 0,
		pages: options.pages,
		eventsSecret: options.eventsSecret,
		operatorToken: options.operatorToken,
	});
	undo.defer(() => app.close());
	const look = async () => {
		await sweep(context);
		await sayWords(context);
		await tellObjections(context);
		const recipients = sharing.recipients.map(({ id }) => id);
		const floor = options.countFloor ?? COUNT_FLOOR;
		await closeWeeks({ records: partOf(records), terms, clock, recipients }, floor);
		await shareDeliveries(context, floor);
	};
	jobs.every(options.sweepEveryMs ?? SWEEP_EVERY_MS, "sweep", look);
	jobs.every(NARROWING_EVERY_MS, "terms-narrowing", () => narrowing.run());
	events.started(url);
	const running = undo.move();
	return {
		url,
		sweep: look,
		async [Symbol.asyncDispose]() {
			await running.disposeAsync();
			events.stopped();
		},
	};
}

async function verifyLayout(facts: SqlFacts, events: BesideEvents): Promise<void> {
	try {
		await facts.verify();
	} catch (error) {
		if (!(error instanceof Error) || error.name !== "FieldsUnavailable") throw error;
		events.hostUnavailable();
	}
}

export type BesideDoorOptions = Omit<DoorOptions, "records" | "fields"> & {
	/** The service's directory: its records are only read. */
	readonly besideDirectory: string;
	readonly facts: FactsAt;
};

/** Starts the door beside a host: as `startDoor`, with the values read from the host. The service has to run before. */
export function startBesideDoor({ besideDirectory, facts, ...options }: BesideDoorOptions): Promise<Door> {
	return startDoor({
		...options,
		records: { kind: "sqlite", path: recordsPath(besideDirectory) },
		fields: (records) => new HostFields(records, openFacts(options.clock, facts)),
	});
}

function recordsPath(directory: string): string {
	return join(directory, "records.sqlite");
}

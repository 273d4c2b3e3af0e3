/** Builds the messenger out of its parts and serves it on one origin: API, stream, web app, health. */
import { openDoorClient, PublishedTerms, policyKeyOf, readPolicyFile, shippedPolicyPath } from "@troth/bridge";
import type { Clock, PhoneNumber } from "@troth/protocol";
import { Jobs } from "@troth/protocol/jobs.ts";
import { sweepAbuse } from "./abuse/ending.ts";
import { AbuseLimits } from "./abuse/limits.ts";
import { LABELS_EVERY_MS, LabelTaker } from "./abuse/take-labels.ts";
import { runDeliveryTasks } from "./accounts/delivery-tasks.ts";
import { AccountDirectory } from "./accounts/directory.ts";
import { BusinessDirectory } from "./business/business-directory.ts";
import { ConsoleCodeSender } from "./codes/console-code-sender.ts";
import type { CodeSender } from "./codes/port.ts";
import type { DeliveryDependencies, MessengerContext } from "./context.ts";
import { attachStream, openDelivery } from "./delivery/index.ts";
import { Events, type LogSink } from "./events.ts";
import { Edge } from "./http/edge.ts";
import { RateLimits } from "./rate-limits/rate-limits.ts";
import { HOUSEKEEPING_EVERY_MS, sweepRecords } from "./records/housekeeping.ts";
import { CodeLimits } from "./registration/code-limits.ts";
import { DeviceSessions } from "./sessions/sessions.ts";
import { CHECK_RECORDS_EVERY_MS, checkRecords, RecordsBehindError } from "./sharing/check-records.ts";
import type { SharingOptions } from "./sharing/options.ts";
import { openStores, type StoresAt } from "./stores.ts";
import { noteRollout } from "./terms/note-rollout.ts";
import { REMINDERS_EVERY_MS, remind } from "./terms/reminders.ts";
import { ROLLOUT_EVERY_MS, TermsRollout } from "./terms/rollout.ts";
import { CLOSE_DAY_EVERY_MS, closeDays } from "./usage/close-day.ts";
import { DeliveryCounts } from "./usage/delivery-counts.ts";
import { usageMeter } from "./usage/meter.ts";
import { SAY_USAGE_EVERY_MS, sayUsage } from "./usage/say-usage.ts";
import { UsageDays } from "./usage/usage-days.ts";

export interface MessengerOptions {
	readonly clock: Clock;
	readonly stores: StoresAt;
	/** 127.0.0.1 where it is left out. */
	readonly host?: string;
	/** Any free port where it is left out or 0. */
	readonly port?: number;
	/** The origin people use, where it is not that of the socket (a proxy in front). */
	readonly origin?: string;
	/** How codes reach phones; the development provider on standard output where it is left out. */
	readonly codes?: CodeSender;
	/** ISO 3166-1 alpha-2: whose numbers get codes; those of all countries where it is left out. */
	readonly codeCountries?: readonly string[];
	/** Addresses of proxies whose word on where a request comes from is believed (`X-Forwarded-For`). */
	readonly trustedProxies?: readonly string[];
	/** Told of every code that went out: for the sandbox and for tests, never for the public. */
	readonly onCode?: (phone: PhoneNumber, code: string) => void;
	/** Directory of the built web app, served at `/`. */
	readonly webRoot?: string;
	/** Lines of JSON; standard error where it is left out. */
	readonly log?: LogSink;
	/** Bearer token of the operator API; without one there is none. */
	readonly operatorToken?: string;
	/** Path of a policy file that lies ready for the operator to publish. */
	readonly nextPolicy?: string;
	/** Without it nothing can be shared. */
	readonly sharing?: SharingOptions;
	/** Told where the bridge, not there at the start, says later that these are old records; the process ends without it. */
	readonly onRecordsBehind?: (error: Error) => void;
}

/** A running messenger. Disposing it ends connections and streams, closes the stores and leaves nothing behind. */
export interface Messenger extends AsyncDisposable {
	/** Where it listens, e.g. "http://127.0.0.1:7000". */
	readonly url: string;
	/** What devices sign and people type; differs from `url` behind a proxy. */
	readonly origin: string;
	readonly port: number;
	/** Counts of business events since the start. */
	counters(): ReadonlyMap<string, number>;
}

const SEEN_EVERY_MS = 10_000;
const COUNT_EVERY_MS = 10_000;
const COUNT_FLOOR = 10;
/** What a crash takes with it of this is found again in the logs, which are cut much later. */
const WROTE_EVERY_MS = 1_000;

/**
 * Starts a messenger; resolves when it answers. Rejects where a store can not be opened, the port is taken, the next
 * policy is none (PolicyError), or the records are older than what the bridge has read of them (RecordsBehindError).
 */
export async function startMessenger(options: MessengerOptions): Promise<Messenger> {
	const { clock } = options;
	const host = options.host ?? "127.0.0.1";
	await using undo = new AsyncDisposableStack();
	const events = new Events(clock, options.log);
	const stores = undo.use(await openStores(options.stores));
	const policyKey = policyKeyOf(stores.secrets.policySeed);
	const terms = await PublishedTerms.open(
		{ records: stores.records, clock, policyKey, events, announce: noteRollout },
		{
			first: await readPolicyFile(shippedPolicyPath("v1")),
			next: options.nextPolicy === undefined ? undefined : await readPolicyFile(options.nextPolicy),
		},
	);
	const directory = new AccountDirectory(stores.records, clock);
	undo.defer(() => directory.flushSeen());
	const businesses = await BusinessDirectory.open(stores.records);
	undo.defer(() => businesses.flushWrote());

	const edge = undo.use(new Edge(clock, options.trustedProxies));
	const port = await edge.listen(host, options.port ?? 0);
	const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
	const origin = options.origin ?? url;
	const { logs, blobs, hints, secrets, records } = stores;
	const limits = new AbuseLimits(records, clock);
	const sessions = new DeviceSessions(clock, secrets, directory, origin, limits);
	const codes = options.codes ?? new ConsoleCodeSender();
	const counted =
		options.sharing === undefined
			? undefined
			: { days: new UsageDays({ records, terms, clock }), counts: new DeliveryCounts({ records, clock }) };
	directory.listen((account) => counted?.days.standingChanged(account));
	const dependencies: DeliveryDependencies = {
		clock,
		logs,
		blobs,
		hints,
		origin,
		directory,
		businesses,
		sessions,
		secrets,
		events,
		usage: counted && usageMeter(counted.days, counted.counts),
	};
	const delivery = undo.use(await openDelivery(dependencies));
	const rollout = undo.use(new TermsRollout({ clock, records, delivery, events }));
	undo.defer(() => edge.drain());
	const context: MessengerContext = {
		...dependencies,
		directory,
		businesses,
		sessions,
		records,
		delivery,
		codes: announcing(codes, options.onCode),
		codeLimits: codes.development ? undefined : new CodeLimits(clock, options.codeCountries),
		rateLimits: new RateLimits(clock),
		limits,
		terms,
		rollout,
		policyKey,
		sharing: options.sharing,
		door: options.sharing && openDoorClient(options.sharing.door),
	};
	const known = context.door === undefined || (await checkRecords(context.door));
	await runDeliveryTasks(context);

	const jobs = undo.use(new Jobs(clock, events));
	if (!known) awaitDoor(context, jobs, options.onRecordsBehind ?? crash);
	jobs.every(HOUSEKEEPING_EVERY_MS, "housekeeping", () => sweepRecords(records, clock.now()));
	jobs.every(HOUSEKEEPING_EVERY_MS, "abuse", () => sweepAbuse(context));
	const labels = new LabelTaker(context);
	if (options.sharing !== undefined) jobs.every(LABELS_EVERY_MS, "returned-labels", () => labels.run());
	if (counted !== undefined) countUsage(context, jobs, counted, options.sharing?.countFloor ?? COUNT_FLOOR);
	jobs.every(SEEN_EVERY_MS, "last-attached", () => directory.flushSeen());
	jobs.every(WROTE_EVERY_MS, "business-windows", () => businesses.flushWrote());
	jobs.every(ROLLOUT_EVERY_MS, "terms-rollout", () => rollout.run());
	jobs.every(REMINDERS_EVERY_MS, "terms-reminders", () => remind(context));
	rollout.begin();
	await edge.serve(context, options.webRoot, options.operatorToken);
	attachStream(edge.server, context);
	events.started({ origin, store: options.stores.kind });

	const running = undo.move();
	return {
		url,
		origin,
		port,
		counters: () => events.counters(),
		async [Symbol.asyncDispose]() {
			await running.disposeAsync();
			events.stopped();
		},
	};
}

/** A bridge that came up later may still say that these are old records. */
function awaitDoor({ door }: MessengerContext, jobs: Jobs, behind: (error: RecordsBehindError) => void): void {
	let known = door === undefined;
	jobs.every(CHECK_RECORDS_EVERY_MS, "check-records", async () => {
		if (known || door === undefined) return;
		try {
			known = await checkRecords(door);
		} catch (error) {
			known = true;
			if (!(error instanceof RecordsBehindError)) throw error;
			behind(error);
		}
	});
}

/** Past every handler: what must not be served ends its process, and is refused at the next start. */
function crash(error: RecordsBehindError): void {
	queueMicrotask(() => {
		throw error;
	});
}

/** What is noted and said without anybody's yes: on which days people are here, and how delivery goes. */
function countUsage(
	context: MessengerContext,
	jobs: Jobs,
	{ days, counts }: { readonly days: UsageDays; readonly counts: DeliveryCounts },
	floor: number,
): void {
	jobs.every(COUNT_EVERY_MS, "usage", async () => {
		context.delivery.countStreams();
		await days.flush();
		await counts.flush();
	});
	jobs.every(SAY_USAGE_EVERY_MS, "say-usage", () => sayUsage(context));
	jobs.every(CLOSE_DAY_EVERY_MS, "close-day", () => closeDays(context, floor));
}

function announcing(codes: CodeSender, onCode: MessengerOptions["onCode"]): CodeSender {
	if (onCode === undefined) return codes;
	return {
		development: codes.development,
		...(codes.voice !== undefined && { voice: codes.voice }),
		async send(phone, code, channel) {
			await codes.send(phone, code, channel);
			onCode(phone, code);
		},
	};
}

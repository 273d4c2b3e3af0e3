/**
 * Puts the messenger's parts together over whatever machine it is given: stores, clock and origin are the caller's, and
 * nothing here opens a socket or a file. `server.ts` puts the result on the network, the simulation on a simulated one.
 */
import { ABSENCE_DAYS, Narrowing, openDoorClient, PublishedTerms, policyKeyOf } from "@troth/bridge";
import { Jobs } from "@troth/protocol/jobs.ts";
import { partOf } from "@troth/storage";
import { sweepAbuse } from "./abuse/ending.ts";
import { AbuseLimits } from "./abuse/limits.ts";
import { LABELS_EVERY_MS, LabelTaker } from "./abuse/take-labels.ts";
import { runDeliveryTasks } from "./accounts/delivery-tasks.ts";
import { AccountDirectory } from "./accounts/directory.ts";
import { sweepArchives } from "./archives/sweep-archives.ts";
import { BusinessDirectory } from "./business/business-directory.ts";
import { ConsoleCodeSender } from "./codes/console-code-sender.ts";
import type { CodeSender } from "./codes/port.ts";
import type { DeliveryDependencies, MessengerContext } from "./context.ts";
import { openDelivery } from "./delivery/index.ts";
import type { Events } from "./events.ts";
import { IDLE_DEVICES_EVERY_MS, sweepIdleDevices } from "./linking/idle-devices.ts";
import { Mailboxes } from "./linking/mailboxes.ts";
import { Presence } from "./presence/presence.ts";
import { sweepPhotos } from "./profile-photos/keeping.ts";
import { openWakeUps } from "./push/open-wake-ups.ts";
import { RateLimits } from "./rate-limits/rate-limits.ts";
import { HOUSEKEEPING_EVERY_MS, sweepRecords } from "./records/housekeeping.ts";
import { CodeLimits } from "./registration/code-limits.ts";
import type { MessengerOptions } from "./server.ts";
import { DeviceSessions } from "./sessions/sessions.ts";
import { CHECK_RECORDS_EVERY_MS, checkRecords, RecordsBehindError } from "./sharing/check-records.ts";
import type { OpenStores } from "./stores.ts";
import { ABSENT_ACCOUNTS_EVERY_MS, sweepAbsentAccounts } from "./terms/absent-accounts.ts";
import { noteRollout } from "./terms/note-rollout.ts";
import { REMINDERS_EVERY_MS, remind } from "./terms/reminders.ts";
import { ROLLOUT_EVERY_MS, TermsRollout } from "./terms/rollout.ts";
import { CLOSE_DAY_EVERY_MS, closeDays } from "./usage/close-day.ts";
import { closeWeeks } from "./usage/close-week.ts";
import { DeliveryCounts } from "./usage/delivery-counts.ts";
import { usageMeter } from "./usage/meter.ts";
import { SAY_USAGE_EVERY_MS, sayUsage } from "./usage/say-usage.ts";
import { UsageDays } from "./usage/usage-days.ts";

/** What a messenger stands on. */
export interface Ground {
	/** The caller's to close, after everything that was put on the stack here. */
	readonly stores: OpenStores;
	readonly events: Events;
	readonly policies: Parameters<typeof PublishedTerms.open>[1];
	/** What devices sign. */
	readonly front: {
		readonly origin: string;
		/** No more requests; resolves when the running ones have their answers. */
		readonly drain: () => Promise<void>;
	};
}

export interface AssemblyOptions
	extends Pick<
		MessengerOptions,
		"clock" | "codes" | "codeCountries" | "onCode" | "sharing" | "push" | "backups" | "onRecordsBehind" | "absenceDays"
	> {
	/** Other timing and limits of delivery than its own. */
	readonly delivery?: Parameters<typeof openDelivery>[1];
}

const SEEN_EVERY_MS = 10_000;
const COUNT_EVERY_MS = 10_000;
const COUNT_FLOOR = 10;
/** What a crash takes with it of this is found again in the logs, which are cut much later. */
const WROTE_EVERY_MS = 1_000;

/**
 * Builds everything and starts its jobs; what has to end later is put on `undo`. Rejects with PolicyError, or with
 * RecordsBehindError where the records are older than what the bridge has read of them.
 */
export async function assembleMessenger(
	undo: AsyncDisposableStack,
	options: AssemblyOptions,
	{ stores, events, policies, front }: Ground,
): Promise<MessengerContext> {
	const { clock } = options;
	const { origin } = front;
	const policyKey = policyKeyOf(stores.secrets.policySeed);
	const terms = await PublishedTerms.open(
		{ records: stores.records, clock, policyKey, events, announce: noteRollout },
		policies,
	);
	const directory = new AccountDirectory(stores.records, clock);
	undo.defer(() => directory.flushSeen());
	const businesses = await BusinessDirectory.open(stores.records);
	undo.defer(() => businesses.flushWrote());

	const { logs, blobs, hints, secrets, records } = stores;
	const limits = new AbuseLimits(records, clock);
	const sessions = new DeviceSessions(clock, secrets, directory, origin, limits);
	const codes = options.codes ?? new ConsoleCodeSender();
	const counted =
		options.sharing === undefined
			? undefined
			: { days: new UsageDays({ records, terms, clock }), counts: new DeliveryCounts({ records, clock }) };
	directory.listen((account) => counted?.days.standingChanged(account));
	const presence = new Presence({ clock, logs, records, directory, businesses, events });
	undo.defer(() => presence.flush());
	const forWakeUps = { clock, logs, records, directory, events };
	const wakeUps = options.push && undo.use(await openWakeUps(forWakeUps, secrets, options.push));
	const dependencies = {
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
		presence,
		wakeUps,
		usage: counted && usageMeter(counted.days, counted.counts),
	} satisfies DeliveryDependencies;
	const delivery = undo.use(openDelivery(dependencies, options.delivery));
	wakeUps?.begin(delivery.attached);
	const narrowing = undo.use(new Narrowing({ clock, records: partOf(records), terms, events }));
	const rollout = undo.use(new TermsRollout({ clock, records, delivery, events, narrowing }));
	undo.defer(front.drain);
	// Ends before the requests are waited for: some of them wait for a letter.
	const mailboxes = undo.use(new Mailboxes(clock));
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
		mailboxes,
		limits,
		terms,
		rollout,
		absenceDays: options.absenceDays ?? ABSENCE_DAYS,
		policyKey,
		sharing: options.sharing,
		backups: options.backups,
		door: options.sharing && openDoorClient(options.sharing.door),
	};
	const known = context.door === undefined || (await checkRecords(context.door));
	await runDeliveryTasks(context);

	const jobs = undo.use(new Jobs(clock, events));
	if (!known) awaitDoor(context, jobs, options.onRecordsBehind ?? crash);
	jobs.every(HOUSEKEEPING_EVERY_MS, "housekeeping", () => sweepRecords(records, clock.now()));
	jobs.every(HOUSEKEEPING_EVERY_MS, "profile-photos", () => sweepPhotos(context, clock.now()));
	jobs.every(HOUSEKEEPING_EVERY_MS, "archives", () => sweepArchives(context));
	jobs.every(IDLE_DEVICES_EVERY_MS, "idle-devices", () => sweepIdleDevices(context));
	jobs.every(ABSENT_ACCOUNTS_EVERY_MS, "absent-accounts", () => sweepAbsentAccounts(context));
	jobs.every(HOUSEKEEPING_EVERY_MS, "abuse", () => sweepAbuse(context));
	const labels = new LabelTaker(context);
	if (options.sharing !== undefined) jobs.every(LABELS_EVERY_MS, "returned-labels", () => labels.run());
	if (counted !== undefined) countUsage(context, jobs, counted, options.sharing?.countFloor ?? COUNT_FLOOR);
	jobs.every(SEEN_EVERY_MS, "last-attached", () => directory.flushSeen());
	jobs.every(SEEN_EVERY_MS, "presence", () => presence.flush());
	jobs.every(WROTE_EVERY_MS, "business-windows", () => businesses.flushWrote());
	jobs.every(ROLLOUT_EVERY_MS, "terms-rollout", () => rollout.run());
	jobs.every(REMINDERS_EVERY_MS, "terms-reminders", () => remind(context));
	rollout.begin();
	return context;
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
	jobs.every(CLOSE_DAY_EVERY_MS, "close-day", async () => {
		await closeDays(context, floor);
		await closeWeeks(context, floor);
	});
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

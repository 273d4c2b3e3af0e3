/** Builds a company out of its parts and serves it on one origin: pages, API, intake, log of receipts. */

import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, PhoneNumber } from "@troth/protocol";
import { Jobs } from "@troth/protocol/jobs.ts";
import { openRecords } from "@troth/storage";
import { ed25519NoteSigner } from "@troth/transparency";
import { TileLog } from "@troth/transparency/log/tile-log.node.ts";
import type { FastifyInstance } from "fastify";
import { serveAboutMe } from "./about-me/about-me.ts";
import { serveAbuse } from "./abuse/index.ts";
import { serveAddressBook } from "./address-book/address-book.ts";
import { forgetAds } from "./ads/forgetting.ts";
import { registerAds } from "./ads/index.ts";
import { type CodeSender, ConsoleCodeSender } from "./codes/port.ts";
import { serveConnect } from "./connect/connect.ts";
import type { Company, FamilyContext, Trust } from "./context.ts";
import { Events } from "./events.ts";
import { serveFeed } from "./feed/feed.ts";
import { serveFriends } from "./friends/friends.ts";
import { startGraph } from "./graph/server.ts";
import { listen, prepareApp } from "./http/app.ts";
import { serveIntake } from "./intake/serve-intake.ts";
import { serveKeepOut } from "./keep-out/keep-out.ts";
import { serveNumberKnown } from "./keep-out/number-known.ts";
import { deriveFamilyKeys, openFamilyKeys } from "./keys.ts";
import { MatchKeys } from "./match-keys/match-keys.ts";
import { serveMetrics } from "./metrics/index.ts";
import { serveOperator } from "./operator/knows.ts";
import { serveLogIn } from "./people/log-in.ts";
import { Sessions } from "./people/sessions.ts";
import { serveSignUp } from "./people/sign-up.ts";
import { servePhone } from "./phone/phone.ts";
import { Receipts } from "./receipts/receipts.ts";
import { serveReceipts } from "./receipts/serve-receipts.ts";
import { HOUSEKEEPING_EVERY_MS, sweepRecords } from "./records/housekeeping.ts";
import { migrateRecords } from "./records/migrate.ts";
import type { Records } from "./records/schema.ts";
import { edgesFromKeys } from "./suggestions/edges.ts";

export interface FamilyOptions {
	readonly clock: Clock;
	readonly stores: { readonly kind: "memory" } | { readonly kind: "sqlite"; readonly directory: string };
	/** 127.0.0.1 where it is left out. */
	readonly host?: string;
	/** Any free port where it is left out or 0. */
	readonly port?: number;
	/** The origin people use, where it is not that of the socket (a proxy in front). */
	readonly origin?: string;
	readonly id: Company["id"];
	readonly title: string;
	/** Which installation this is, e.g. its host: part of the name of its log. */
	readonly place?: string;
	/** Bearer token of the intake: the bridge has it. */
	readonly bridgeToken: string;
	readonly trust: Trust;
	/** The messenger's web app (an origin), to which "Connect Troth" leads; or another service's, with its name. */
	readonly messenger?: { readonly url: string; readonly title?: string };
	/** Asked to cosign the log of receipts. */
	readonly witnesses: readonly { readonly url: string; readonly vkey: string }[];
	/** Bearer token of the operator API. */
	readonly operatorToken: string;
	/** How codes reach phones; the development provider on standard output where it is left out. */
	readonly codes?: CodeSender;
	/** Told of every code that went out: for the sandbox and for tests, never for the public. */
	readonly onCode?: (phone: PhoneNumber, code: string) => void;
	/** The smallest number of matched people for which an uploaded list serves. */
	readonly listFloor: number;
	/** Groups of fewer people are in no public count; 10 where left out. */
	readonly countFloor?: number;
	/** 32 bytes that only this and the messenger's bridge have; without it nothing can come under a number's pseudonym. */
	readonly abusePseudonymKey?: Uint8Array;
	readonly features: { readonly ads: boolean };
	/** Where the Marketing API listens: any free port, and the address of its socket, where they are left out. */
	readonly graph?: { readonly port?: number; readonly origin?: string };
	/** Lines of JSON; standard error where it is left out. */
	readonly log?: (line: string) => void;
}

/** A running company. Disposing it ends connections, closes the stores and leaves nothing behind. */
export interface Family extends AsyncDisposable {
	readonly url: string;
	readonly origin: string;
	readonly port: number;
	/** Verifier key of its log of receipts. */
	readonly receiptsVkey: string;
	/** What clients of the Marketing API take as their base; undefined where the company has no ads. */
	readonly graphUrl: string | undefined;
	/** Counts of business events since the start. */
	counters(): ReadonlyMap<string, number>;
}

const COUNT_FLOOR = 10;

/** What every company has. */
const PARTS = [
	serveSignUp,
	serveLogIn,
	serveFeed,
	serveFriends,
	servePhone,
	serveAddressBook,
	serveKeepOut,
	serveNumberKnown,
	serveConnect,
	serveAboutMe,
	serveOperator,
	serveAbuse,
];

/** Starts a company; resolves when it answers. Rejects where a store can not be opened or the port is taken. */
export async function startFamily(options: FamilyOptions): Promise<Family> {
	const { clock, id, title } = options;
	const host = options.host ?? "127.0.0.1";
	await using undo = new AsyncDisposableStack();
	const events = new Events(clock, options.log);
	const keys =
		options.stores.kind === "memory"
			? deriveFamilyKeys(randomBytes(32), id, options.place)
			: await openFamilyKeys(options.stores.directory, id, options.place);
	const directory = await directoryOf(options.stores, undo);
	const records = undo.adopt(
		await openRecords<Records>(
			options.stores.kind === "memory" ? options.stores : { kind: "sqlite", path: join(directory, "records.sqlite") },
		),
		(db) => db.destroy(),
	);
	await migrateRecords(records);
	const signer = ed25519NoteSigner(keys.receiptsName, keys.receiptsSeed);
	const receiptsDirectory = join(directory, "receipts");
	const log = undo.use(
		await TileLog.open({
			directory: receiptsDirectory,
			signer,
			witnesses: options.witnesses,
			quorum: 0,
			clock,
			log: (line) => events.logSaid(line),
		}),
	);

	const http = undo.use(await listen(host, options.port ?? 0, clock));
	const url = `http://${host.includes(":") ? `[${host}]` : host}:${http.port}`;
	const origin = options.origin ?? url;
	const matchKeys = new MatchKeys();
	const context: FamilyContext = {
		company: { id, title },
		origin,
		clock,
		records,
		keys,
		events,
		codes: announcing(options.codes ?? new ConsoleCodeSender(), options.onCode),
		sessions: new Sessions(records, clock, id, origin),
		matchKeys,
		trust: options.trust,
		messenger: options.messenger,
		bridgeToken: options.bridgeToken,
		features: options.features,
		operatorToken: options.operatorToken,
		listFloor: options.listFloor,
		abusePseudonymKey: options.abusePseudonymKey,
		countFloor: options.countFloor ?? COUNT_FLOOR,
		consumers: new Map(),
		personGone: [],
		knowledge: [],
		navigation: [],
	};
	matchKeys.listen(edgesFromKeys(context));
	const { app } = http;
	await prepareApp(app, context);
	for (const serve of PARTS) serve(app, context);
	serveReceipts(app, receiptsDirectory);
	const receipts = new Receipts(log);
	await receipts.begin();
	serveIntake(app, context, receipts);
	const jobs = undo.use(new Jobs(clock, events));
	serveMetrics(app, context, jobs);
	const graph = { host, ...options.graph };
	const graphUrl = options.features.ads ? await advertise(app, context, jobs, undo, graph) : undefined;
	jobs.every(HOUSEKEEPING_EVERY_MS, "housekeeping", () => sweepRecords(context));
	await http.serve();
	events.started({ company: id, origin, store: options.stores.kind });

	const running = undo.move();
	return {
		url,
		origin,
		port: http.port,
		receiptsVkey: signer.vkey,
		graphUrl,
		counters: () => events.counters(),
		async [Symbol.asyncDispose]() {
			await running.disposeAsync();
			events.stopped();
		},
	};
}

/** Ads on the company's pages, and the Marketing API on a port of its own; gives the latter's address. */
async function advertise(
	app: FastifyInstance,
	context: FamilyContext,
	jobs: Jobs,
	undo: AsyncDisposableStack,
	graph: { readonly host: string; readonly port?: number; readonly origin?: string },
): Promise<string> {
	await registerAds(app, context);
	jobs.every(HOUSEKEEPING_EVERY_MS, "ads", () => forgetAds(context));
	const { url } = undo.use(await startGraph(context, { port: 0, ...graph }));
	return url;
}

async function directoryOf(stores: FamilyOptions["stores"], undo: AsyncDisposableStack): Promise<string> {
	if (stores.kind === "sqlite") {
		await mkdir(stores.directory, { recursive: true, mode: 0o700 });
		return stores.directory;
	}
	const directory = await mkdtemp(join(tmpdir(), "troth-family-"));
	undo.defer(() => rm(directory, { recursive: true, force: true }));
	return directory;
}

function announcing(codes: CodeSender, onCode: FamilyOptions["onCode"]): CodeSender {
	if (onCode === undefined) return codes;
	return {
		async send(phone, code) {
			await codes.send(phone, code);
			onCode(phone, code);
		},
	};
}

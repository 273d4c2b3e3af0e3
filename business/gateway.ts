/**
 * The gateway of a business: the Cloud API inwards, a device of the messenger outwards. It is run by the business, and
 * the keys of its conversations are nowhere else.
 */
import { hkdfSync } from "node:crypto";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type AccountId, type Clock, sleep } from "@troth/protocol";
import { describeError } from "@troth/protocol/event-log.ts";
import { openSeed } from "@troth/storage";
import { serveCloudApi } from "./cloud/serve.ts";
import type { GatewayContext } from "./context.ts";
import { followDevice } from "./conversations/follow.ts";
import { Turns } from "./conversations/turns.ts";
import { openBusinessDevice } from "./device.ts";
import { openGatewayRecords } from "./records/open.ts";
import { type NewTemplate, putTemplate, type StoredTemplate } from "./templates/templates.ts";
import { Webhooks } from "./webhooks/webhooks.ts";

export interface GatewayOptions {
	readonly clock: Clock;
	/** Where it keeps its key, its device and its records. */
	readonly directory: string;
	readonly host: string;
	/** 0 for any. */
	readonly port: number;
	/** The messenger's origin. */
	readonly server: string;
	readonly name: string;
	/** E.164; the number people know the business by. */
	readonly phone: string;
	/** The code that the messenger sends to that number; asked for on the first start only. */
	readonly code: () => Promise<string>;
	/** Ids are decimal digits, below 2^53. */
	readonly wabaId: string;
	readonly phoneNumberId: string;
	readonly businessId: string;
	readonly appId: string;
	readonly accessToken: string;
	readonly appSecret: string;
	readonly verifyToken: string;
	/** Where webhooks go, after a handshake; those of the last start, or none, where it is left out. */
	readonly webhookUrl?: string;
	readonly graphVersion: "v23.0";
	/** Lines of JSON; standard error where it is left out. */
	readonly log?: (line: string) => void;
}

export interface Gateway extends AsyncDisposable {
	/** The base for Cloud API clients, e.g. "http://127.0.0.1:7100". */
	readonly url: string;
	readonly account: AccountId;
	/** Registers a template. Rejects with FORBIDDEN while the operator has not approved the business. */
	putTemplate(template: NewTemplate): Promise<StoredTemplate>;
	/** Accepts the terms in force, in the business's name; without it the account is suspended at the deadline. */
	acceptTerms(): Promise<void>;
	/** The Cloud API id of the newest message that somebody wrote to the business; undefined before the first. */
	lastInbound(): Promise<string | undefined>;
}

/** How long a start waits for what came while the gateway was down; it goes on with it later. */
const CATCH_UP_MS = 10_000;

/**
 * Starts a gateway; resolves when it answers. Rejects with a Refusal (the number), a WebhookError (the handshake of a
 * new webhook), a StoreError, SeedError or LocalStoreError.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
	const { clock, directory, log = (line) => process.stderr.write(`${line}\n`) } = options;
	const failed = (where: string, error: unknown) => log(describeFailure(clock, where, error));
	await using undo = new AsyncDisposableStack();
	const seed = await openSeed(join(directory, "gateway.key"));
	const records = undo.adopt(await openGatewayRecords(directory), (db) => db.destroy());
	const identity = identityOf(options);
	const settings = { appSecret: options.appSecret, verifyToken: options.verifyToken };
	const webhooks = undo.use(await Webhooks.open({ clock, records, identity, settings, failed }));
	const device = undo.use(await openBusinessDevice(options));
	const turns = undo.use(new Turns());
	const aliasKey = derive(seed, "alias");
	const context: GatewayContext = { clock, identity, device, records, webhooks, turns, aliasKey, failed };

	if (options.webhookUrl !== undefined) await webhooks.subscribe(options.webhookUrl);
	await caughtUpOrLater(context);
	undo.defer(await followDevice(context));
	webhooks.wake();
	const app = await serveCloudApi(context, options.accessToken);
	undo.defer(() => app.close());
	await app.listen({ host: options.host, port: options.port });
	const { port } = app.server.address() as AddressInfo;
	const { account } = await device.self();
	const running = undo.move();
	return {
		url: `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
		account,
		putTemplate: (template) => putTemplate(context, template),
		acceptTerms: async () => device.acceptTerms((await device.terms()).version),
		lastInbound: () => lastInbound(context),
		[Symbol.asyncDispose]: () => running.disposeAsync(),
	};
}

async function caughtUpOrLater({ device, clock }: GatewayContext): Promise<void> {
	const done = new AbortController();
	const later = sleep(clock, CATCH_UP_MS, done.signal);
	await Promise.race([device.caughtUp().catch(() => {}), later]).finally(() => done.abort());
}

function identityOf(options: GatewayOptions): GatewayContext["identity"] {
	const { name, phone, wabaId, phoneNumberId, businessId, appId } = options;
	return { name, phone, wabaId, phoneNumberId, businessId, appId };
}

function derive(seed: Uint8Array, use: string): Uint8Array {
	return new Uint8Array(hkdfSync("sha256", seed, "", `troth/v1/gateway/${use}`, 32));
}

async function lastInbound({ records }: GatewayContext): Promise<string | undefined> {
	const row = await records
		.selectFrom("message")
		.select("wamid")
		.where("direction", "=", "in")
		.orderBy("at_ms", "desc")
		.limit(1)
		.executeTakeFirst();
	return row?.wamid;
}

function describeFailure(clock: Clock, where: string, error: unknown): string {
	const line = { time: new Date(clock.now()).toISOString(), level: "error", event: "failed", where };
	return JSON.stringify({ ...line, ...describeError(error) });
}

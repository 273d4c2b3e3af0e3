/**
 * The config file of the profile `bridge` (docs/bridge-profile.md): JSON, every secret in a file of its own beside it.
 * Relative paths are relative to the config file.
 */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import { doorKeys } from "../door/index.ts";
import { HOST_COLUMNS, type HostPurpose } from "./facts/host-facts.ts";
import type { FactsAt } from "./facts/open-facts.ts";
import type { BesideDoorOptions, BesideOptions } from "./index.ts";
import { besideKeys } from "./keys.ts";

/** The config file is not what it has to be; the message says where. */
export class BesideConfigError extends Error {
	override readonly name = "BesideConfigError";
}

const Text = v.pipe(v.string(), v.nonEmpty());
const Url = v.pipe(
	v.string(),
	v.url(),
	v.check((url) => /^https?:/.test(url), "http or https"),
);
const Origin = v.pipe(
	Url,
	v.check((url) => URL.canParse(url) && new URL(url).origin === url, "an origin, without a path"),
);
const Port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535));
const Count = v.pipe(v.number(), v.integer(), v.minValue(1));
const Name = v.optional(Text);
const Phone = { phone_number: Text };
const Use = { last_used_day: Name, usage_class: Name };
const Spam = { ...Phone, label: Name, score_class: Name };
const Case = { ...Phone, label: Name, case_id: Name };
const view = <Columns extends v.ObjectEntries>(columns: Columns) =>
	v.optional(v.strictObject({ view: Text, id: Text, fields: v.strictObject(columns) }));
const PURPOSES = [...(Object.keys(HOST_COLUMNS) as readonly HostPurpose[]), "infrastructure" as const];

const Facts = v.variant("kind", [
	v.strictObject({
		kind: v.literal("http"),
		url: Url,
		tokenFile: Text,
		/** How the host calls them; what is left out it does not have. */
		fields: v.strictObject({ ...Phone, ...Use, ...Spam, ...Case }),
		purposes: v.optional(v.array(v.picklist(PURPOSES))),
		timeoutMs: v.optional(Count),
		atOnce: v.optional(Count),
	}),
	v.strictObject({
		kind: v.literal("sql"),
		database: v.variant("kind", [
			v.strictObject({ kind: v.literal("sqlite"), path: Text }),
			/** The connection string, which may hold a password, stands in a file. */
			v.strictObject({ kind: v.literal("postgres"), urlFile: Text }),
		]),
		people: v.strictObject({ view: Text, id: Text }),
		purposes: v.strictObject({
			friend_suggestions: view(Phone),
			relevant_ads: view(Phone),
			usage_metrics: view(Use),
			spam_and_abuse: view(Spam),
			security: view(Case),
			infringement: view(Case),
			/** About nobody: no id. */
			infrastructure: v.optional(
				v.strictObject({
					view: Text,
					day: Text,
					fields: v.strictObject({ os: Text, app_version: Text, outcome: Text, times: Text }),
				}),
			),
		}),
		timeoutMs: v.optional(Count),
		atOnce: v.optional(Count),
	}),
]);

const Config = v.strictObject({
	title: Text,
	/** Where everything is kept. */
	dataDir: Text,
	host: v.optional(Text, "127.0.0.1"),
	port: v.optional(Port, 7080),
	doorPort: v.optional(Port, 7081),
	/** As browsers reach the service; tokens are made for it. */
	origin: Origin,
	/** As browsers and auditors reach the door's log. */
	logOrigin: Origin,
	/** C2SP origin of the share log; it never changes again. */
	logName: Text,
	policy: Text,
	nextPolicy: v.optional(Text),
	hostKey: v.variant("alg", [
		v.strictObject({ alg: v.literal("HS256"), secretFile: Text }),
		v.strictObject({ alg: v.literal("EdDSA"), publicKeyFile: Text }),
	]),
	eventsSecretFile: Text,
	/** Where the host hears of objections to what it says of people. */
	objectionsUrl: v.optional(Url),
	operatorTokenFile: Text,
	facts: Facts,
	/** Origins of the host's pages that embed ours. */
	embedIn: v.array(Origin),
	recipients: v.pipe(
		v.array(
			v.strictObject({
				...{ id: Text, url: Url, tokenFile: Text, logUrl: Url, logKey: Text },
				/** 32 bytes in base 64, which only the two have: what numbers are named with. */
				numberKeyFile: v.optional(Text),
			}),
		),
		v.nonEmpty(),
	),
	witnesses: v.array(v.strictObject({ url: Url, vkey: Text })),
	quorum: v.pipe(v.number(), v.integer(), v.minValue(0)),
	sweepMinutes: v.optional(Count),
});

/** What service and door are started with. */
export interface BesideSetup {
	readonly beside: Omit<BesideOptions, "clock" | "log" | "pages">;
	readonly embedIn: readonly string[];
	readonly door: Omit<BesideDoorOptions, "clock" | "log">;
	readonly dataDir: string;
	readonly origin: string;
	/** What recipients have to be told: the key of policies, and the log's. */
	readonly keys: { readonly policyKey: string; readonly shareLog: string };
	/** What witnesses have to be told: the keys of all logs of the door. */
	readonly logKeys: readonly string[];
}

/**
 * Reads the file and what it names.
 * @param doorToken between the two processes
 * @throws BesideConfigError
 */
export async function readBesideConfig(
	path: string,
	doorToken: (dataDir: string) => Promise<string>,
): Promise<BesideSetup> {
	const config = await readConfig(path);
	const at = (file: string) => resolve(dirname(path), file);
	const secret = (file: string) => readSecret(at(file));
	const dataDir = at(config.dataDir);
	const [besideDirectory, doorDirectory] = [resolve(dataDir, "beside"), resolve(dataDir, "door")];
	const facts = await readFacts(config.facts, at, secret);
	const { policyKey } = await besideKeys(besideDirectory);
	const { vkey, policyVkey, indexVkey } = await doorKeys(doorDirectory, config.logName);
	const { witnesses, quorum, host } = config;
	if (quorum > witnesses.length) throw new BesideConfigError(`${path}: quorum: there are fewer witnesses`);
	const token = await doorToken(dataDir);
	const recipients = await Promise.all(
		config.recipients.map(async ({ id, url, tokenFile, logKey, numberKeyFile }) => ({
			...{ id, url, token: await secret(tokenFile) },
			...(numberKeyFile !== undefined && { abusePseudonymKey: await readKey(at(numberKeyFile)) }),
			receipts: { log: logKey, witnesses: witnesses.map((witness) => witness.vkey), quorum: 0 },
		})),
	);
	return {
		dataDir,
		origin: config.origin,
		embedIn: config.embedIn,
		keys: { policyKey: Buffer.from(policyKey).toString("hex"), shareLog: vkey },
		logKeys: [vkey, policyVkey, indexVkey],
		beside: {
			...{ directory: besideDirectory, host, port: config.port, title: config.title, facts },
			policy: at(config.policy),
			...(config.nextPolicy !== undefined && { nextPolicy: at(config.nextPolicy) }),
			tokens: {
				audience: config.origin,
				key:
					config.hostKey.alg === "HS256"
						? { alg: "HS256", secret: await secret(config.hostKey.secretFile) }
						: { alg: "EdDSA", publicKey: await secret(config.hostKey.publicKeyFile) },
			},
			eventsSecret: await secret(config.eventsSecretFile),
			...(config.objectionsUrl !== undefined && { objectionsUrl: config.objectionsUrl }),
			operatorToken: await secret(config.operatorTokenFile),
			door: { url: `http://${host}:${config.doorPort}`, token },
			sharing: {
				logs: [
					{ name: "shares", url: config.logOrigin, vkey },
					{ name: "policy", url: `${config.logOrigin}/policy`, vkey: policyVkey },
					{ name: "index", url: `${config.logOrigin}/index`, vkey: indexVkey },
					...config.recipients.map(({ id, logUrl, logKey }) => ({ name: id, url: logUrl, vkey: logKey })),
				],
				...{ witnesses: witnesses.map((witness) => witness.vkey), quorum },
				recipients: config.recipients.map(({ id, url }) => ({ id, url })),
			},
			numberKeys: config.recipients.filter(({ numberKeyFile }) => numberKeyFile !== undefined).map(({ id }) => id),
			...(config.sweepMinutes !== undefined && { sweepEveryMs: config.sweepMinutes * 60_000 }),
		},
		door: {
			...{ directory: doorDirectory, besideDirectory, facts, host, port: config.doorPort },
			...{ logName: config.logName, token, policyKey, recipients, witnesses, quorum },
		},
	};
}

async function readConfig(path: string): Promise<v.InferOutput<typeof Config>> {
	const text = await readFile(path, "utf8").catch((error: unknown) => {
		throw new BesideConfigError(`${path} can not be read`, { cause: error });
	});
	const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Config), text);
	if (parsed.success) return parsed.output;
	const where = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "file"}: ${issue.message}`);
	throw new BesideConfigError(`${path}: ${where.join("; ")}`);
}

async function readFacts(
	facts: v.InferOutput<typeof Facts>,
	at: (file: string) => string,
	secret: (file: string) => Promise<string>,
): Promise<FactsAt> {
	if (facts.kind === "http") {
		const { tokenFile, purposes, ...rest } = facts;
		return withoutUndefined({
			...rest,
			token: await secret(tokenFile),
			purposes: purposes?.filter((purpose) => purpose !== "infrastructure"),
			deliveries: purposes?.includes("infrastructure"),
		});
	}
	const { database } = facts;
	const { infrastructure: deliveries, ...purposes } = facts.purposes;
	return withoutUndefined({
		...facts,
		purposes: withoutUndefined(purposes),
		deliveries,
		database:
			database.kind === "sqlite"
				? { kind: "sqlite" as const, path: at(database.path) }
				: { kind: "postgres" as const, url: await secret(database.urlFile) },
	});
}

async function readSecret(path: string): Promise<string> {
	const text = await readFile(path, "utf8").catch((error: unknown) => {
		throw new BesideConfigError(`${path} can not be read`, { cause: error });
	});
	if (text.trim() === "") throw new BesideConfigError(`${path} is empty`);
	return text.trim();
}

async function readKey(path: string): Promise<Uint8Array> {
	const key = new Uint8Array(Buffer.from(await readSecret(path), "base64"));
	if (key.length !== KEY_BYTES) throw new BesideConfigError(`${path} is not ${KEY_BYTES} bytes in base 64`);
	return key;
}

const KEY_BYTES = 32;

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
	return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;
}

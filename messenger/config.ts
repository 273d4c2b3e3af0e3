/** The settings of a messenger: read here and nowhere else, checked once, safe to print. Secrets are not settings. */
import { resolve } from "node:path";
import * as v from "valibot";

const Origin = v.pipe(
	v.string(),
	v.url(),
	v.check((text) => /^https?:$/.test(new URL(text).protocol), "has to begin with http:// or https://"),
	v.check((text) => new URL(text).origin === text, "has to be an origin like https://example.org, without a path"),
);

const Settings = v.object({
	/** Where the stores and keys lie. */
	TROTH_DATA: v.optional(v.pipe(v.string(), v.nonEmpty()), "data"),
	/** 0 takes any free port. */
	TROTH_PORT: v.optional(
		v.pipe(v.string(), v.digits(), v.transform(Number), v.number(), v.integer(), v.maxValue(65535)),
		"7000",
	),
	TROTH_HOST: v.optional(v.pipe(v.string(), v.nonEmpty()), "127.0.0.1"),
	/** The address people type, where it is not that of the socket: behind a proxy. Devices sign it. */
	TROTH_ORIGIN: v.optional(Origin),
	/** How codes reach phones. `development` prints them on the console and is the only provider so far. */
	TROTH_CODES: v.optional(v.picklist(["development"]), "development"),
});

export interface MessengerConfig {
	readonly dataDir: string;
	readonly port: number;
	readonly host: string;
	readonly origin: string | undefined;
	readonly codes: "development";
}

/** A setting has a value that can not be used; the text names the setting and never repeats the value. */
export class ConfigError extends Error {
	override readonly name = "ConfigError";
}

/** @param environment names and values as the process got them. Throws ConfigError. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): MessengerConfig {
	const named = Object.fromEntries(
		Object.keys(Settings.entries).flatMap((name) => {
			const value = environment[name];
			return value === undefined || value === "" ? [] : [[name, value]];
		}),
	);
	const parsed = v.safeParse(Settings, named);
	if (!parsed.success) {
		const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "settings"}: ${withoutValue(issue)}`);
		throw new ConfigError(problems.join("; "));
	}
	const { TROTH_DATA, TROTH_PORT, TROTH_HOST, TROTH_ORIGIN, TROTH_CODES } = parsed.output;
	return {
		dataDir: resolve(TROTH_DATA),
		port: TROTH_PORT,
		host: TROTH_HOST,
		origin: TROTH_ORIGIN,
		codes: TROTH_CODES,
	};
}

function withoutValue(issue: v.BaseIssue<unknown>): string {
	return issue.kind === "validation" && issue.type === "check"
		? issue.message
		: `expected ${issue.expected ?? issue.type}`;
}

/** The settings as one line for people. */
export function describeConfig({ dataDir, port, host, origin, codes }: MessengerConfig): string {
	const address = origin ?? `http://${host}:${port === 0 ? "any free port" : port}`;
	return `data in ${dataDir}, serving ${address}, codes by the ${codes} provider`;
}

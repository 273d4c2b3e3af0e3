/** The settings of a messenger: read here and nowhere else, checked once, safe to print. Secrets are not settings. */
import { resolve } from "node:path";
import { ABSENCE_DAYS } from "@troth/bridge";
import * as v from "valibot";
import type { PushOptions } from "./push/open-wake-ups.ts";

const Origin = v.pipe(
	v.string(),
	v.url(),
	v.check((text) => /^https?:$/.test(new URL(text).protocol), "has to begin with http:// or https://"),
	v.check((text) => new URL(text).origin === text, "has to be an origin like https://example.org, without a path"),
);

/** What goes there contains a code: in the clear only where it does not leave the machine. */
const SafeUrl = v.pipe(
	v.string(),
	v.url(),
	v.check((text) => {
		const { protocol, hostname } = new URL(text);
		return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(hostname));
	}, "has to begin with https://, or to lie on this machine"),
	v.transform((text) => text.replace(/\/$/, "")),
);

/** Where push services reach the operator (RFC 8292 section 2.1). */
const PushSubject = v.pipe(
	v.string(),
	v.check(
		(text) => /^mailto:[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text) || (/^https:/.test(text) && URL.canParse(text)),
		"has to be a real address: mailto:someone@example.org or https://…",
	),
);

/** A host, "*." and a domain, "*", or the origin of a push service of the operator's own; see `push/services.ts`. */
const PushServiceName = v.pipe(
	v.string(),
	v.check(
		(text) =>
			/^(\*|(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+)$/.test(text) ||
			/^https:\/\/[^/\s]+$/.test(text) ||
			/^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?$/.test(text),
		"hosts like fcm.googleapis.com, *.push.apple.com or *, or origins like https://push.example.org:8443",
	),
);

const List = <Item extends v.GenericSchema<string, string>>(item: Item) =>
	v.pipe(
		v.string(),
		v.transform((text) => text.split(",").map((part) => part.trim())),
		v.array(item),
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
	/** How codes reach phones. `development` prints them on the console. */
	TROTH_CODES: v.optional(v.picklist(["development", "webhook", "twilio"]), "development"),
	/** `webhook`: where codes are posted. `twilio`: another address that speaks the same. */
	TROTH_CODES_URL: v.optional(SafeUrl),
	/** A file with the webhook's signing secret, or with Twilio's auth token. */
	TROTH_CODES_SECRET_FILE: v.optional(v.pipe(v.string(), v.nonEmpty())),
	/** `twilio`: "AC…". */
	TROTH_TWILIO_ACCOUNT: v.optional(v.pipe(v.string(), v.regex(/^AC[0-9a-zA-Z]+$/, "an account id like AC…"))),
	/** `twilio`: a number in E.164, or the id of a messaging service. */
	TROTH_TWILIO_FROM: v.optional(v.pipe(v.string(), v.regex(/^(\+[1-9]\d+|MG[0-9a-zA-Z]+)$/, "a number or MG…"))),
	/** Whose numbers get codes: "DE,AT,CH". All countries where it is left out. */
	TROTH_CODES_COUNTRIES: v.optional(List(v.pipe(v.string(), v.regex(/^[A-Z]{2}$/, "countries like DE,AT")))),
	/** Without it nobody is woken. */
	TROTH_PUSH_SUBJECT: v.optional(PushSubject),
	/** Push services that devices may be woken through; those of the browsers where it is left out. */
	TROTH_PUSH_SERVICES: v.optional(List(PushServiceName)),
	/** When a suspended account that nobody comes to ends. The terms that are shipped say 120, so no sooner. */
	TROTH_ABSENCE_DAYS: v.optional(
		v.pipe(
			v.string(),
			v.digits(),
			v.transform(Number),
			v.check((days) => days === 0 || days >= ABSENCE_DAYS, `0 for never, or ${ABSENCE_DAYS} and more`),
		),
		`${ABSENCE_DAYS}`,
	),
	/** Proxies whose `X-Forwarded-For` is believed: addresses or networks like 10.0.0.0/8. */
	TROTH_TRUSTED_PROXIES: v.optional(
		List(v.pipe(v.string(), v.regex(/^[0-9a-fA-F.:]+(\/\d{1,3})?$/, "addresses like 127.0.0.1,10.0.0.0/8"))),
	),
});

/** How codes reach phones; secrets stay in their files. */
export type CodeSettings =
	| { readonly provider: "development" }
	| { readonly provider: "webhook"; readonly url: string; readonly secretFile: string }
	| {
			readonly provider: "twilio";
			readonly url: string | undefined;
			readonly account: string;
			readonly from: string;
			readonly secretFile: string;
	  };

export interface MessengerConfig {
	readonly dataDir: string;
	readonly port: number;
	readonly host: string;
	readonly origin: string | undefined;
	readonly codes: CodeSettings;
	readonly codeCountries: readonly string[] | undefined;
	readonly trustedProxies: readonly string[];
	/** 0 for never. */
	readonly absenceDays: number;
	/** Undefined where nobody is woken. */
	readonly push: PushOptions | undefined;
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
	const { TROTH_DATA, TROTH_PORT, TROTH_HOST, TROTH_ORIGIN, TROTH_CODES_COUNTRIES, TROTH_TRUSTED_PROXIES } =
		parsed.output;
	return {
		dataDir: resolve(TROTH_DATA),
		port: TROTH_PORT,
		host: TROTH_HOST,
		origin: TROTH_ORIGIN,
		codes: codeSettings(parsed.output),
		codeCountries: TROTH_CODES_COUNTRIES,
		trustedProxies: TROTH_TRUSTED_PROXIES ?? [],
		absenceDays: parsed.output.TROTH_ABSENCE_DAYS,
		push: pushSettings(parsed.output),
	};
}

function pushSettings({
	TROTH_PUSH_SUBJECT: subject,
	TROTH_PUSH_SERVICES: services,
}: v.InferOutput<typeof Settings>): PushOptions | undefined {
	if (subject === undefined && services !== undefined)
		throw new ConfigError("TROTH_PUSH_SUBJECT: needed where TROTH_PUSH_SERVICES is set");
	return subject === undefined ? undefined : { subject, ...(services !== undefined && { services }) };
}

function codeSettings(given: v.InferOutput<typeof Settings>): CodeSettings {
	const { TROTH_CODES: provider, TROTH_CODES_URL: url } = given;
	switch (provider) {
		case "development":
			return { provider };
		case "webhook":
			return { provider, url: needed(given, "TROTH_CODES_URL"), secretFile: needed(given, "TROTH_CODES_SECRET_FILE") };
		case "twilio":
			return {
				provider,
				url,
				account: needed(given, "TROTH_TWILIO_ACCOUNT"),
				from: needed(given, "TROTH_TWILIO_FROM"),
				secretFile: needed(given, "TROTH_CODES_SECRET_FILE"),
			};
	}
}

function needed(
	given: v.InferOutput<typeof Settings>,
	name: "TROTH_CODES_URL" | "TROTH_CODES_SECRET_FILE" | "TROTH_TWILIO_ACCOUNT" | "TROTH_TWILIO_FROM",
): string {
	const value = given[name];
	if (value === undefined) throw new ConfigError(`${name}: needed where TROTH_CODES is ${given.TROTH_CODES}`);
	return value;
}

function withoutValue(issue: v.BaseIssue<unknown>): string {
	return issue.kind === "validation" && (issue.type === "check" || issue.type === "regex")
		? issue.message
		: `expected ${issue.expected ?? issue.type}`;
}

/** The settings as one line for people. */
export function describeConfig({ dataDir, port, host, origin, codes }: MessengerConfig): string {
	const address = origin ?? `http://${host}:${port === 0 ? "any free port" : port}`;
	return `data in ${dataDir}, serving ${address}, codes by the ${codes.provider} provider`;
}

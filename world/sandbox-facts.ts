/** What the sandbox tells outside programs (contract: `docs/sandbox.md`); keys are only ever added. */
import type { FamilyLogin } from "./inhabitants/family-members.ts";
import type { SamplePerson } from "./inhabitants/people.ts";

export interface SandboxFacts {
	readonly messenger: {
		/** API, WebSocket and web app, one origin. */
		readonly url: string;
		readonly operatorToken: string;
		readonly dataDir: string;
		readonly nodes: readonly { readonly url: string; readonly pid: number }[];
	};
	readonly sms: { readonly url: string };
	readonly clock: { readonly url: string };
	readonly people: readonly SamplePerson[];
	readonly family?: FamilyFacts;
	readonly business?: BusinessFacts;
	readonly transparency?: {
		readonly logs: readonly { readonly name: string; readonly url: string; readonly vkey: string }[];
		readonly witnesses: readonly { readonly vkey: string; readonly url: string }[];
	};
}

/** The profile `bridge`: there is no messenger, and the people are customers of the host. */
export interface BesideSandboxFacts extends Pick<SandboxFacts, "sms" | "clock"> {
	readonly bridge: {
		/** The embedded pages, their API, the host's calls and the operator's. */
		readonly url: string;
		readonly operatorToken: string;
		readonly dataDir: string;
	};
	/** The sample host application. */
	readonly host: { readonly url: string; readonly title: string };
	readonly people: readonly { readonly name: string; readonly phone: string }[];
	readonly family: FamilyFacts;
	readonly transparency: NonNullable<SandboxFacts["transparency"]>;
}

export interface FamilyFacts {
	readonly url: string;
	readonly graphUrl: string;
	readonly adAccountId: string;
	readonly accessToken: string;
	readonly appSecret: string;
	readonly operatorToken: string;
	readonly probeUrl: string;
	readonly logins: readonly FamilyLogin[];
	readonly listFloor: number;
	/** Where the parent keeps its files: for who wants to look what is in them. */
	readonly dataDir: string;
	/** The second company. */
	readonly photosUrl: string;
}

export interface BusinessFacts {
	readonly url: string;
	readonly graphVersion: string;
	readonly businessId: string;
	readonly wabaId: string;
	readonly phoneNumberId: string;
	readonly appId: string;
	readonly accessToken: string;
	readonly appSecret: string;
	readonly verifyToken: string;
	readonly webhookUrl?: string;
	readonly inboundWamid: string;
	readonly templates: Readonly<Record<"utility" | "marketing" | "paused", SampleTemplate>>;
	readonly users: Readonly<Record<"open" | "closed" | "stopped" | "blocked" | "none", string>>;
}

export interface SampleTemplate {
	readonly name: string;
	readonly language: string;
	readonly bodyVariables: number;
}

/** The same facts for a person at a terminal. */
export function describeFacts(facts: SandboxFacts): string {
	const { messenger, sms, clock, people, family, business, transparency } = facts;
	const row = (title: string, text: string) => `  ${title.padEnd(11)}${text}`;
	const logins = new Map(family?.logins.map((login) => [login.name, login]));
	const lines = [
		"",
		"  Troth sandbox – everything here is gone when it ends (Ctrl-C)",
		"",
		row("Messenger", messenger.url),
		...(family === undefined ? [] : [row("Family", family.url), row("Photos", family.photosUrl)]),
		...(business === undefined
			? []
			: [row("Business", `${business.url}/${business.graphVersion}/${business.phoneNumberId}`)]),
		"",
		row("Codes", `curl '${sms.url}?phone=%2B15550100099'`),
		row("Clock", `curl -d '{"advanceMs": 86400000}' ${clock.url}`),
		...(family === undefined ? [] : [row("Knows", `curl '${family.probeUrl}?phone=%2B15550100003'`)]),
		...(transparency?.logs ?? []).map(({ name, url, vkey }) =>
			row("Log", `${name}: npx troth audit ${url} --vkey ${vkey}`),
		),
		row("Operator", messenger.operatorToken),
		...(business === undefined ? [] : [row("Cloud API", business.accessToken)]),
		...(family === undefined ? [] : [row("Ads", `${family.graphUrl} ${family.adAccountId} ${family.accessToken}`)]),
		row("Files", messenger.dataDir),
		"",
		...people.map(({ name, phone, profile }) => {
			const login = logins.get(name);
			const there = login === undefined ? "" : `   ${login.email} ${login.password}`;
			return `  ${name.padEnd(10)} ${phone}   npx troth terms --profile ${profile}${there}`;
		}),
		"",
	];
	return lines.join("\n");
}

/** The facts of the profile `bridge` for a person at a terminal. */
export function describeBesideFacts({
	bridge,
	host,
	family,
	sms,
	clock,
	people,
	transparency,
}: BesideSandboxFacts): string {
	const row = (title: string, text: string) => `  ${title.padEnd(12)}${text}`;
	return [
		"",
		"  Troth beside a host – everything here is gone when it ends (Ctrl-C)",
		"",
		row(host.title, host.url),
		row("Bridge", bridge.url),
		row("Family", family.url),
		row("Photos", family.photosUrl),
		"",
		row("Codes", `curl '${sms.url}?phone=%2B15550100099'`),
		row("Clock", `curl -d '{"advanceMs": 86400000}' ${clock.url}`),
		row("Knows", `curl '${family.probeUrl}?phone=%2B15550100003'`),
		...transparency.logs.map(({ name, url, vkey }) => row("Log", `${name}: npx troth audit ${url} --vkey ${vkey}`)),
		row("Operator", `curl -H 'authorization: Bearer ${bridge.operatorToken}' ${bridge.url}/operator/terms`),
		row("Files", bridge.dataDir),
		"",
		...people.map(({ name, phone }) => `  ${name.padEnd(10)} ${phone}`),
		"",
	].join("\n");
}

/** What a device honestly knows of itself, coarse on purpose: a company gets it with a link only (C4), the server to count it. */
export interface DeviceFacts {
	readonly deviceType: "phone" | "tablet" | "computer";
	readonly os: "Android" | "iOS" | "Windows" | "macOS" | "Linux" | "other";
	readonly appVersion: string;
	/** What runs there, for the name of a device; told to nobody but the account's own devices. */
	readonly program?: string;
}

/** The version of this client, as its package has it. */
export const APP_VERSION = "0.1.0";

const BROWSERS: readonly (readonly [RegExp, string])[] = [
	[/Edg\//, "Edge"],
	[/Firefox\//, "Firefox"],
	[/Chrome\//, "Chrome"],
	[/Safari\//, "Safari"],
];

/** The browser's name; undefined for one that is not known. Pure. */
export function programOfUserAgent(userAgent: string): string | undefined {
	return BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1];
}

/** Reads type and system from a browser's User-Agent; what it does not say is not guessed. Pure. */
export function factsOfUserAgent(userAgent: string): DeviceFacts {
	const has = (pattern: RegExp) => pattern.test(userAgent);
	if (has(/iPad/)) return { deviceType: "tablet", os: "iOS", appVersion: APP_VERSION };
	if (has(/iPhone|iPod/)) return { deviceType: "phone", os: "iOS", appVersion: APP_VERSION };
	if (has(/Android/)) return { deviceType: has(/Mobile/) ? "phone" : "tablet", os: "Android", appVersion: APP_VERSION };
	const os = has(/Windows/) ? "Windows" : has(/Mac OS X|Macintosh/) ? "macOS" : has(/Linux|CrOS/) ? "Linux" : "other";
	return { deviceType: "computer", os, appVersion: APP_VERSION };
}

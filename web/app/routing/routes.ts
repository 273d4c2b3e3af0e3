/** The places of the app and how they are written in the address. Pure; `router.ts` has the history. */
import type { AccountId, ConversationId } from "@troth/protocol";

export type Route =
	| { readonly place: "chats" }
	| { readonly place: "new-chat" }
	| { readonly place: "new-group" }
	/** What there is beside a number to find people by, and to be found. */
	| { readonly place: "people"; readonly page: PeoplePage }
	/** `link`: the fragment of somebody's contact link. */
	| { readonly place: "add"; readonly link: string }
	| { readonly place: "chat"; readonly id: ConversationId }
	| { readonly place: "chat-info"; readonly id: ConversationId }
	| { readonly place: "safety"; readonly id: ConversationId; readonly account: AccountId }
	/** `code`: what the other side's safety number page shows (`client/identity/safety-code.ts`). */
	| { readonly place: "verify"; readonly code: string }
	/** `code`: what a new device shows (`client/linking/link-code.ts`); undefined before one was given. */
	| { readonly place: "link"; readonly code: string | undefined }
	/** `to`: the recipient's page that sent the person here. */
	| { readonly place: "link-family"; readonly to: string }
	| { readonly place: "settings"; readonly page: SettingsPage | undefined };

export const PEOPLE_PAGES = ["by-name", "contacts", "invite", "reach-me"] as const;
export type PeoplePage = (typeof PEOPLE_PAGES)[number];

export const SETTINGS_PAGES = [
	"devices",
	"blocked",
	"privacy",
	"notifications",
	"terms",
	"storage",
	"backup",
	"sharing",
	"shares",
	"about-me",
	"change-number",
	"registration-lock",
	"delete-account",
] as const;
export type SettingsPage = (typeof SETTINGS_PAGES)[number];

const ID = "([0-9a-f]{32})";
const PATTERNS: readonly (readonly [RegExp, (a: string, b: string) => Route])[] = [
	[/^\/new$/, () => ({ place: "new-chat" })],
	[/^\/new-group$/, () => ({ place: "new-group" })],
	[new RegExp(`^/people/(${PEOPLE_PAGES.join("|")})$`), (page) => ({ place: "people", page: page as PeoplePage })],
	[/^(\/add\/.+)$/, (link) => ({ place: "add", link: `#${link}` })],
	[new RegExp(`^/chat/${ID}$`), (id) => ({ place: "chat", id: id as ConversationId })],
	[new RegExp(`^/chat/${ID}/info$`), (id) => ({ place: "chat-info", id: id as ConversationId })],
	[
		new RegExp(`^/chat/${ID}/safety/${ID}$`),
		(id, account) => ({ place: "safety", id: id as ConversationId, account: account as AccountId }),
	],
	[/^\/verify\/([\w-]{124})$/, (code) => ({ place: "verify", code })],
	[/^\/link$/, () => ({ place: "link", code: undefined })],
	[/^\/link\/([A-Za-z0-9 -]{52,80})$/, (code) => ({ place: "link", code })],
	[/^\/link-family\?to=([\w.!~*'()%-]+)$/, (to) => ({ place: "link-family", to: decodeURIComponent(to) })],
	[/^\/settings$/, () => ({ place: "settings", page: undefined })],
	[
		new RegExp(`^/settings/(${SETTINGS_PAGES.join("|")})$`),
		(page) => ({ place: "settings", page: page as SettingsPage }),
	],
];

/** The place of an address' fragment; whatever is not one leads to the list of chats. */
export function parseRoute(fragment: string): Route {
	const path = fragment.replace(/^#/, "");
	for (const [pattern, make] of PATTERNS) {
		const match = pattern.exec(path);
		if (match !== null) return safely(() => make(match[1] ?? "", match[2] ?? ""));
	}
	return { place: "chats" };
}

/** A broken escape is an address that means nothing. */
function safely(make: () => Route): Route {
	try {
		return make();
	} catch {
		return { place: "chats" };
	}
}

/**
 * The place that a page of a recipient links to, `/link-family?to=…`: a path of the server, because a fragment would
 * not survive every way there. Undefined for all other paths.
 */
export function routeOfPath(path: string, query: string): Route | undefined {
	const to = path === "/link-family" ? new URLSearchParams(query).get("to") : null;
	return to === null || to === "" ? undefined : { place: "link-family", to };
}

/** The fragment of a place, with its `#`. */
export function fragmentOf(route: Route): string {
	switch (route.place) {
		case "chats":
			return "#/";
		case "new-chat":
			return "#/new";
		case "new-group":
			return "#/new-group";
		case "people":
			return `#/people/${route.page}`;
		case "add":
			return route.link;
		case "chat":
			return `#/chat/${route.id}`;
		case "chat-info":
			return `#/chat/${route.id}/info`;
		case "safety":
			return `#/chat/${route.id}/safety/${route.account}`;
		case "verify":
			return `#/verify/${route.code}`;
		case "link":
			return route.code === undefined ? "#/link" : `#/link/${route.code}`;
		case "link-family":
			return `#/link-family?to=${encodeURIComponent(route.to)}`;
		case "settings":
			return route.page === undefined ? "#/settings" : `#/settings/${route.page}`;
	}
}

/** Where "back" leads when the history does not know: one level up. */
export function parentOf(route: Route): Route {
	switch (route.place) {
		case "chat-info":
			return { place: "chat", id: route.id };
		case "safety":
			return { place: "chat-info", id: route.id };
		case "link":
			return { place: "settings", page: "devices" };
		case "settings":
			if (route.page === "shares") return { place: "settings", page: "sharing" };
			return route.page === undefined ? { place: "chats" } : { place: "settings", page: undefined };
		case "new-group":
		case "people":
			return { place: "new-chat" };
		default:
			return { place: "chats" };
	}
}

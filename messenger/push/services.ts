/**
 * Which push services this server talks to. An endpoint comes from a device, so it is a request to connect anywhere:
 * only hosts on the operator's list are taken, by https on the usual port, and never by their address (`post.ts` looks
 * at what the name resolves to). An origin that the operator named in full is theirs to know.
 */
import { isIP } from "node:net";
import { LIMITS } from "@troth/protocol";

/** Those of the browsers: Chrome, Firefox, Safari, Edge. */
export const PUSH_SERVICES: readonly string[] = [
	"fcm.googleapis.com",
	"*.push.services.mozilla.com",
	"*.push.apple.com",
	"*.notify.windows.com",
];

/** An endpoint that may be asked. `named`: its origin stands on the list, wherever it lies. */
export interface PushEndpoint {
	readonly url: URL;
	readonly named: boolean;
}

export class PushServices {
	readonly #origins: ReadonlySet<string>;
	readonly #hosts: ReadonlySet<string>;
	/** With their dots: ".push.apple.com". */
	readonly #domains: readonly string[];

	/** @param listed hosts, `*.` and a domain for all below it, `*` for all, or whole origins */
	constructor(listed: readonly string[]) {
		const origins = listed.filter((one) => one.includes("://"));
		const hosts = listed.filter((one) => !one.includes("://"));
		this.#origins = new Set(origins.map((one) => new URL(one).origin));
		this.#hosts = new Set(hosts.filter((one) => !one.startsWith("*")));
		this.#domains = hosts.filter((one) => one.startsWith("*")).map((one) => one.slice(1));
	}

	/** The endpoint, if it is one of these services'; undefined for everything else. */
	endpoint(text: string): PushEndpoint | undefined {
		if (text.length > LIMITS.pushEndpointBytes || !URL.canParse(text)) return undefined;
		const url = new URL(text);
		if (url.username !== "" || url.password !== "" || url.hash !== "") return undefined;
		if (this.#origins.has(url.origin)) return { url, named: true };
		const { protocol, hostname, port } = url;
		if (protocol !== "https:" || port !== "" || isAddress(hostname)) return undefined;
		const listed = this.#hosts.has(hostname) || this.#domains.some((domain) => hostname.endsWith(domain));
		return listed ? { url, named: false } : undefined;
	}
}

function isAddress(hostname: string): boolean {
	return isIP(hostname) !== 0 || hostname.startsWith("[");
}

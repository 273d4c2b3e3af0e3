/** What the browser or the address lacks for Troth to work at all, said before anything is tried. */
import { words } from "../words/words.ts";
import { FullPage } from "./full-page.tsx";

export type Ability = "secure-address" | "browser";

/** Undefined where everything is there. */
export function missingAbility(): Ability | undefined {
	if (!globalThis.isSecureContext) return "secure-address";
	const able =
		"locks" in navigator && "BroadcastChannel" in globalThis && "indexedDB" in globalThis && "subtle" in crypto;
	return able ? undefined : "browser";
}

export function UnableScreen({ missing }: { readonly missing: Ability }) {
	const { starting } = words;
	return missing === "secure-address" ? (
		<FullPage title={starting.insecureTitle} text={starting.insecureText} />
	) : (
		<FullPage title={starting.oldBrowserTitle} text={starting.oldBrowserText} />
	);
}

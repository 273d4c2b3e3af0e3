/** What the page and the page around it tell each other: heights, that something was decided, and who is logged in. */

/** Nothing secret: any page that frames this one may know it. */
type Told = { readonly troth: "height"; readonly height: number } | { readonly troth: "decided" | "later" | "token" };

export function tell(message: Told): void {
	if (window.parent !== window) window.parent.postMessage(message, "*");
}

/** Tells the height whenever it changes. */
export function tellHeights(element: HTMLElement): void {
	new ResizeObserver(() => tell({ troth: "height", height: element.getBoundingClientRect().height })).observe(element);
}

/** Where a company's page sent the person from, as the page around handed it over; to be read before `hostTokens`. */
export function sentFrom(): string {
	return new URLSearchParams(location.hash.slice(1)).get("to") ?? "";
}

const PATIENCE_MS = 15_000;

/** The host's word: from the address the first time, after that asked of the page around. */
export function hostTokens(): () => Promise<string> {
	let first = new URLSearchParams(location.hash.slice(1)).get("token");
	// Neither history nor a screenshot of the address bar shall show it.
	history.replaceState(null, "", location.pathname + location.search);
	return async () => {
		const token = first;
		first = null;
		return token ?? askAround();
	};
}

function askAround(): Promise<string> {
	return new Promise((resolve, reject) => {
		const late = setTimeout(() => reject(new Error("the page around does not answer")), PATIENCE_MS);
		addEventListener("message", function answer({ source, data }) {
			if (source !== window.parent || data?.troth !== "token" || typeof data.token !== "string") return;
			clearTimeout(late);
			removeEventListener("message", answer);
			resolve(data.token);
		});
		tell({ troth: "token" });
	});
}

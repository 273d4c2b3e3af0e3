/** The embedded page's beginning: who is it, what can this browser sign, which page is asked for. */
import "./embedded.css";
import { openBrowserKeys } from "@troth/client/beside/browser-keys.dom.ts";
import { EmbeddedPerson } from "@troth/client/beside/embedded-person.ts";
import { factsOfUserAgent } from "@troth/client/device/facts.ts";
import { createRoot } from "react-dom/client";
import { EmbeddedApp, Failure } from "./embedded-app.tsx";
import { hostTokens, sentFrom, tellHeights } from "./frame.ts";

const element = document.getElementById("app");
if (element === null) throw new TypeError("the page has no place for the app");
tellHeights(element);
const root = createRoot(element);
const to = sentFrom();
const token = hostTokens();
const page = new URLSearchParams(location.search).get("page");
try {
	const person = await EmbeddedPerson.open({
		origin: location.origin,
		fetch: (input, init) => fetch(input, init),
		store: await openBrowserKeys(),
		random: (length) => crypto.getRandomValues(new Uint8Array(length)),
		facts: factsOfUserAgent(navigator.userAgent),
		token,
	});
	const first = page === "notice" || page === "shares" || page === "link" ? page : "settings";
	root.render(<EmbeddedApp person={person} first={first} to={to} />);
} catch (error) {
	root.render(<Failure error={error} />);
}

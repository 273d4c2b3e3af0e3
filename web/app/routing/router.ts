/**
 * The app's place in the browser's history. The fragment carries it, so that the server only ever serves one page and
 * never learns which chat is open.
 */
import { useSyncExternalStore } from "react";
import { Cell } from "../state/store.ts";
import { fragmentOf, parentOf, parseRoute, type Route, routeOfPath } from "./routes.ts";

interface Place {
	readonly route: Route;
	/** How many steps back stay inside the app. */
	readonly depth: number;
}

// Who comes by a path goes on by a fragment: from here on the server sees nothing of it.
const arrival = routeOfPath(location.pathname, location.search);
if (arrival !== undefined) history.replaceState({ depth: 0 }, "", `/${fragmentOf(arrival)}`);

const here = new Cell<Place>(read());

function read(): Place {
	const state = history.state as { readonly depth?: unknown } | null;
	return { route: parseRoute(location.hash), depth: typeof state?.depth === "number" ? state.depth : 0 };
}

addEventListener("popstate", () => here.set(read()));

/** The current place; a new rendering whenever it changes. */
export function useRoute(): Route {
	return useSyncExternalStore(here.watch, () => here.value.route);
}

/** Goes there; `replace` leaves no step in the history. */
export function goTo(route: Route, { replace = false } = {}): void {
	const fragment = fragmentOf(route);
	if (fragment === fragmentOf(here.value.route)) return;
	const depth = here.value.depth + (replace ? 0 : 1);
	if (replace) history.replaceState({ depth }, "", fragment);
	else history.pushState({ depth }, "", fragment);
	here.set({ route, depth });
}

/** One step back where that stays in the app, else one level up. */
export function goBack(): void {
	if (here.value.depth > 0) history.back();
	else goTo(parentOf(here.value.route), { replace: true });
}

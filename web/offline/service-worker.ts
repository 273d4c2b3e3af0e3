/**
 * Keeps the app itself (never a message) so that it opens without a network: history can be read and messages written,
 * which go out later. The page is asked from the server first, its hashed files never change and come from the cache.
 *
 * Built as a file of its own, without imports: some browsers take no modules here.
 */

/** Every file of this build, put in by the build. */
declare const SHELL_FILES: readonly string[];
/** Names this build. */
declare const SHELL_VERSION: string;

/** The part of ServiceWorkerGlobalScope that is used; TypeScript has it only in place of the page's own types. */
interface ShellScope {
	readonly location: Location;
	readonly clients: { claim(): Promise<void> };
	skipWaiting(): Promise<void>;
	addEventListener(type: "install" | "activate", listener: (event: LifeEvent) => void): void;
	addEventListener(type: "fetch", listener: (event: AskEvent) => void): void;
}

interface LifeEvent {
	waitUntil(work: Promise<unknown>): void;
}

interface AskEvent {
	readonly request: Request;
	respondWith(answer: Promise<Response>): void;
}

const scope = globalThis as unknown as ShellScope;
const PREFIX = "troth-shell-";
const PAGE = "/";
/** A server that does not answer by then is taken for away, ms. */
const PATIENCE = 5_000;

scope.addEventListener("install", (event) => event.waitUntil(keepShell()));
scope.addEventListener("activate", (event) => event.waitUntil(forgetOldShells()));
scope.addEventListener("fetch", (event) => {
	const { method, url, mode } = event.request;
	const { origin, pathname } = new URL(url);
	if (method !== "GET" || origin !== scope.location.origin) return;
	if (mode === "navigate") event.respondWith(page(event.request));
	else if (SHELL_FILES.includes(pathname)) event.respondWith(file(event.request));
});

async function keepShell(): Promise<void> {
	const cache = await caches.open(PREFIX + SHELL_VERSION);
	await cache.addAll([PAGE, ...SHELL_FILES]);
	await scope.skipWaiting();
}

/** All but this one and the one before it: a tab that is still open may load a part of that. */
async function forgetOldShells(): Promise<void> {
	const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== PREFIX + SHELL_VERSION);
	await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
	await scope.clients.claim();
}

async function page(request: Request): Promise<Response> {
	try {
		return await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
	} catch (error) {
		const kept = await caches.match(PAGE, { ignoreSearch: true });
		if (kept === undefined) throw error;
		return kept;
	}
}

async function file(request: Request): Promise<Response> {
	return (await caches.match(request, { ignoreSearch: true })) ?? fetch(request);
}

/**
 * Woken by the server, it says that there are new messages; who wrote, and what, only the app itself can know.
 *
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
	readonly clients: {
		claim(): Promise<void>;
		matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<readonly Tab[]>;
		openWindow(url: string): Promise<unknown>;
	};
	readonly registration: ServiceWorkerRegistration;
	skipWaiting(): Promise<void>;
	addEventListener(type: "install" | "activate" | "push", listener: (event: LifeEvent) => void): void;
	addEventListener(type: "notificationclick", listener: (event: ClickEvent) => void): void;
	addEventListener(type: "fetch", listener: (event: AskEvent) => void): void;
}

interface LifeEvent {
	waitUntil(work: Promise<unknown>): void;
}

/** A part of WindowClient. */
interface Tab {
	focus(): Promise<unknown>;
	postMessage(message: unknown): void;
}

interface ClickEvent extends LifeEvent {
	readonly notification: Notification;
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
/** One for all of them, also for those that the app shows (`app/notifications`). */
const TAG = "troth-new-messages";

scope.addEventListener("install", (event) => event.waitUntil(keepShell()));
scope.addEventListener("activate", (event) => event.waitUntil(forgetOldShells()));
scope.addEventListener("fetch", (event) => {
	const { method, url, mode } = event.request;
	const { origin, pathname } = new URL(url);
	if (method !== "GET" || origin !== scope.location.origin) return;
	if (mode === "navigate") event.respondWith(page(event.request));
	else if (SHELL_FILES.includes(pathname)) event.respondWith(file(event.request));
});

scope.addEventListener("push", (event) => event.waitUntil(woken()));
scope.addEventListener("notificationclick", (event) => {
	event.notification.close();
	event.waitUntil(open(event.notification.data));
});

/**
 * A tab that is there fetches what came, and may say more in this one's place. Something is shown always: browsers end
 * the subscription of whoever was woken and showed nothing.
 */
async function woken(): Promise<void> {
	for (const tab of await tabs()) tab.postMessage({ kind: "wake" });
	await scope.registration.showNotification("New messages", { tag: TAG, icon: "/icon-192.png" });
}

/** Leads to the app, in the tab that there is or in a new one; to the chat, where the app said which. */
async function open(data: unknown): Promise<void> {
	const conversation = (data as { readonly conversation?: unknown } | null)?.conversation;
	const [tab] = await tabs();
	if (tab === undefined) {
		const place = typeof conversation === "string" ? `#/chat/${conversation}` : "";
		await scope.clients.openWindow(PAGE + place);
	} else {
		await tab.focus();
		tab.postMessage({ kind: "open", conversation });
	}
}

function tabs(): Promise<readonly Tab[]> {
	return scope.clients.matchAll({ type: "window", includeUncontrolled: true });
}

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

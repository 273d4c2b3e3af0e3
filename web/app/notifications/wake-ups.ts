/** This browser's subscription at its maker's push service, and what the server knows of it. */
import { toHex } from "@troth/protocol";
import type { DeviceHost } from "../../device-worker/host.ts";
import { notificationChoices } from "./choices.ts";

/** What is possible in this browser, and what the person said to it. */
export type Ability = "unable" | "denied" | "able";

export function notificationAbility(): Ability {
	if (!("Notification" in globalThis) || navigator.serviceWorker === undefined) return "unable";
	return Notification.permission === "denied" ? "denied" : "able";
}

/** Both have to say yes: the person, in the app and in the browser's own question. */
export function mayNotify(): boolean {
	return notificationChoices.value.on && notificationAbility() === "able" && Notification.permission === "granted";
}

/** Why this browser is not woken where it is not: the server wakes nobody, or the browser gave no subscription. */
export type WakeUpState = "woken" | "not-by-server" | "not-by-browser";

/** Makes browser and server agree on how this device is woken. Rejects with a refusal of the server's. */
export async function keepWakeUps(host: DeviceHost): Promise<WakeUpState> {
	const { publicKey, endpointHash } = await host.push();
	if (publicKey === undefined) return "not-by-server";
	const subscription = await subscribe(publicKey);
	if (subscription === undefined) return "not-by-browser";
	if ((await sha256(subscription.endpoint)) !== endpointHash) await host.subscribePush(subscription.endpoint);
	return "woken";
}

/** Nothing wakes this browser any more, whether the server hears of it or not. */
export async function endWakeUps(host: DeviceHost): Promise<void> {
	await forgetSubscription();
	await host.unsubscribePush();
}

export async function forgetSubscription(): Promise<void> {
	const registration = await navigator.serviceWorker?.getRegistration();
	await (await registration?.pushManager?.getSubscription())?.unsubscribe();
}

async function subscribe(publicKey: Uint8Array<ArrayBuffer>): Promise<PushSubscription | undefined> {
	const { pushManager } = await navigator.serviceWorker.ready;
	if (pushManager === undefined) return undefined;
	const known = await pushManager.getSubscription();
	const key = known?.options.applicationServerKey;
	if (known !== null && key != null && sameBytes(new Uint8Array(key), publicKey)) return known;
	// Another server's, or of keys that this one has no more.
	await known?.unsubscribe();
	try {
		return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
	} catch {
		// No connection to the push service, or a browser that has none.
		return undefined;
	}
}

async function sha256(text: string): Promise<string> {
	return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

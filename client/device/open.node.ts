/** Devices on Node: a profile is a folder, its store a sealed SQLite database. */
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { platform } from "node:os";
import { type Clock, SystemClock } from "@troth/protocol";
import { createJoining } from "../linking/new-device.ts";
import { createMlsEngine } from "../mls/mls-engine.ts";
import { nodeCryptoProvider } from "../mls/provider.node.ts";
import { createRegistration, type ResumableRegistration } from "../registration/register.ts";
import type { LocalStore } from "../store/port.ts";
import { openProfileStore } from "../store/profile-store.node.ts";
import { openWebSocket } from "../sync/web-socket.ts";
import type { Device, Joining, Self } from "./api.ts";
import { APP_VERSION, type DeviceFacts } from "./facts.ts";
import { type DeviceOptions, openDevice } from "./open-device.ts";
import type { DevicePorts } from "./ports.ts";

export interface ProfileOptions {
	/** The profile's folder; made where there is none. */
	readonly dir: string;
	/** Protects the profile; without one the key lies in a file beside the data. */
	readonly passphrase?: string;
	readonly clock?: Clock;
}

const SYSTEMS: Partial<Record<NodeJS.Platform, DeviceFacts["os"]>> = {
	android: "Android",
	darwin: "macOS",
	linux: "Linux",
	win32: "Windows",
};

/** The ports of a device on Node, over any local store. */
export function nodePorts(store: LocalStore, clock: Clock = new SystemClock()): DevicePorts {
	return {
		clock,
		store,
		engine: createMlsEngine(nodeCryptoProvider),
		random: (length) => new Uint8Array(randomBytes(length)),
		fetch: globalThis.fetch,
		openSocket: openWebSocket,
		facts: { deviceType: "computer", os: SYSTEMS[platform()] ?? "other", appVersion: APP_VERSION, program: "troth" },
	};
}

async function profilePorts({ dir, passphrase, clock }: ProfileOptions): Promise<DevicePorts> {
	await mkdir(dir, { recursive: true, mode: 0o700 });
	const { store } = await openProfileStore(dir, passphrase === undefined ? {} : { passphrase });
	return nodePorts(store, clock);
}

/**
 * Opens the device of a profile and connects it. Rejects with NOT_FOUND where nobody registered in this folder, and
 * with a LocalStoreError (ProfileInUse, WrongPassphrase, …) where the store can not be opened.
 */
export async function openProfile(options: ProfileOptions & DeviceOptions): Promise<Device> {
	const ports = await profilePorts(options);
	try {
		return await openDevice(ports, options);
	} catch (error) {
		await ports.store[Symbol.asyncDispose]();
		throw error;
	}
}

/** Registration into a profile's folder. Dispose it before the profile is opened. */
export async function openRegistration(options: ProfileOptions): Promise<ResumableRegistration & AsyncDisposable> {
	const ports = await profilePorts(options);
	return { ...createRegistration(ports), [Symbol.asyncDispose]: () => ports.store[Symbol.asyncDispose]() };
}

/** Becoming a device of an account that exists, in a profile's folder. Dispose it before the profile is opened. */
export async function openJoining(options: ProfileOptions): Promise<Joining & AsyncDisposable> {
	const ports = await profilePorts(options);
	return { ...createJoining(ports), [Symbol.asyncDispose]: () => ports.store[Symbol.asyncDispose]() };
}

export interface NewProfile extends ProfileOptions {
	readonly server: string;
	/** E.164. */
	readonly phone: string;
	readonly name: string;
	/** The code that was sent to the number. */
	readonly code: () => Promise<string>;
	/** Accepts the terms in force, whatever they are: for sandboxes and tests. */
	readonly acceptTerms?: boolean;
}

/** Registers a number into a profile's folder, from the first step to the last. */
export async function registerProfile(options: NewProfile): Promise<Self> {
	const { server, phone, name } = options;
	const self = await registering(options, async (registration) => {
		const { attempt } = await registration.requestCode(server, phone);
		await registration.verifyCode(server, attempt, await options.code());
		return registration.createAccount(server, attempt, name);
	});
	if (options.acceptTerms === true) {
		await using device = await openProfile({ ...options, connect: false });
		await device.acceptTerms((await device.terms()).version);
	}
	return self;
}

async function registering(
	options: ProfileOptions,
	work: (registration: ResumableRegistration) => Promise<Self>,
): Promise<Self> {
	await using registration = await openRegistration(options);
	// Awaited here: the profile is closed when this function ends.
	return (await registration.resume()) ?? (await work(registration));
}

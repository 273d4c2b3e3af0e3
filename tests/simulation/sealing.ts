/**
 * Seals the process: whatever code asks the machine for chance, time or a timer gets the simulation's. Clock, disk and
 * network are ports and need none of this; what is left are `node:crypto`'s random bytes (keys, challenges, nonces),
 * timers inside libraries, the end of a turn (`setImmediate`), WebCrypto, whose answers come from a pool of threads in
 * any order (hazard 26) and come at once here, and ML-KEM's encapsulation, for which OpenSSL draws by itself.
 */
import crypto, { type KeyObject } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import type { Dice } from "./dice.ts";
import type { Scheduler } from "./scheduler.ts";

type Patch = readonly [target: object, name: string, value: unknown];

/** From here to the end of the returned object's life the process belongs to this simulation. */
export function sealProcess(scheduler: Scheduler, dice: Dice): Disposable {
	const randomBytes = (length: number) => {
		const bytes = Buffer.alloc(length);
		dice.fill(bytes);
		return bytes;
	};
	const fill = <T extends NodeJS.ArrayBufferView>(view: T): T => {
		dice.fill(new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength));
		return view;
	};
	const setTimer = (task: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) =>
		scheduler.after(delayMs, () => task(...args));
	const clearTimer = (timer: unknown) => (timer as { cancel?: () => void } | undefined)?.cancel?.();
	const subtle = globalThis.crypto.subtle;
	const patches: readonly Patch[] = [
		[crypto, "randomBytes", randomBytes],
		[
			crypto,
			"randomInt",
			(low: number, high?: number) => (high === undefined ? dice.below(low) : low + dice.below(high - low)),
		],
		[crypto, "randomFillSync", fill],
		[crypto, "randomUUID", () => randomBytes(16).toString("hex")],
		[crypto, "encapsulate", (key: KeyObject) => encapsulate(key, randomBytes(KEM_SECRET_BYTES))],
		[crypto, "decapsulate", decapsulate],
		[globalThis.crypto, "getRandomValues", fill],
		[globalThis.crypto, "randomUUID", () => randomBytes(16).toString("hex")],
		[subtle, "importKey", async (_format: string, bytes: Uint8Array) => Uint8Array.from(bytes)],
		[subtle, "encrypt", async (how: GcmParameters, key: Uint8Array, text: Uint8Array) => seal(how, key, text)],
		[subtle, "decrypt", async (how: GcmParameters, key: Uint8Array, text: Uint8Array) => open(how, key, text)],
		...["digest", "sign", "verify", "deriveBits", "deriveKey", "generateKey"].map(
			(name) => [subtle, name, absent] as const,
		),
		[Math, "random", () => dice.next() / 2 ** 32],
		[Date, "now", () => Math.floor(scheduler.now())],
		[performance, "now", () => scheduler.now()],
		[globalThis, "setTimeout", setTimer],
		[globalThis, "clearTimeout", clearTimer],
		[globalThis, "setInterval", absent],
		[globalThis, "setImmediate", (task: () => void) => scheduler.after(0, task)],
		[globalThis, "clearImmediate", clearTimer],
		[globalThis, "fetch", absent],
		[globalThis, "WebSocket", absent],
	];
	const before = patches.map(
		([target, name]) => [target, name, Object.getOwnPropertyDescriptor(target, name)] as const,
	);
	for (const [target, name, value] of patches)
		Object.defineProperty(target, name, { value, configurable: true, writable: true });
	syncBuiltinESMExports();
	return {
		[Symbol.dispose]() {
			for (const [target, name, descriptor] of before) {
				if (descriptor === undefined) Reflect.deleteProperty(target, name);
				else Object.defineProperty(target, name, descriptor);
			}
			syncBuiltinESMExports();
		},
	};
}

/** Of ML-KEM-768 (FIPS 203). */
const KEM_SECRET_BYTES = 32;
const KEM_PUBLIC_BYTES = 1184;
const KEM_CIPHERTEXT_BYTES = 1088;

/**
 * Stands where OpenSSL's ML-KEM would: the same sizes, and another key's holder gets another secret. It hides nothing;
 * nobody in a simulation looks. Keys are real ones.
 */
function encapsulate(key: KeyObject, secret: Uint8Array): { readonly sharedKey: Buffer; readonly ciphertext: Buffer } {
	const rest = crypto.createHash("shake256", { outputLength: KEM_CIPHERTEXT_BYTES - KEM_SECRET_BYTES }).update(secret);
	return { sharedKey: sharedKey(key, secret), ciphertext: Buffer.concat([secret, rest.digest()]) };
}

function decapsulate(key: KeyObject, ciphertext: Uint8Array): Buffer {
	return sharedKey(crypto.createPublicKey(key), ciphertext.subarray(0, KEM_SECRET_BYTES));
}

function sharedKey(publicKey: KeyObject, secret: Uint8Array): Buffer {
	const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-KEM_PUBLIC_BYTES);
	return crypto.createHash("sha256").update(secret).update(raw).digest();
}

function absent(): never {
	throw new Error("there is no such thing in a simulation: it would answer when it likes");
}

interface GcmParameters {
	readonly iv: Uint8Array;
	readonly additionalData?: Uint8Array;
}

const TAG_BYTES = 16;

function seal({ iv, additionalData }: GcmParameters, key: Uint8Array, text: Uint8Array): ArrayBuffer {
	const cipher = crypto.createCipheriv("aes-256-gcm", key, iv);
	if (additionalData !== undefined) cipher.setAAD(additionalData);
	return bufferOf(Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]));
}

function open({ iv, additionalData }: GcmParameters, key: Uint8Array, sealed: Uint8Array): ArrayBuffer {
	const decipher = crypto.createDecipheriv("aes-256-gcm", key, iv);
	if (additionalData !== undefined) decipher.setAAD(additionalData);
	decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
	return bufferOf(Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]));
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
	return Uint8Array.from(bytes).buffer;
}

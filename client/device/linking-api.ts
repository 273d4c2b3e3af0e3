/** The devices of one account, as apps see them: a part of the device's surface (`api.ts`). */
import type { DeviceId } from "@troth/protocol";
import type { Self } from "./api.ts";

export type DeviceKindName = "phone" | "tablet" | "computer" | "other";

export interface DeviceInfo {
	readonly device: DeviceId;
	readonly own: boolean;
	/** Undefined for devices that never said it. Chosen by whoever linked it. */
	readonly name: string | undefined;
	readonly kind: DeviceKindName;
	readonly addedAtMs: number;
	readonly lastAttachedMs: number | undefined;
	readonly attached: boolean;
	/** It is unlinked then, unless it comes back before; undefined where that is not near. */
	readonly unlinksAtMs: number | undefined;
}

/** A device that wants to be linked, before anything was confirmed. What it says of itself is not checked. */
export interface LinkRequestView {
	readonly link: string;
	readonly name: string;
	readonly kind: DeviceKindName;
}

/** Something about this account's devices that its person has not seen on this device. */
export interface DeviceNotice {
	/**
	 * `linked`, `removed`: by another device of the account. `idle`: it will be unlinked at `unlinksAtMs`, or nearly was.
	 * `unlinked`: it was, after 30 days.
	 */
	readonly kind: "linked" | "removed" | "idle" | "unlinked";
	readonly device: DeviceId;
	/** The device that says so was not here itself. */
	readonly own: boolean;
	readonly name: string | undefined;
	readonly deviceKind: DeviceKindName;
	/** `linked`: when; `idle`, `unlinked`: when it is or was unlinked. */
	readonly atMs: number | undefined;
}

export interface LinkingDevice {
	devices(): Promise<readonly DeviceInfo[]>;
	/**
	 * Looks who waits under this code, or under an address with one. Nothing is told to that device yet. Rejects with
	 * MALFORMED (no code), NOT_FOUND (nobody, or too late).
	 */
	openLink(code: string): Promise<LinkRequestView>;
	/**
	 * The person confirmed: the device becomes one of this account's, with everything this one may do. Rejects with
	 * NOT_FOUND (too late), FORBIDDEN (it did not agree), DEVICES_FULL, RATE_LIMITED (a limit for security is on it).
	 */
	confirmLink(link: string): Promise<void>;
	refuseLink(link: string): Promise<void>;
	/** Takes a device off the account; this one where it is not the last. Rejects with NOT_FOUND, FORBIDDEN (the last). */
	removeDevice(device: DeviceId): Promise<void>;
	/**
	 * Erases everything here and closes: this device is of no more use, dispose it. Only where it is no device of the account
	 * any more, or a copy of one; rejects with FORBIDDEN otherwise.
	 */
	forgetHere(): Promise<void>;
	/** What the person has not seen yet, oldest first. */
	deviceNotices(): Promise<readonly DeviceNotice[]>;
	/** The person has seen what there was. */
	dismissDeviceNotices(): Promise<void>;
}

/** What a new device shows to be linked. */
export interface LinkInvitation {
	/** For the camera. */
	readonly address: string;
	/** For the keyboard: groups of four, joined by `-`. */
	readonly code: string;
	readonly expiresAtMs: number;
}

/** Becoming a device of an account that exists, before there is a device. */
export interface Joining {
	/**
	 * Makes this device's keys and waits to be found. One that is still open goes on. Rejects with RATE_LIMITED,
	 * UNAVAILABLE, FORBIDDEN (there is an account here).
	 */
	beginLink(server: string, name?: string): Promise<LinkInvitation>;
	/**
	 * Resolves when a device of the account has confirmed, and a profile lies in the local store. Rejects with NOT_FOUND
	 * (too late), FORBIDDEN (refused there), DEVICES_FULL, MALFORMED (what came does not fit together).
	 */
	finishLink(): Promise<Self>;
	/** Nobody waits any more. */
	cancelLink(): Promise<void>;
}

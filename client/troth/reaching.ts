/** How a command that runs once meets a server that may not be there. */
import { Refusal, type RefusalCode } from "@troth/protocol";
import type { Connection, Device } from "../device/api.ts";

/** Failed attempts after which a command no longer waits. */
const ATTEMPTS = 3;

/** Refusals of a login that may not be repeated in a moment. */
const PASSING: ReadonlySet<RefusalCode> = new Set(["INTERNAL", "UNAVAILABLE", "RATE_LIMITED"]);

/** Resolves when the device is up to date. Rejects with UNAVAILABLE, or why the server does not take this device. */
export async function reachServer(device: Device): Promise<void> {
	await unlessUnreachable(device, device.caughtUp(), "the server can not be reached");
}

/** Up to date where the server is there; what lies on this device where it is not. */
export async function catchUpIfPossible(device: Device): Promise<void> {
	try {
		await reachServer(device);
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
	}
}

/** The result of some work with the server, or a refusal when the connection is lost for good meanwhile. */
export async function unlessUnreachable<T>(device: Device, work: Promise<T>, message: string): Promise<T> {
	let stop = () => {};
	const lost = new Promise<never>((_, reject) => {
		let failures = 0;
		const judge = (connection: Connection) => {
			if (connection.state === "offline" && connection.retryAtMs > 0) failures++;
			const code = hopeless(connection, failures);
			if (code !== undefined) reject(new Refusal(code, message));
		};
		stop = device.subscribe((event) => {
			if (event.type === "connection") judge(event.connection);
		});
		device.connection().then(judge, reject);
	});
	try {
		return await Promise.race([work, lost]);
	} finally {
		stop();
	}
}

function hopeless(connection: Connection, failures: number): RefusalCode | undefined {
	switch (connection.state) {
		case "relink-required":
			return "SEQ_REUSED";
		case "removed":
			return "DEVICE_REMOVED";
		case "unlinked":
			return "DEVICE_UNLINKED";
		case "replaced":
			return "UNAVAILABLE";
		case "offline":
			if (connection.code !== undefined && !PASSING.has(connection.code)) return connection.code;
			return failures >= ATTEMPTS ? "UNAVAILABLE" : undefined;
		case "connecting":
		case "online":
			return undefined;
	}
}

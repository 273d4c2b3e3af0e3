/** Puts wake-ups together from the server's secrets and the operator's settings. */
import { randomInt } from "node:crypto";
import type { Secrets } from "../secrets.ts";
import { PUSH_SERVICES, PushServices } from "./services.ts";
import { Vapid } from "./vapid.ts";
import { type WakeUpParts, WakeUps } from "./wake-ups.ts";

export interface PushOptions {
	/** Where push services reach the operator: `mailto:` or `https:` (RFC 8292 section 2.1). */
	readonly subject: string;
	/** Whom this server talks to; the services of the browsers where it is left out. See `services.ts`. */
	readonly services?: readonly string[];
}

const FRACTIONS = 1_000_000;

export function openWakeUps(
	parts: Pick<WakeUpParts, "clock" | "records" | "logs" | "directory" | "events">,
	{ pushSeed }: Pick<Secrets, "pushSeed">,
	{ subject, services = PUSH_SERVICES }: PushOptions,
): Promise<WakeUps> {
	return WakeUps.open({
		...parts,
		vapid: new Vapid(pushSeed, subject, parts.clock),
		services: new PushServices(services),
		fraction: () => randomInt(FRACTIONS) / FRACTIONS,
	});
}

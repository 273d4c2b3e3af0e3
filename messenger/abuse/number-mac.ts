import { createHmac } from "node:crypto";
import type { PhoneNumber } from "@troth/protocol";
import type { Secrets } from "../secrets.ts";

/** What is left of a number in `abuse_block`: equality, for who has this server's key, and nothing else. */
export function numberMac({ abuseKey }: Pick<Secrets, "abuseKey">, phone: PhoneNumber): string {
	return createHmac("sha256", abuseKey).update(phone).digest("hex");
}

import { Refusal } from "@troth/protocol";
import type { ProfileRecord } from "../state/records.ts";

/** Why a halted profile does nothing any more; undefined for one that may go on. */
export function haltedRefusal(halted: ProfileRecord["halted"]): Refusal | undefined {
	switch (halted) {
		case "relink-required":
			return new Refusal("SEQ_REUSED", "this profile is a copy or was restored: it has to be linked anew");
		case "removed":
			return new Refusal("DEVICE_REMOVED", "the account removed this device");
		case "unlinked":
			return new Refusal("DEVICE_UNLINKED", "this device was not here for 30 days and was unlinked");
		case undefined:
			return undefined;
	}
}

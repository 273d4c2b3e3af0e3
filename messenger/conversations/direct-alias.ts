/** Two people have one direct conversation (hazard 22): the store keeps its alias unique. */
import { hash } from "node:crypto";
import type { AccountId } from "@troth/protocol";

/** The same whoever of the two asks. */
export function directAlias(a: AccountId, b: AccountId): string {
	return `direct:${hash("sha256", [a, b].sort().join(":"), "hex")}`;
}

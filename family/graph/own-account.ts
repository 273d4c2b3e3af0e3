import type { GraphCall } from "./endpoint.ts";
import { GraphError } from "./graph-error.ts";

/** A token opens one account. Throws GraphError where the path names another. */
export function requireOwnAccount({ account, node }: GraphCall): void {
	if (node !== account.account_id) throw new GraphError("permission", "the token is not for this ad account");
}

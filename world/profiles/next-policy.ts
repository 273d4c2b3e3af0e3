import { fileURLToPath } from "node:url";
import type { PolicyModel } from "../options.ts";

/** The file of version 2 of this model, as the project ships it. */
export function nextPolicyPath(model: PolicyModel): string {
	return fileURLToPath(new URL(`../../policies/${model}.json`, import.meta.url));
}

/** A policy is one entry of the public log of policies, and C2SP tlog-tiles has no longer ones. */
import { canonicalJson, type Json } from "@troth/protocol";
import { LONGEST_ENTRY_BYTES } from "@troth/transparency";
import type { PolicyDraft } from "./draft.ts";
import type { Finding } from "./lint.ts";

/** One finding for a file whose canonical form is too long to be logged. */
export function* lintSize(file: PolicyDraft): Iterable<Finding> {
	const bytes = lengthOf(file);
	if (bytes <= LONGEST_ENTRY_BYTES) return;
	const message = `its canonical form has ${bytes} bytes, the log of policies takes ${LONGEST_ENTRY_BYTES}`;
	yield { code: "TOO_LARGE", path: "", message };
}

/** 0 where it has no canonical form: that is said elsewhere. */
function lengthOf(file: PolicyDraft): number {
	try {
		return new TextEncoder().encode(canonicalJson(file as unknown as Json)).length;
	} catch {
		return 0;
	}
}

/**
 * What a host's database or endpoint can be asked, held against a policy: a version that promises to share what the host
 * does not offer is refused, at the start and where it is published.
 */
import { CATALOGUE, type Field, type PolicyPurpose } from "@troth/protocol";
import type { Finding } from "../../policy/lint.ts";
import type { Policy } from "../../policy/policy.ts";
import { HOST_COLUMNS, type HostPurpose, isHostPurpose } from "./host-facts.ts";
import type { FactsAt } from "./open-facts.ts";

/** What is offered, and with whom names for numbers are agreed on. */
export interface Offers {
	readonly columns: ReadonlyMap<HostPurpose, ReadonlySet<string>>;
	/** It says how delivery goes, about nobody. */
	readonly deliveries: boolean;
	/** Recipients that have such a key together with the door. */
	readonly numberKeys: ReadonlySet<string>;
}

/** Purposes that an HTTP host answers where its config names none. */
export const USUAL_PURPOSES: readonly HostPurpose[] = ["friend_suggestions", "relevant_ads"];

export function offersOf(facts: FactsAt, numberKeys: readonly string[]): Offers {
	const columns = new Map<HostPurpose, ReadonlySet<string>>();
	if (facts.kind === "http")
		for (const purpose of facts.purposes ?? USUAL_PURPOSES)
			columns.set(purpose, new Set(HOST_COLUMNS[purpose].filter((column) => facts.fields[column] !== undefined)));
	else
		for (const [purpose, { fields }] of Object.entries(facts.purposes))
			columns.set(purpose as HostPurpose, new Set(Object.keys(fields)));
	const deliveries = facts.deliveries !== undefined && facts.deliveries !== false;
	return { columns, deliveries, numberKeys: new Set(numberKeys) };
}

/** What of a policy the host does not offer; nothing for one that can be kept here. */
export function lintOffers({ file }: Pick<Policy, "file">, offers: Offers): readonly Finding[] {
	return file.purposes.flatMap((purpose, at) => [...lintPurpose(purpose, `purposes.${at}`, offers)]);
}

/** What the person's own browser says, and no host is asked. */
const OF_THE_BROWSER: ReadonlySet<Field> = new Set(["link_assertion", "device_type", "os", "app_version"]);

function* lintPurpose(purpose: PolicyPurpose, path: string, offers: Offers): Iterable<Finding> {
	const { id, fields, recipients } = purpose;
	const asked = fields.map((field, n) => ({ field, n })).filter(({ field }) => !OF_THE_BROWSER.has(field));
	if (asked.length === 0 || (id === "infrastructure" && offers.deliveries)) return;
	const offered = isHostPurpose(id) ? offers.columns.get(id) : undefined;
	if (offered === undefined) {
		yield { code: "PURPOSE_NOT_OFFERED", path: `${path}.id`, message: `the host offers no facts for ${id}` };
		return;
	}
	for (const { field, n } of asked)
		if (!offered.has(field))
			yield { code: "FIELD_NOT_OFFERED", path: `${path}.fields.${n}`, message: `the host does not offer ${field}` };
	if (CATALOGUE[id].identity !== "number_pseudonym") return;
	if (!offered.has("phone_number"))
		yield { code: "FIELD_NOT_OFFERED", path, message: "the host does not offer the number that names follow from" };
	for (const [n, recipient] of recipients.entries())
		if (!offers.numberKeys.has(recipient)) {
			const message = `no key for names of numbers is agreed on with ${recipient}`;
			yield { code: "RECIPIENT_WITHOUT_KEY", path: `${path}.recipients.${n}`, message };
		}
}

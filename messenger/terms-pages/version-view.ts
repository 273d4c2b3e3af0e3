/** What every page of a version is made from. */
import type { CompiledPurpose, Policy, PolicyText } from "@troth/bridge";
import {
	CATALOGUE,
	type CatalogueRow,
	type PolicyPurpose,
	type PolicyRecipient,
	type PurposeWords,
} from "@troth/protocol";

/** A version as it was published here. */
export interface PublicVersion {
	readonly policy: Policy;
	readonly publishedAtMs: number;
	/** By the policy key, over the label `policy` and the canonical policy. */
	readonly signature: Uint8Array;
}

export interface VersionView extends PublicVersion {
	readonly text: PolicyText;
	/** The version that was in force until this one was published; undefined for the first. */
	readonly before: PublicVersion | undefined;
	/** The version that came after; undefined for the one in force. */
	readonly after: PublicVersion | undefined;
	/** What the reader asked for: part of every link, where it is not the reference language. */
	readonly language: string | undefined;
}

/** Undefined where no such version was published. `language`: a BCP 47 tag; one without a text leads to the reference. */
export function viewVersion(
	versions: readonly PublicVersion[],
	version: number,
	language: string | undefined,
): VersionView | undefined {
	const at = versions.findIndex(({ policy }) => policy.version === version);
	const published = versions[at];
	if (published === undefined) return undefined;
	const { policy } = published;
	const text = policy.text(language ?? policy.file.referenceLocale);
	return {
		...published,
		text,
		before: versions[at - 1],
		after: versions[at + 1],
		language: text.locale === policy.file.referenceLocale ? undefined : text.locale,
	};
}

export interface PurposeView {
	readonly purpose: CompiledPurpose;
	readonly words: PurposeWords;
	readonly recipients: readonly PolicyRecipient[];
	readonly identity: CatalogueRow["identity"];
}

/** Is a person asked about it? */
export function isChoice({ purpose }: { readonly purpose: Pick<PolicyPurpose, "basis"> }): boolean {
	return purpose.basis === "consent" || purpose.basis === "opt_out";
}

/** The purposes of a version in their order, with the words of the text and the recipients they name. */
export function purposesOf({ policy, text }: Pick<VersionView, "policy" | "text">): readonly PurposeView[] {
	return [...policy.purposes.values()].map((purpose) => ({
		purpose,
		words: text.purposes?.[purpose.id] ?? { title: purpose.id, body: "" },
		recipients: policy.file.recipients.filter(({ id }) => purpose.recipientSet.has(id)),
		identity: CATALOGUE[purpose.id].identity,
	}));
}

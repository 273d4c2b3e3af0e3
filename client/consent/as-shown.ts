/** Which decisions a person's answers are, given how the choices were shown to them. Pure. */
import type { Choice, PurposeView } from "../device/sharing-api.ts";

/** The purpose that is never chosen in a list. */
export const LINKING = "account_linking";

/**
 * Choices that are put before a person with the terms. Linking is an act of its own on a device (C4), and what is closed
 * to minors is no choice of theirs.
 */
export function choicesOf(purposes: readonly PurposeView[]): readonly PurposeView[] {
	return purposes.filter(({ id, choice, barred }) => choice && !barred && id !== LINKING);
}

/** Decisions that were shown alike: one signed decision says how. */
export interface ShownAlike {
	readonly initiallyOn: boolean;
	readonly decisions: readonly Choice[];
}

/**
 * Answers by purpose; what has none stays as it was shown. Nothing is decided where that is off: silence is no yes,
 * and no no either. Where it was shown on (`opt_out`), going on is the yes that the device then signs.
 */
export function decisionsAsShown(
	purposes: readonly PurposeView[],
	answers: ReadonlyMap<string, boolean>,
): readonly ShownAlike[] {
	const decided = choicesOf(purposes).flatMap(({ id, initiallyOn }) => {
		const granted = answers.get(id) ?? (initiallyOn ? true : undefined);
		return granted === undefined ? [] : [{ initiallyOn, purpose: id, granted }];
	});
	return [false, true].flatMap((initiallyOn) => {
		const alike = decided.filter((one) => one.initiallyOn === initiallyOn);
		const decisions = alike.map(({ purpose, granted }) => ({ purpose, granted }));
		return decisions.length === 0 ? [] : [{ initiallyOn, decisions }];
	});
}

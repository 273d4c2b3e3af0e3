/** `--consent` and `--refuse` of a command, and the decisions they make together with how the policy shows a choice. */
import { choicesOf, decisionsAsShown } from "../consent/as-shown.ts";
import type { Device, PresentationView, SharingView, TermsView } from "../device/api.ts";
import { type Arguments, UsageError } from "./command.ts";

/** Answers by purpose. Throws UsageError for a purpose these terms have no choice for, or one that is named twice. */
export function answersOf(args: Arguments, { purposes }: TermsView): ReadonlyMap<string, boolean> {
	const known = choicesOf(purposes).map(({ id }) => id as string);
	const granted = listOption(args, "consent");
	const refuse = listOption(args, "refuse");
	const refused = refuse.includes("all") ? known.filter((purpose) => !granted.includes(purpose)) : refuse;
	for (const purpose of [...granted, ...refused])
		if (!known.includes(purpose)) throw new UsageError(`these terms have no choice called ${purpose}`);
	const twice = granted.find((purpose) => refused.includes(purpose));
	if (twice !== undefined) throw new UsageError(`${twice} is both allowed and refused`);
	return new Map([
		...granted.map((purpose) => [purpose, true] as const),
		...refused.map((purpose) => [purpose, false] as const),
	]);
}

function listOption(args: Arguments, name: string): readonly string[] {
	return (args.option(name) ?? "").split(",").filter((word) => word !== "");
}

/** Signs what follows from the answers; undefined where nothing is decided. */
export async function decideAsShown(
	device: Device,
	{ purposes }: TermsView,
	answers: ReadonlyMap<string, boolean>,
	place: PresentationView["place"],
): Promise<SharingView | undefined> {
	let sharing: SharingView | undefined;
	for (const { initiallyOn, decisions } of decisionsAsShown(purposes, answers))
		sharing = await device.decide(decisions, { control: "command", initiallyOn, place });
	return sharing;
}

/** What needs nobody's yes, with whether this person objected to it. */
export function residualForOutput({ purposes }: TermsView, sharing: SharingView) {
	return purposes
		.filter(({ choice }) => !choice)
		.map(({ id, title, basis, fields, recipients, retentionDays, objectable }) => {
			const made = sharing.choices.find(({ purpose }) => purpose === id);
			return {
				...{
					purpose: id,
					title,
					basis,
					fields,
					recipients: recipients.map((recipient) => recipient.id),
					retentionDays,
				},
				objectable,
				objected: made?.state === "refused" || made?.state === "withdrawn",
			};
		});
}

/** The choices as lines of output. */
export function choicesForOutput({ purposes }: TermsView, sharing: SharingView) {
	return purposes
		.filter(({ choice }) => choice)
		.map((purpose) => {
			const made = sharing.choices.find((choice) => choice.purpose === purpose.id);
			return {
				purpose: purpose.id,
				title: purpose.title,
				state: made?.state ?? "unset",
				basis: purpose.basis,
				fields: purpose.fields,
				recipients: purpose.recipients.map(({ id }) => id),
				generation: made?.generation ?? 0,
				...(made?.decidedAtMs !== undefined && { decidedAt: made.decidedAtMs }),
				...(made?.event !== undefined && { event: made.event }),
				...(made?.flowsFromMs !== undefined && { flowsFrom: made.flowsFromMs }),
				...(made?.denied !== undefined && { denied: made.denied }),
				...(purpose.barred && { barred: true }),
			};
		});
}

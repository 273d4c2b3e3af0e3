import { isRegion } from "@troth/protocol";
import type { PersonDescription, SharingView, TermsView } from "../../device/api.ts";
import { type Arguments, type Command, UsageError } from "../command.ts";
import { withDevice } from "../with-device.ts";

const NONE = "none";

export const region: Command = {
	name: "region",
	usage: "[REGION|none] [--minor|--adult]",
	summary: "shows or says where you live (two letters, like DE) and whether you are of age: the strictest rule holds",
	options: { minor: "boolean", adult: "boolean" },
	run: withDevice("server", async (device, args, { output }) => {
		const said = readDescription(args);
		const before = await device.sharing();
		const sharing = said === undefined ? before : await device.describePerson(said);
		const terms = await device.terms();
		const ended = endedBy(before, sharing);
		output.say(personForOutput(terms, sharing, ended), describePerson(terms, sharing, ended).join("\n"));
	}),
};

/** Undefined where nothing is said. Throws UsageError. */
function readDescription(args: Arguments): PersonDescription | undefined {
	const [minor, adult] = [args.flag("minor"), args.flag("adult")];
	if (minor && adult) throw new UsageError("either --minor or --adult");
	const word = args.words[0];
	if (word === undefined && !minor && !adult) return undefined;
	const declared = word === undefined ? undefined : word.toLowerCase() === NONE ? null : word.toUpperCase();
	if (typeof declared === "string" && !isRegion(declared))
		throw new UsageError("REGION is two letters of ISO 3166-1, like DE");
	return {
		...(declared !== undefined && { declaredRegion: declared }),
		...((minor || adult) && { minor }),
	};
}

function endedBy(before: SharingView, after: SharingView): readonly string[] {
	const granted = (sharing: SharingView) =>
		sharing.choices.filter(({ state }) => state === "granted").map(({ purpose }) => purpose);
	const left = granted(after);
	return granted(before).filter((purpose) => !left.includes(purpose));
}

function personForOutput({ minorBelow, purposes }: TermsView, { person }: SharingView, ended: readonly string[]) {
	return {
		numberRegion: person.numberRegion ?? null,
		declaredRegion: person.declaredRegion ?? null,
		minor: person.minor,
		minorBelow,
		barred: purposes.filter(({ barred }) => barred).map(({ id }) => id),
		ended,
	};
}

function describePerson(
	{ minorBelow, purposes }: TermsView,
	{ person }: SharingView,
	ended: readonly string[],
): readonly string[] {
	const { numberRegion, declaredRegion, minor } = person;
	return [
		`Your number is from: ${numberRegion ?? "nowhere in particular"}`,
		`You say you live in: ${declaredRegion ?? "(nothing said)"}`,
		minor ? `You say you are under ${minorBelow}.` : `Nothing says that you are under ${minorBelow}.`,
		"Where the rules of two regions differ, the stricter one holds for you.",
		...purposes.filter(({ barred }) => barred).map(({ title, id }) => `  ${title} (${id}): not under ${minorBelow}`),
		...ended.map((purpose) => `  ${purpose}: ended, and is being recalled`),
	];
}

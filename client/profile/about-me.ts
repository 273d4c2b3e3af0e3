/** What the server knows about this account, with the words for it (`protocol/about-me.ts`). */
import { ABOUT_ME, type AboutKind, type AboutSection, type KnownFact, toHex } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { AboutMeView, KnownValue } from "../device/profile-api.ts";

export async function aboutMe({ rpc }: DeviceContext): Promise<AboutMeView> {
	const { atMs, sections } = await rpc.aboutMe.getAboutMe({});
	return {
		atMs: Number(atMs),
		sections: sections.map(({ kind, rows }) => {
			const words = wordsOf(kind);
			return {
				kind: kind as AboutKind,
				title: words.title,
				text: words.text,
				rows: rows.map(({ facts }) => ({
					facts: facts.flatMap((fact) => {
						const value = readValue(fact);
						const { name } = fact;
						return value === undefined ? [] : [{ name, label: words.facts[name] ?? name, value }];
					}),
				})),
			};
		}),
	};
}

/** A newer server may know kinds that this client has no words for: they are shown all the same. */
function wordsOf(kind: string): AboutSection {
	return Object.hasOwn(ABOUT_ME, kind) ? ABOUT_ME[kind as AboutKind] : { title: kind, text: "", facts: {} };
}

function readValue({ value }: KnownFact): KnownValue | undefined {
	switch (value.case) {
		case "text":
			return { kind: "text", text: value.value };
		case "number":
			return { kind: "number", number: Number(value.value) };
		case "timeMs":
			return { kind: "time", ms: Number(value.value) };
		case "bytes":
			return { kind: "bytes", hex: toHex(value.value) };
		default:
			return undefined;
	}
}

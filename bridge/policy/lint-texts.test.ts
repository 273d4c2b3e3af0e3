/** Words that an operator can not publish: what they leave out, and where they say something else than the table. */
import { at, type Broken, namesAll, OPT_IN, refuses, reword, WORDS, wordsOf } from "./_broken.ts";

const RULES: readonly Broken[] = [
	[
		"a locale that has no words for a purpose",
		OPT_IN,
		(draft) => {
			const { friend_suggestions, ...rest } = wordsOf(draft);
			draft.locales["de"] = {
				...at(Object.values(draft.locales), 0),
				purposes: { ...rest, relevant_ads: { title: "Werbung", body: " " } },
			};
		},
		[
			["WORDS_MISSING", "locales.de.purposes.friend_suggestions"],
			["WORDS_MISSING", "locales.de.purposes.relevant_ads"],
		],
	],
	[
		"words for nothing",
		OPT_IN,
		(draft) => (wordsOf(draft)["usage_metrics"] = WORDS),
		[["WORDS_WITHOUT_PURPOSE", "locales.en.purposes.usage_metrics"]],
	],
	[
		"choices without a privacy policy",
		OPT_IN,
		(draft) => at(Object.values(draft.locales), 0).documents.pop(),
		[["PRIVACY_DOCUMENT_MISSING", "locales.en.documents"]],
	],
	[
		"a privacy policy that keeps quiet about a company",
		OPT_IN,
		(draft) => reword(draft, (body) => body.replaceAll("Photos", "others")),
		[
			["TEXT_OMITS_RECIPIENT", "locales.en.documents.1"],
			["TEXT_OMITS_PURPOSE", "locales.en.documents.1"],
		],
	],
	[
		"a privacy policy that names a company only as a part of another word",
		OPT_IN,
		(draft) => {
			namesAll(draft);
			reword(draft, (body) => body.replaceAll("Photos", "Photosynthesis"));
		},
		[
			["TEXT_OMITS_RECIPIENT", "locales.en.documents.1"],
			["TEXT_OMITS_PURPOSE", "locales.en.documents.1"],
		],
	],
	[
		"a purpose that the privacy policy calls by another name, or by none",
		OPT_IN,
		(draft) => reword(draft, (body) => body.replace("Link this device with your Family account", "A link")),
		[["TEXT_OMITS_PURPOSE", "locales.en.documents.1"]],
	],
	[
		"a translation that leaves a purpose out",
		OPT_IN,
		(draft) => {
			draft.locales["de"] = structuredClone(at(Object.values(draft.locales), 0));
			Object.assign(at(Object.values(draft.locales), 1).purposes["relevant_ads"] ?? {}, { title: "Werbung" });
		},
		[["TEXT_OMITS_PURPOSE", "locales.de.documents.1"]],
	],
	[
		"a row that gives the number to one company less than the table",
		OPT_IN,
		(draft) => reword(draft, (body) => body.replace("| Family, Photos |", "| Family |")),
		[["TEXT_CONTRADICTS_TABLE", "locales.en.documents.1"]],
	],
	[
		"a row that gives the number to one company more than the table",
		OPT_IN,
		({ purposes }) => Object.assign(at(purposes, 0), { recipients: ["family"] }),
		[["TEXT_CONTRADICTS_TABLE", "locales.en.documents.1"]],
	],
	[
		"a row that says another time than the table",
		OPT_IN,
		({ purposes }) => Object.assign(at(purposes, 1), { retentionDays: 36 }),
		[["TEXT_CONTRADICTS_TABLE", "locales.en.documents.1"]],
	],
];

refuses(RULES);

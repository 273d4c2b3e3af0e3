/** Light, dark, or as the system says. Kept in the browser's plain storage: it tells nothing about anyone. */
import { Cell } from "./store.ts";

export const APPEARANCES = ["system", "light", "dark"] as const;
export type Appearance = (typeof APPEARANCES)[number];

const KEY = "troth.appearance";

export const appearance = new Cell<Appearance>(read());

function read(): Appearance {
	try {
		const stored = localStorage.getItem(KEY);
		return APPEARANCES.find((choice) => choice === stored) ?? "system";
	} catch {
		return "system";
	}
}

/** Applies the choice to the page now and on every change, here and in other tabs. */
export function followAppearance(): void {
	const apply = () => {
		const { value } = appearance;
		if (value === "system") delete document.documentElement.dataset["appearance"];
		else document.documentElement.dataset["appearance"] = value;
		const dark = value === "dark" || (value === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
		const paper = getComputedStyle(document.body).backgroundColor;
		for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
			meta.content = paper;
			meta.media = dark ? "" : "";
		}
	};
	appearance.watch(apply);
	apply();
	addEventListener("storage", ({ key }) => {
		if (key === KEY) appearance.set(read());
	});
}

/** Chooses and remembers. */
export function chooseAppearance(choice: Appearance): void {
	try {
		localStorage.setItem(KEY, choice);
	} catch {
		// Without storage the choice holds for this page.
	}
	appearance.set(choice);
}

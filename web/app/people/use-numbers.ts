/** Phone numbers in components: plain until the tables are here, then written as people write them. */
import { Cell, useCell } from "../state/store.ts";
import { words } from "../words/words.ts";

type Numbers = typeof import("./phone-numbers.ts");

const loaded = new Cell<Numbers | undefined>(undefined);
let loading: Promise<Numbers> | undefined;

/** The functions for numbers, loaded once. */
export async function loadNumbers(): Promise<Numbers> {
	loading ??= import("./phone-numbers.ts");
	const numbers = await loading;
	loaded.set(numbers);
	return numbers;
}

/** Undefined until they are here. */
export function useNumbers(): Numbers | undefined {
	const numbers = useCell(loaded);
	if (numbers === undefined) void loadNumbers();
	return numbers;
}

/** Writes "+15550100001" as "+1 555 010 0001", once the tables are here; leaves names alone. */
export function useTitle(): (title: string) => string {
	const numbers = useCell(loaded);
	return (title) => {
		if (title === "") return words.common.unknownPerson;
		if (!/^\+\d+$/.test(title)) return title;
		if (numbers === undefined) void loadNumbers();
		return numbers?.internationally(title) ?? title;
	};
}

/** The region that the browser's language names, if it names one. */
export function homeRegion(): string | undefined {
	try {
		return new Intl.Locale(navigator.language).region;
	} catch {
		return undefined;
	}
}

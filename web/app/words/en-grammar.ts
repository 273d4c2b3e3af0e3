/** English numbers, lists, days, and people inside sentences. */
export const plural = new Intl.PluralRules("en");

export function count(n: number, one: string, other: string): string {
	return `${n.toLocaleString("en")} ${plural.select(n) === "one" ? one : other}`;
}

export const list = new Intl.ListFormat("en", { type: "conjunction" });

/** Someone in a sentence. */
export interface Named {
	readonly name: string;
	readonly self: boolean;
}

export const subject = (who: readonly Named[]) =>
	capital(list.format(who.map(({ name, self }) => (self ? "you" : name))));
export const object = (who: readonly Named[]) => list.format(who.map(({ name, self }) => (self ? "you" : name)));
export const wasOrWere = (who: readonly Named[]) => (who.length > 1 || who[0]?.self === true ? "were" : "was");

export function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}

export const dayFormat = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long" });
export const dayOfOtherYear = new Intl.DateTimeFormat("en", { day: "numeric", month: "long", year: "numeric" });
export const shortDay = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });
export const weekday = new Intl.DateTimeFormat("en", { weekday: "short" });
export const timeOfDay = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const dayAndTime = new Intl.DateTimeFormat("en", { dateStyle: "long", timeStyle: "short", hourCycle: "h23" });

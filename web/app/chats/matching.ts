/** Filtering of the list by what was typed. Pure. */
import type { ConversationView } from "@troth/client/device/api.ts";

const fold = (text: string) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLocaleLowerCase();

/** Chats whose title, members' names or numbers contain every word of the query. */
export function matching(list: readonly ConversationView[], query: string): readonly ConversationView[] {
	const wanted = fold(query).split(/\s+/).filter(Boolean);
	if (wanted.length === 0) return list;
	return list.filter(({ title, members }) => {
		const others = members.filter(({ self }) => !self);
		const text = fold([title, ...others.flatMap(({ name, phone }) => [name ?? "", phone ?? ""])].join(" "));
		return wanted.every((word) => text.includes(word));
	});
}

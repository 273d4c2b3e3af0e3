/** The list of chats: newest first, filtered while typing, walked with the arrow keys. */
import { MessageSquarePlus, Search, Settings, X } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { Wordmark } from "../design/rings.tsx";
import { Link } from "../routing/link.tsx";
import { goTo } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { words } from "../words/words.ts";
import { ChatRow } from "./chat-row.tsx";
import { matching } from "./matching.ts";

const WORTH_SEARCHING = 5;

export function ChatsPane() {
	const model = useModel();
	const list = useCell(model.conversations.list);
	const [query, setQuery] = useState("");
	const rows = useRef<HTMLUListElement>(null);
	const found = list === undefined ? [] : matching(list, query);

	const moveFocus = (event: KeyboardEvent) => {
		const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
		const links = [...(rows.current?.querySelectorAll<HTMLAnchorElement>("a") ?? [])];
		const edge = { Home: links[0], End: links.at(-1) }[event.key];
		const inList = links.includes(document.activeElement as HTMLAnchorElement);
		const next =
			step !== undefined
				? links[links.indexOf(document.activeElement as HTMLAnchorElement) + step]
				: inList
					? edge
					: undefined;
		if (next === undefined) return;
		event.preventDefault();
		next.focus();
	};

	return (
		<nav aria-label={words.chats.landmark} className="flex h-full min-h-0 flex-1 flex-col" onKeyDown={moveFocus}>
			<header className="flex min-h-16 shrink-0 items-center gap-1 pr-3 pl-5">
				<h1 className="flex flex-1 items-center">
					<Wordmark />
				</h1>
				<IconButton label={words.chats.newChat} onClick={() => goTo({ place: "new-chat" })}>
					<MessageSquarePlus size={21} />
				</IconButton>
				<IconButton label={words.chats.settings} onClick={() => goTo({ place: "settings", page: undefined })}>
					<Settings size={21} />
				</IconButton>
			</header>
			{(list?.length ?? 0) >= WORTH_SEARCHING && <SearchField query={query} onChange={setQuery} />}
			<div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-4">
				{list?.length === 0 ? (
					<Empty />
				) : (
					<ul ref={rows}>
						{found.map((conversation) => (
							<ChatRow key={conversation.id} conversation={conversation} />
						))}
					</ul>
				)}
				{query !== "" && found.length === 0 && (
					<p role="status" className="p-6 text-center text-muted text-sm">
						{words.chats.noneFound(query)}
					</p>
				)}
			</div>
		</nav>
	);
}

function SearchField({ query, onChange }: { readonly query: string; readonly onChange: (query: string) => void }) {
	return (
		<search className="relative mx-3 mb-2">
			<Search
				size={17}
				aria-hidden="true"
				className="pointer-events-none absolute inset-y-0 left-3.5 my-auto text-muted"
			/>
			<input
				type="search"
				aria-label={words.chats.search}
				placeholder={words.chats.search}
				value={query}
				onChange={({ target }) => onChange(target.value)}
				onKeyDown={(event) => {
					if (event.key !== "Escape" || query === "") return;
					event.preventDefault();
					onChange("");
				}}
				className="min-h-11 w-full rounded-full bg-hover py-2 pr-11 pl-10 text-sm placeholder:text-muted [&::-webkit-search-cancel-button]:hidden"
			/>
			{query !== "" && (
				<IconButton
					label={words.chats.clearSearch}
					className="absolute inset-y-0 right-1 my-auto"
					onClick={() => onChange("")}
				>
					<X size={17} />
				</IconButton>
			)}
		</search>
	);
}

function Empty() {
	return (
		<div className="flex flex-col items-center gap-2 px-6 pt-16 text-center">
			<div
				aria-hidden="true"
				className="mb-3 grid size-20 place-items-center rounded-full border-2 border-edge/50 border-dashed text-muted"
			>
				<MessageSquarePlus size={30} strokeWidth={1.6} />
			</div>
			<h2 className="font-bold text-lg">{words.chats.emptyTitle}</h2>
			<p className="text-balance text-muted text-sm">{words.chats.emptyText}</p>
			<Button className="mt-4" onClick={() => goTo({ place: "new-chat" })}>
				{words.chats.emptyAction}
			</Button>
			<Link
				to={{ place: "settings", page: "backup" }}
				className="mt-1 inline-flex min-h-11 items-center rounded-control px-3 font-semibold text-plum text-sm hover:bg-plum-soft"
			>
				{words.archive.have}
			</Link>
		</div>
	);
}

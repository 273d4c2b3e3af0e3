/** The people of the address book: those who are here to write to, the others to invite. */
import type { ContactView } from "@troth/client/device/api.ts";
import { useState } from "react";
import { useAction } from "../info/use-action.ts";
import { goTo } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { Sheet } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { words } from "../words/words.ts";
import { Invitation } from "./invite-page.tsx";
import { useTitle } from "./use-numbers.ts";

const WORTH_SEARCHING = 8;
/** Rows that are shown at once of those who are not here. */
const PAGE = 100;

export function ContactList({ contacts }: { readonly contacts: readonly ContactView[] }) {
	const { contacts: say } = words.finding;
	const [query, setQuery] = useState("");
	const [inviting, setInviting] = useState(false);
	const found = contacts.filter((contact) => matches(contact, query));
	const here = found.filter(({ person }) => person !== undefined);
	const unchecked = found.filter(({ person, checkedAtMs }) => person === undefined && checkedAtMs === undefined);
	const others = found.filter(({ person, checkedAtMs }) => person === undefined && checkedAtMs !== undefined);
	const invite = () => setInviting(true);
	return (
		<>
			{contacts.length >= WORTH_SEARCHING && (
				<Field
					label={say.search}
					hideLabel
					type="search"
					placeholder={say.search}
					value={query}
					onChange={({ target }) => setQuery(target.value)}
				/>
			)}
			{found.length === 0 && <p role="status">{say.noneFound}</p>}
			<Part title={say.here} contacts={here} onInvite={invite} />
			<Part title={say.others} text={say.othersText} contacts={others} onInvite={invite} />
			<Part title={say.unchecked} contacts={unchecked} onInvite={invite} />
			<Sheet open={inviting} onClose={() => setInviting(false)} title={words.finding.invite.title}>
				<Invitation />
			</Sheet>
		</>
	);
}

function matches({ name, phone }: ContactView, query: string): boolean {
	const wanted = query.trim().toLocaleLowerCase();
	const digits = wanted.replaceAll(/\D/g, "");
	return name.toLocaleLowerCase().includes(wanted) || (digits !== "" && phone.includes(digits));
}

interface PartProps {
	readonly title: string;
	readonly text?: string;
	readonly contacts: readonly ContactView[];
	readonly onInvite: () => void;
}

function Part({ title, text, contacts, onInvite }: PartProps) {
	const [most, setMost] = useState(PAGE);
	if (contacts.length === 0) return null;
	return (
		<section aria-label={title}>
			<h2 className="font-semibold text-muted text-xs">{title}</h2>
			{text !== undefined && <p className="text-muted text-xs">{text}</p>}
			<ul className="-mx-2 mt-1">
				{contacts.slice(0, most).map((contact) => (
					<li key={contact.phone}>
						<Row contact={contact} onInvite={onInvite} />
					</li>
				))}
			</ul>
			{contacts.length > most && (
				<Button look="plain" onClick={() => setMost(most + PAGE)}>
					{words.finding.contacts.more(contacts.length - most)}
				</Button>
			)}
		</section>
	);
}

function Row({ contact, onInvite }: { readonly contact: ContactView; readonly onInvite: () => void }) {
	const model = useModel();
	const titleOf = useTitle();
	const act = useAction();
	const { person, name, phone } = contact;
	const face = (
		<>
			<Avatar id={person?.account ?? phone.slice(1).padStart(6, "0")} name={name} photo={person?.photo} size={42} />
			<span className="min-w-0 flex-1">
				<span className="block truncate font-semibold">{titleOf(name)}</span>
				<span className="block truncate text-muted text-xs">{titleOf(phone)}</span>
			</span>
		</>
	);
	if (person === undefined)
		return (
			<span className="flex min-h-14 items-center gap-3 px-2">
				{face}
				<Button
					look="plain"
					className="min-h-9"
					aria-label={words.finding.contacts.inviteName(titleOf(name))}
					onClick={onInvite}
				>
					{words.finding.contacts.invite}
				</Button>
			</span>
		);
	const write = () =>
		act(async () => {
			const id = await model.host.openDirect(person.account);
			model.conversations.refresh(id);
			goTo({ place: "chat", id });
		});
	return (
		<button
			type="button"
			onClick={() => void write()}
			className="flex min-h-14 w-full items-center gap-3 rounded-control px-2 text-left hover:bg-hover"
		>
			{face}
		</button>
	);
}

/** Starting a chat: by exact number, with someone one knows, or as a group. */
import type { Person } from "@troth/client/device/api.ts";
import type { AccountId } from "@troth/protocol";
import { AtSign, BookUser, ChevronRight, EyeOff, Mail, QrCode, Users } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Link } from "../routing/link.tsx";
import { goTo } from "../routing/router.ts";
import type { PeoplePage, Route } from "../routing/routes.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { useCell } from "../state/store.ts";
import { Button } from "../ui/button.tsx";
import { Note } from "../ui/note.tsx";
import { Pane } from "../ui/pane.tsx";
import { words } from "../words/words.ts";
import { knownPeople } from "./known-people.ts";
import { NumberField } from "./number-field.tsx";
import { PersonRow } from "./person-row.tsx";
import { useFinder } from "./use-finder.ts";

/** @param page what is open beside it */
export function NewChatPane({ page }: { readonly page?: PeoplePage }) {
	const model = useModel();
	const finder = useFinder();
	const [opening, setOpening] = useState<AccountId>();
	const known = knownPeople(useCell(model.conversations.list) ?? []);

	const open = async (person: Person) => {
		setOpening(person.account);
		try {
			const id = await model.host.openDirect(person.account);
			model.conversations.refresh(id);
			goTo({ place: "chat", id }, { replace: true });
		} catch (error) {
			finder.fail(reasonOf(error));
		}
		setOpening(undefined);
	};

	const submit = async (event: FormEvent) => {
		event.preventDefault();
		const person = await finder.find();
		if (person?.self === true) finder.fail(words.people.itsYou);
		else if (person !== undefined) await open(person);
	};

	return (
		<Pane title={words.people.newChat}>
			<div className="flex flex-col gap-6 p-5">
				<form onSubmit={submit} noValidate className="flex flex-col gap-3">
					<NumberField
						label={words.people.numberLabel}
						value={finder.typed}
						onChange={finder.type}
						error={finder.error}
						autoFocus={page === undefined}
					/>
					<Button type="submit" busy={finder.busy || opening !== undefined} disabled={finder.typed.trim() === ""}>
						{finder.busy ? words.people.finding : words.people.find}
					</Button>
				</form>
				<Note icon={<EyeOff size={18} />} title={words.people.privacyTitle}>
					<p className="text-muted text-xs">{words.people.privacy}</p>
				</Note>
				<ul className="-mx-2">
					<Way to={{ place: "new-group" }} icon={<Users size={20} />} label={words.people.newGroup} />
					{WAYS.map(({ to, icon, label }) => (
						<Way key={to} to={{ place: "people", page: to }} icon={icon} label={label} current={to === page} />
					))}
				</ul>
				{known.length > 0 && (
					<section aria-labelledby="known">
						<h2 id="known" className="mb-1 font-semibold text-muted text-xs">
							{words.people.recent}
						</h2>
						<ul className="-mx-2">
							{known.map((person) => (
								<li key={person.account}>
									<button
										type="button"
										disabled={opening !== undefined}
										onClick={() => void open(person)}
										className="flex w-full rounded-control px-2 text-left hover:bg-hover"
									>
										<PersonRow person={person} />
									</button>
								</li>
							))}
						</ul>
					</section>
				)}
			</div>
		</Pane>
	);
}

const WAYS: readonly { readonly to: PeoplePage; readonly icon: ReactNode; readonly label: string }[] = [
	{ to: "by-name", icon: <AtSign size={20} />, label: words.finding.byName.title },
	{ to: "contacts", icon: <BookUser size={20} />, label: words.finding.contacts.row },
	{ to: "invite", icon: <Mail size={20} />, label: words.finding.invite.row },
	{ to: "reach-me", icon: <QrCode size={20} />, label: words.finding.reach.row },
];

interface WayProps {
	readonly to: Route;
	readonly icon: ReactNode;
	readonly label: string;
	readonly current?: boolean;
}

function Way({ to, icon, label, current = false }: WayProps) {
	return (
		<li>
			<Link
				to={to}
				aria-current={current ? "page" : undefined}
				className={`flex min-h-14 items-center gap-3 rounded-control px-2 font-semibold ${current ? "bg-plum-soft" : "hover:bg-hover"}`}
			>
				<span aria-hidden="true" className="grid size-[42px] place-items-center rounded-full bg-plum-soft text-plum">
					{icon}
				</span>
				<span className="flex-1">{label}</span>
				<ChevronRight size={18} aria-hidden="true" className="text-muted" />
			</Link>
		</li>
	);
}

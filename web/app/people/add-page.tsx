/** Whom a contact link leads to, before anything is written to them. */
import { readContactLink } from "@troth/client/finding/contact-link.ts";
import { LinkIcon, ShieldAlert, ShieldCheck, Unlink } from "lucide-react";
import { type ReactNode, useCallback, useState } from "react";
import { Link } from "../routing/link.tsx";
import { goTo } from "../routing/router.ts";
import { useAnswer } from "../settings/use-answer.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Avatar } from "../ui/avatar.tsx";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { Note } from "../ui/note.tsx";
import { Pane } from "../ui/pane.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";
import { useTitle } from "./use-numbers.ts";

export function AddPage({ link }: { readonly link: string }) {
	const { host } = useModel();
	const { value, error, again } = useAnswer(useCallback(() => host.openContactLink(link), [host, link]));
	const { add: say } = words.finding;
	return (
		<Pane title={say.title} stands="content" onLeave={() => goTo({ place: "chats" }, { replace: true })}>
			<div className="mx-auto flex max-w-md flex-col gap-5 p-5 text-sm">
				{value === undefined && error === undefined && (
					<p role="status" className="flex items-center gap-2.5 text-muted">
						<Spinner size={20} /> {say.opening}
					</p>
				)}
				{error !== undefined && <Refused error={error} again={again} />}
				{value?.person.self === true && (
					<Note icon={<LinkIcon size={18} />} title={say.own}>
						<p>{say.ownText}</p>
						<Link to={{ place: "people", page: "reach-me" }} className="mt-2 inline-block font-semibold text-plum">
							{words.finding.reach.title}
						</Link>
					</Note>
				)}
				{value?.person.self === false && <Found link={link} {...value} />}
			</div>
		</Pane>
	);
}

interface FoundProps extends Awaited<ReturnType<ReturnType<typeof useModel>["host"]["openContactLink"]>> {
	readonly link: string;
}

function Found({ link, person, conversation }: FoundProps) {
	const model = useModel();
	const titleOf = useTitle();
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const { add: say } = words.finding;
	const known = person.name ?? person.phone;
	const fromLink = known !== undefined && known === readContactLink(link)?.name;
	const write = async () => {
		setBusy(true);
		try {
			await model.host.acceptContactLink(link);
			const id = conversation ?? (await model.host.openDirect(person.account));
			model.conversations.refresh(id);
			goTo({ place: "chat", id }, { replace: true });
		} catch (failure) {
			setError(reasonOf(failure));
			setBusy(false);
		}
	};
	return (
		<>
			<div className="flex flex-col items-center gap-3 pt-4 text-center">
				<Avatar id={person.account} name={known ?? ""} photo={person.photo} size={96} />
				<p className="max-w-full break-words font-bold text-xl">
					{known === undefined ? say.unknownName : titleOf(known)}
				</p>
				{(fromLink || known === undefined) && (
					<p className="max-w-sm text-muted text-xs">{fromLink ? say.named : say.unnamed}</p>
				)}
			</div>
			<Note icon={<ShieldCheck size={19} />} tone="moss" title={say.verified}>
				<p className="mt-0.5 text-xs">{say.verifiedText}</p>
			</Note>
			{error !== undefined && <Problem>{error}</Problem>}
			<Button onClick={() => void write()} busy={busy} className="min-h-12 text-base">
				{conversation === undefined ? say.write : say.open}
			</Button>
		</>
	);
}

function Refused({ error, again }: { readonly error: unknown; readonly again: () => void }) {
	const { add: say } = words.finding;
	switch ((error as { readonly code?: string }).code) {
		case "NOT_FOUND":
			return <Told icon={<Unlink size={19} />} title={say.gone} text={say.goneText} />;
		case "MALFORMED":
			return <Told icon={<Unlink size={19} />} title={say.none} text={say.noneText} />;
		case "LINK_KEY_WRONG":
			return (
				<Note icon={<ShieldAlert size={19} />} tone="rust" title={say.wrong}>
					<p className="mt-0.5">{say.wrongText}</p>
				</Note>
			);
		default:
			return (
				<>
					<Problem>{reasonOf(error)}</Problem>
					<Button look="quiet" onClick={again} className="self-start">
						{words.common.tryAgain}
					</Button>
				</>
			);
	}
}

function Told({ icon, title, text }: { readonly icon: ReactNode; readonly title: string; readonly text: string }) {
	return (
		<Note icon={icon} title={title}>
			<p className="mt-0.5">{text}</p>
		</Note>
	);
}

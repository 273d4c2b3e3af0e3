/** "This device has both": a recipient's page sent the person here. What goes back is said first, and only a yes sends it. */
import { LINKING } from "@troth/client/consent/as-shown.ts";
import { readConnectAddress } from "@troth/client/consent/connect-address.ts";
import { Link2, Link2Off } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { goTo } from "../routing/router.ts";
import { useAnswer } from "../settings/use-answer.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { useCell } from "../state/store.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";

export function LinkFamilyPage({ to }: { readonly to: string }) {
	const model = useModel();
	const sharing = useCell(model.sharing);
	const accepted = sharing?.acceptedVersion ?? 0;
	const { value: terms, error } = useAnswer(
		useCallback(async () => (accepted === 0 ? undefined : model.host.terms(accepted)), [model, accepted]),
	);
	const { link: say } = words.sharing;
	if (error !== undefined) return <Frame title={say.wrongTitle} text={reasonOf(error)} icon={<Link2Off size={30} />} />;
	if (sharing === undefined || terms === undefined) return <Spinner size={22} />;
	const address = readConnectAddress(to, sharing.recipients);
	const purpose = terms.purposes.find(({ id }) => id === LINKING);
	const company = purpose?.recipients.find(({ id }) => id === address?.recipient.id);
	if (address === undefined) return <Frame title={say.wrongTitle} text={say.wrongText} icon={<Link2Off size={30} />} />;
	if (purpose === undefined || company === undefined)
		return <Frame title={say.title(address.recipient.id)} text={say.termsFirst} icon={<Link2Off size={30} />} />;
	return <Question nonce={address.nonce} recipient={address.recipient} name={company.name} fields={purpose.fields} />;
}

interface QuestionProps {
	readonly nonce: string;
	readonly recipient: { readonly id: string; readonly url: string };
	readonly name: string;
	readonly fields: readonly string[];
}

function Question({ nonce, recipient, name, fields }: QuestionProps) {
	const model = useModel();
	const [state, setState] = useState<"asked" | "busy" | "done">("asked");
	const [error, setError] = useState<string>();
	const { link: say, field } = words.sharing;
	const confirm = async () => {
		setState("busy");
		setError(undefined);
		try {
			model.putSharing(await model.host.linkRecipient(nonce, recipient.id));
			setState("done");
		} catch (failure) {
			setError(reasonOf(failure));
			setState("asked");
		}
	};
	if (state === "done")
		return (
			<Frame title={say.done(name)} text={say.undo} icon={<Link2 size={30} />}>
				<a
					href={recipient.url}
					className="inline-flex min-h-12 items-center justify-center rounded-control bg-plum px-5 font-semibold text-on-plum hover:bg-plum-strong"
				>
					{say.back(name)}
				</a>
			</Frame>
		);
	return (
		<Frame title={say.title(name)} text={say.lead(name)} icon={<Link2 size={30} />}>
			<section aria-label={say.handed} className="w-full rounded-card border border-line bg-surface p-4 text-left">
				<h2 className="font-semibold text-sm">{say.handed}</h2>
				<ul className="mt-1 flex list-disc flex-col gap-0.5 pl-5 text-sm marker:text-brass-fill">
					{fields.map((id) => (
						<li key={id}>{field(id)}</li>
					))}
				</ul>
				<p className="mt-2.5 text-muted text-xs">{say.notHanded}</p>
			</section>
			{error !== undefined && <Problem>{error}</Problem>}
			<div className="grid w-full grid-cols-2 gap-2.5">
				<Button look="quiet" className="min-h-12 text-base" onClick={() => goTo({ place: "chats" }, { replace: true })}>
					{say.cancel}
				</Button>
				<Button look="quiet" busy={state === "busy"} className="min-h-12 text-base" onClick={confirm}>
					{say.confirm}
				</Button>
			</div>
			<p className="text-muted text-xs">{say.undo}</p>
		</Frame>
	);
}

interface FrameProps {
	readonly title: string;
	readonly text: string;
	readonly icon: ReactNode;
	readonly children?: ReactNode;
}

function Frame({ title, text, icon, children }: FrameProps) {
	const heading = useRef<HTMLHeadingElement>(null);
	// Each answer begins at its heading, for the keyboard and for screen readers.
	// biome-ignore lint/correctness/useExhaustiveDependencies: a new title is a new answer
	useEffect(() => heading.current?.focus(), [title]);
	return (
		<div className="grid h-full place-items-center overflow-y-auto p-5">
			<div className="flex w-full max-w-md animate-appear flex-col items-center gap-4 text-center">
				<span aria-hidden="true" className="grid size-16 place-items-center rounded-full bg-plum-soft text-plum">
					{icon}
				</span>
				<h1 ref={heading} tabIndex={-1} className="text-balance font-bold text-xl outline-none">
					{title}
				</h1>
				<p className="text-muted">{text}</p>
				{children ?? (
					<Button look="quiet" onClick={() => goTo({ place: "chats" }, { replace: true })}>
						{words.sharing.link.toChats}
					</Button>
				)}
			</div>
		</div>
	);
}
